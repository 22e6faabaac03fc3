"""What nginx bounds, the web process does where none stands before it: the lines of one address,
and those whose answers nobody reads. With real sockets, on the loop that serves."""

from __future__ import annotations

import asyncio
import functools
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec

import pytest
import uvloop
from aiohttp import ClientSession, web

from tests.waiting import LIMIT_S, Stopwatch, until_true
from tongke.cli import lines
from tongke.cli.certificates import Issued, issue
from tongke.cli.lines import KEEPALIVE_S, UNSENT_BYTES, Bounds
from tongke.cli.web import _listening
from tongke.settings import Settings

P = ParamSpec("P")

# Who moves at all has moved from one of so many looks to another, on a busy machine too.
QUICK = Bounds(of_one_address=100, handshake_s=1.0, look_every_s=0.1, unread_looks=20)
CHUNK = bytes(64 * 1024)
# More than a slow reader takes while the test goes on.
LONG_BYTES = 512 * len(CHUNK)
# As packets are outside. On a machine's way to itself they are so large that the window of a slow
# reader stays shut for long.
PACKET_BYTES = 1448


def on_uvloop(test: Callable[P, Coroutine[None, None, None]]) -> Callable[P, None]:
    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(test(*args, **kwargs))

    return run


@pytest.fixture
def settings(tmp_path: Path, port: int) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, port=port)


def with_tls(settings: Settings, issued: Issued) -> Settings:
    files = {"tls_cert": issued.certificate, "tls_key": issued.key}
    return settings.model_copy(update=files)


