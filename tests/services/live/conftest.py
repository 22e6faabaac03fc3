"""A class on several web processes."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp.test_utils import TestClient, TestServer

from services.app import behind_proxies, create_app
from services.live.carrying import lease
from tests.servers.ports import free_port
from tests.services.house import House
from tongke import bootstrap

Node = Callable[[], Awaitable[House]]


@pytest.fixture
async def node(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Node]:
    """Begins another web process of the house, which the others know by its address."""
    monkeypatch.setattr(lease, "RENEWED_EVERY_S", 0.3)
    async with contextlib.AsyncExitStack() as stack:

        async def begin() -> House:
            port = free_port()
            settings = house.ground.settings.model_copy(
                update={"node_url": f"http://127.0.0.1:{port}", "port": port}
            )
            ground = bootstrap.build(settings)
            stack.push_async_callback(ground.close)
            app = create_app(ground)
            await behind_proxies(app, ["127.0.0.0/8"])
            client = TestClient(TestServer(app, port=port), headers={"X-Forwarded-For": "10.0.0.9"})
            client._session.headers["X-Forwarded-Proto"] = "http"
            await stack.enter_async_context(client)
            return House(ground, client, house.ids, house.secrets)

        yield begin
