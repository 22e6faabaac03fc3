"""The running service in a small world."""

from __future__ import annotations

import pytest
from pytest_aiohttp.plugin import AiohttpClient

from services.app import create_app
from tests.services.house import House, populate
from tongke.bootstrap import Ground


@pytest.fixture
async def house(ground: Ground, aiohttp_client: AiohttpClient) -> House:
    ids, tokens = await ground.database.write(populate)
    client = await aiohttp_client(create_app(ground))
    return House(ground, client, ids, tokens)