class House:
    """An answer of each kind."""

    def __init__(self) -> None:
        self.written = 0
        self.cut, self.news = asyncio.Event(), asyncio.Event()
        self.told, self.uploading = asyncio.Event(), asyncio.Event()
        self.held = 0
        self.app = web.Application()
        self.app.router.add_get("/endless", self._endless)
        self.app.router.add_get("/long", self._long)
        self.app.router.add_get("/short", self._short)
        self.app.router.add_get("/held", self._held)
        self.congestion = b""
        self.app.router.add_get("/congestion", self._congestion)
        self.app.router.add_get("/socket", self._socket)
        self.app.router.add_post("/upload", self._upload)

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(CHUNK)
                self.written += len(CHUNK)
        finally:
            self.cut.set()

    async def _long(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = LONG_BYTES
        await response.prepare(request)
        for _ in range(LONG_BYTES // len(CHUNK)):
            await response.write(CHUNK)
        return response

    async def _short(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(CHUNK)
        self.told.set()
        return response

    async def _congestion(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        wire = request.transport.get_extra_info("socket")
        told = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
        self.congestion = told.rstrip(b"\0")
        return web.Response(text="told")

    async def _held(self, _: web.Request) -> web.Response:
        self.held += 1
        try:
            await self.news.wait()
        finally:
            self.held -= 1
        return web.Response(text="news")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse()
        await line.prepare(request)
        await line.send_str(await line.receive_str())
        return line

    async def _upload(self, request: web.Request) -> web.Response:
        size = 0
        async for chunk in request.content.iter_any():
            size += len(chunk)
            self.uploading.set()
        return web.Response(text=str(size))


@pytest.fixture
def house() -> House:
    return House()


@contextmanager
def asking(port: int, path: str, packet: int | None = PACKET_BYTES) -> Iterator[socket.socket]:
    """A line on which something is asked; what comes is read by the test, or by nobody."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        if packet is not None:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, packet)
        line.connect(("127.0.0.1", port))
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield line


async def is_answered(port: int, path: str = "/short") -> bool:
    """Whether a new line is let in."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            return bool(await reader.read(1))
        finally:
            writer.close()
    except ConnectionError:
        return False


@on_uvloop
async def test_who_reads_nothing_is_cut_and_little_was_kept_for_them(
    house: House, settings: Settings, port: int
) -> None:
    async with _listening(house.app, settings, QUICK), asyncio.timeout(LIMIT_S):
        # Of large packets the kernel, left to itself, takes megabytes at once.
        with asking(port, "/endless", packet=None):
            await house.cut.wait()
    assert house.written < UNSENT_BYTES + 6 * len(CHUNK)


@on_uvloop
async def test_over_https_it_is_the_same(house: House, settings: Settings, port: int) -> None:
    issued = issue(settings.data_dir / "tls", ["localhost"])
    trusting = ssl.create_default_context(cafile=issued.authority)
    async with _listening(house.app, with_tls(settings, issued), QUICK), asyncio.timeout(LIMIT_S):
        _, writer = await asyncio.open_connection("localhost", port, ssl=trusting)
        # Its reader stops when it has a little.
        writer.write(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await house.cut.wait()
        writer.transport.abort()


@on_uvloop
async def test_an_answer_that_lies_unread_in_the_kernel_is_cut_too(
    house: House, settings: Settings, port: int
) -> None:
    """The web process is done with it, so that nothing else would end the line before its time."""
    one = replace(QUICK, of_one_address=1)
    async with _listening(house.app, settings, one), asyncio.timeout(LIMIT_S):
        with asking(port, "/short"):
            await house.told.wait()
            passed = Stopwatch()

            async def has_ended() -> bool:
                assert passed.seconds() < KEEPALIVE_S / 2
                return await is_answered(port)

            await until_true(has_ended)


@on_uvloop
async def test_who_is_slow_or_has_nothing_to_read_stays(
    house: House, settings: Settings, port: int
) -> None:
    """As long as it takes that another, who came last and reads nothing, is cut."""
    go_on = asyncio.Event()

    async def halting() -> AsyncIterator[bytes]:
        yield b"first"
        await go_on.wait()
        yield b"last"

    async with (
        _listening(house.app, settings, QUICK),
        asyncio.timeout(LIMIT_S),
        ClientSession(f"http://127.0.0.1:{port}") as session,
    ):
        idle = await session.ws_connect("/socket")
        waiting = asyncio.create_task(session.get("/held"))
        upload = asyncio.create_task(session.post("/upload", data=halting()))
        await until_true(lambda: house.held)
        await house.uploading.wait()
        with asking(port, "/long") as slow, asking(port, "/endless"):
            hurry = threading.Event()
            download = asyncio.create_task(asyncio.to_thread(read_slowly, slow, hurry))
            await house.cut.wait()
            hurry.set()
            assert await download >= LONG_BYTES
        await idle.send_str("here")
        assert await idle.receive_str() == "here"
        house.news.set()
        assert await (await waiting).text() == "news"
        go_on.set()
        assert await (await upload).text() == str(len(b"firstlast"))


def read_slowly(line: socket.socket, hurry: threading.Event) -> int:
    """How many bytes came, of the answer's head and of its body."""
    line.settimeout(LIMIT_S)
    size = 0
    while size < LONG_BYTES and (got := line.recv(4 * PACKET_BYTES)):
        size += len(got)
        if not hurry.is_set():
            time.sleep(0.05)
    return size


async def congestion_of(house: House, settings: Settings, port: int) -> bytes:
    """What a line is sent by."""
    async with _listening(house.app, settings, QUICK), asyncio.timeout(LIMIT_S):
        assert await is_answered(port, "/congestion")
    return house.congestion


@on_uvloop
async def test_how_much_is_on_its_way_is_not_left_to_what_the_system_has(
    house: House, settings: Settings, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What every kernel has, and none uses by itself.
    monkeypatch.setattr(lines, "CONGESTION", b"reno")
    assert await congestion_of(house, settings, port) == b"reno"


@on_uvloop
async def test_where_the_kernel_has_nothing_better_it_stays_as_it_is(
    house: House, settings: Settings, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "CONGESTION", b"none-such")
    assert await congestion_of(house, settings, port)


@on_uvloop
async def test_an_address_has_so_many_lines(house: House, settings: Settings, port: int) -> None:
    two = replace(QUICK, of_one_address=2)
    async with _listening(house.app, settings, two), asyncio.timeout(LIMIT_S):
        with asking(port, "/held"):
            with asking(port, "/held"):
                await until_true(lambda: house.held == 2, what="both are asked something")
                assert not await is_answered(port)
            await until_true(lambda: is_answered(port), what="who hung up makes room")


@on_uvloop
async def test_a_line_on_which_nothing_goes_on_gives_way(
    house: House, settings: Settings, port: int
) -> None:
    """Browsers keep some: hundreds of people would else be more than one address may have."""
    two = replace(QUICK, of_one_address=2)
    async with (
        _listening(house.app, settings, two),
        asyncio.timeout(LIMIT_S),
        ClientSession(f"http://127.0.0.1:{port}") as kept,
    ):
        with asking(port, "/held"):
            await until_true(lambda: house.held)
            await (await kept.get("/short")).read()
            for _ in range(3):
                assert await is_answered(port)
            assert house.held == 1


@on_uvloop
async def test_all_lines_of_a_proxy_are_of_one_address(
    house: House, settings: Settings, port: int
) -> None:
    proxied = settings.model_copy(update={"trusted_proxies": ["127.0.0.1/32"]})
    one = replace(QUICK, of_one_address=1)
    async with _listening(house.app, proxied, one), asyncio.timeout(LIMIT_S):
        with asking(port, "/held"):
            await until_true(lambda: house.held)
            with asking(port, "/held"):
                await until_true(lambda: house.held == 2, what="more than one is let in")


@on_uvloop
async def test_who_does_not_greet_is_cut(house: House, settings: Settings, port: int) -> None:
    """Before its greeting, a line of HTTPS counts for nobody."""
    issued = issue(settings.data_dir / "tls", ["localhost"])
    async with _listening(house.app, with_tls(settings, issued), QUICK):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        ended = asyncio.create_task(reader.read())
        passed = Stopwatch()

        def has_ended() -> bool:
            # The loop itself would give it a minute.
            assert passed.seconds() < 30
            return ended.done()

        await until_true(has_ended)
        writer.close()
