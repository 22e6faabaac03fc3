"""The service as recording appliances find it."""

from __future__ import annotations

import socket

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from tests.services.house import House
from tests.services.live.ingest import appliance


@pytest.fixture
async def door(house: House, aiohttp_client: AiohttpClient) -> House:
    """The service with its door for appliances open, and the rooms of a class."""
    await house.client.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        house.ground.settings.rtmp_port = probe.getsockname()[1]
    house.client = await aiohttp_client(create_app(house.ground))
    await house.ground.database.write(appliance.rooms)
    return house
