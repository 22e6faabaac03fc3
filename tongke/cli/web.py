"""The web process: one event loop that serves everything that speaks HTTP."""

from __future__ import annotations

import asyncio
import errno
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from services.app import behind_proxies, create_app
from tongke import bootstrap, logs
from tongke.cli.errors import AddressUnusable, PortTaken
from tongke.cli.https import tls_context
from tongke.cli.opening import require_schema
from tongke.settings import Settings

# Requests under way when a stop is asked for are given this long. A page needs less; an upload
# that needs more is cut at a durable byte, from which its client goes on by itself.
FINISH_LIMIT_S = 10.0
# Longer than nginx and most balancers keep an idle line, so that it is they who close it.
KEEPALIVE_S = 75.0

_log = structlog.get_logger("tongke.web")


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises the errors of `tongke.cli.errors`."""
    logs.configure(settings)
    require_schema(settings)
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ground = bootstrap.build(settings)
    try:
        app = create_app(ground)
        await behind_proxies(app, settings.trusted_proxies)
        async with _listening(app, settings):
            _log.info("serving", url=settings.url)
            await stop.wait()
            _log.info("stopping")
    finally:
        await ground.close()


@asynccontextmanager
async def _listening(app: web.Application, settings: Settings) -> AsyncIterator[None]:
    """Listen while the block runs; then take nothing new, and finish what is under way."""
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=FINISH_LIMIT_S, keepalive_timeout=KEEPALIVE_S
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, ssl_context=tls_context(settings))
        await _start(site, settings)
        yield
    finally:
        await runner.cleanup()


async def _start(site: web.TCPSite, settings: Settings) -> None:
    try:
        await site.start()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port=settings.port, other=settings.port + 1) from error
        raise AddressUnusable(
            host=settings.host, port=settings.port, reason=error.strerror or error
        ) from error


def _loop() -> asyncio.AbstractEventLoop:
    """uvloop, where it exists."""
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()
