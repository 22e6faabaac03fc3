"""The web process: one event loop that serves everything that speaks HTTP.

How it ends is ours: aiohttp, told to shut down, reads no more of a body that is still coming, so
an upload of which a second is missing would be cut. So the process first stops listening, lets
what is under way end, and only then shuts down.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import resource
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from services.app import behind_proxies, create_app
from tongke import bootstrap, logs, telemetry
from tongke.cli.errors import AddressUnusable, PortTaken
from tongke.cli.https import tls_context
from tongke.cli.lines import BOUNDS, Bounds, Lines, asked
from tongke.cli.opening import require_schema
from tongke.settings import Settings

# Requests under way when a stop is asked for are given this long. A page needs less; an upload
# that needs more is cut at a durable byte, from which its client goes on by itself.
FINISH_LIMIT_S = 10.0
# Then whatever is left is cancelled, and has this long to clear up.
CUT_LIMIT_S = 2.0

# For many thousands of viewers.
MOST_FILES = 65_536

_log = structlog.get_logger("tongke.web")


class UnderWay:
    """The requests that are being answered, so that a stop can wait for them."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()
        self._lines = set[asyncio.Task[object]]()
        self._stopping = False

    async def end(self, limit_s: float) -> int:
        """Wait until none is left, at most so long; how many are. Lines close with their answer. A
        WebSocket has none to wait for, and its browser is back at the next process within a second:
        it is cut."""
        self._stopping = True
        for line in self._lines:
            line.cancel()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._none.wait(), limit_s)
        return self._count

    async def _upgraded(self, answering: Awaitable[web.StreamResponse]) -> web.StreamResponse:
        line = asyncio.current_task()
        assert line is not None
        self._lines.add(line)
        try:
            return await answering
        finally:
            self._lines.discard(line)

    def middleware(self) -> Middleware:
        @web.middleware
        async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.headers.get(hdrs.UPGRADE, "").lower() == "websocket":
                return await self._upgraded(handler(request))
            self._count += 1
            self._none.clear()
            try:
                response = await handler(request)
                if self._stopping:
                    response.force_close()
                return response
            finally:
                self._count -= 1
                if self._count == 0:
                    self._none.set()

        return count


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises the errors of `tongke.cli.errors`."""
    logs.configure(settings)
    telemetry.configure(settings, "web")
    allow_many_lines()
    require_schema(settings)
    with asyncio.Runner(loop_factory=_loop) as runner:
        runner.run(_serve(settings))
    telemetry.close()


def allow_many_lines() -> None:
    """Who watches a class has three lines, and systems give a process 1,024 files unless it asks
    for more of what it may have."""
    of_now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(MOST_FILES, most)
    if of_now != resource.RLIM_INFINITY and of_now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


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
async def _listening(
    app: web.Application, settings: Settings, bounds: Bounds = BOUNDS
) -> AsyncIterator[None]:
    """Listen while the block runs; then take nothing new, and finish what is under way."""
    under_way = UnderWay()
    # The outermost, so that nothing of a request is outside.
    app.middlewares[:0] = [under_way.middleware(), asked]
    runner = web.AppRunner(
        app,
        shutdown_timeout=CUT_LIMIT_S,
        # Nobody is worked for who has hung up: requests that are sent and dropped would pile up.
        # What must be done all the same is shielded, or in `services.http.afterwards`.
        handler_cancellation=True,
    )
    await runner.setup()
    lines = Lines(None if settings.trusted_proxies else bounds)
    watch = asyncio.create_task(lines.watch())
    try:
        listener = await _listen(lines, runner, settings)
        try:
            yield
        finally:
            listener.close()
        if cut := await under_way.end(FINISH_LIMIT_S):
            _log.info("requests-cut", count=cut)
    finally:
        watch.cancel()
        await runner.cleanup()


async def _listen(lines: Lines, runner: web.AppRunner, settings: Settings) -> asyncio.Server:
    assert runner.server is not None
    tls = tls_context(settings)
    try:
        return await lines.listen(runner.server, settings.host, settings.port, tls)
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
