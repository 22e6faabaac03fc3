"""How much of nginx one address may have at once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.test_utils import TestServer

from tests.servers import nginx as nginx_server
from tests.servers.process import Missing, or_skip, short_folder
from tests.waiting import until_true

CONNECTIONS = 3
ONE, OTHER = "127.0.0.1", "127.0.0.2"


class Held:
    """A service that answers when it is let."""

    def __init__(self) -> None:
        self.begun = 0
        self.let = asyncio.Event()

    async def answer(self, _request: web.Request) -> web.Response:
        self.begun += 1
        await self.let.wait()
        return web.Response(text="page")

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/held", self.answer)
        return app


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
async def url(held: Held) -> AsyncIterator[str]:
    """Of an nginx before the service, that gives an address few connections."""
    folder = short_folder("nginx-limits")
    async with TestServer(held.app()) as service:
        upstream = f"127.0.0.1:{service.port}"
        try:
            running = nginx_server.start(folder, (upstream,), connections=CONNECTIONS)
        except Missing as missing:
            or_skip(missing)
        with running.server:
            yield running.url
    shutil.rmtree(folder)


async def test_one_address_has_so_many_connections_and_another_has_its_own(
    held: Held, url: str
) -> None:
    async with AsyncExitStack() as stack:

        async def of(address: str) -> ClientSession:
            line = TCPConnector(local_addr=(address, 0), limit=0)
            return await stack.enter_async_context(ClientSession(url, connector=line))

        async def ask(client: ClientSession, **claimed: str) -> tuple[int, str]:
            async with client.get("/held", headers=claimed) as response:
                return response.status, await response.text()

        one, other = await of(ONE), await of(OTHER)
        asked = [asyncio.create_task(ask(one)) for _ in range(CONNECTIONS)]
        await until_true(lambda: held.begun == CONNECTIONS, what="all it may have are taken")
        # Whatever it says of itself: nobody is trusted to name another address here.
        for claimed in ({}, {"X-Forwarded-For": "198.51.100.7"}):
            status, said = await ask(one, **claimed)
            assert status == 429
            assert "请等几秒钟再试" in said
        asked += [asyncio.create_task(ask(other)) for _ in range(CONNECTIONS)]
        await until_true(lambda: held.begun == 2 * CONNECTIONS, what="the other has as many")
        held.let.set()
        assert await asyncio.gather(*asked) == [(200, "page")] * 2 * CONNECTIONS
        assert await ask(one) == (200, "page")
