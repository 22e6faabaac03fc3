"""A real nginx for the whole run; each test puts its own web process behind it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import ClientSession, DummyCookieJar, web

from services.app import behind_proxies, create_app
from tests.deploy.front import Front
from tests.servers import nginx as nginx_server
from tests.servers.ports import free_port
from tests.servers.process import Missing, or_skip, short_folder
from tests.services.house import House, populate
from tongke.bootstrap import Ground

# The shortest that nginx takes; the service's own is in `tongke.cli.nginx.proxy`.
HEADER_LIMIT_S = 1
# The service's own is many times that, and a test would wait as long.
CLASS_RIGHT_KEPT_S = 4

Serve = Callable[[web.Application], Awaitable[None]]


@pytest.fixture(scope="session")
def nginx() -> Iterator[Front]:
    folder = short_folder("nginx")
    port = free_port()
    try:
        running = nginx_server.start(
            folder,
            (f"127.0.0.1:{port}",),
            header_limit_s=HEADER_LIMIT_S,
            class_right_kept_s=CLASS_RIGHT_KEPT_S,
        )
    except Missing as missing:
        or_skip(missing)
    with running.server:
        yield Front(running, port)
    shutil.rmtree(folder)


@asynccontextmanager
async def _serving(app: web.Application, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield
    finally:
        await runner.cleanup()


@pytest.fixture
async def serve(nginx: Front) -> AsyncIterator[Serve]:
    """Puts an application behind nginx until the test ends."""
    async with AsyncExitStack() as stack:

        async def put(app: web.Application) -> None:
            await stack.enter_async_context(_serving(app, nginx.upstream_port))

        yield put


@pytest.fixture
async def browser(nginx: Front) -> AsyncIterator[ClientSession]:
    """A client of nginx that keeps no cookies but those it is given."""
    async with ClientSession(nginx.url, cookie_jar=DummyCookieJar()) as client:
        yield client


@pytest.fixture
async def house(ground: Ground, serve: Serve, browser: ClientSession) -> House:
    """The service behind nginx, which it trusts, and the people of the small province."""
    ids, tokens = await ground.database.write(populate)
    app = create_app(ground)
    await behind_proxies(app, ["127.0.0.0/8"])
    await serve(app)
    return House(ground, browser, ids, tokens)  # type: ignore[arg-type]
