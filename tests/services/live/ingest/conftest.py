"""The service as recording appliances find it."""

from __future__ import annotations

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from tests.servers.ports import free_port
from tests.services.house import House
from tests.services.live.ingest import appliance


@pytest.fixture
async def door(house: House, aiohttp_client: AiohttpClient) -> House:
    """The service with its door for appliances open, and the rooms of a class."""
    await house.client.close()
    house.ground.settings.rtmp_port = free_port()
    house.client = await aiohttp_client(create_app(house.ground))
    await house.ground.database.write(appliance.rooms)
    return house
