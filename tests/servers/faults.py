"""A proxy before a real server that can be told to be slow, refuse, cut a line, or say nothing.

It runs on the event loop of the test, so whoever speaks through it must not block that loop:

    async with FaultProxy("127.0.0.1", 8333) as proxy:
        proxy.answer(503, times=2)              # the next two requests (HTTP only)
        proxy.cut_request(after_bytes=1000)     # the next client loses its line while sending
        proxy.cut_answer(after_bytes=1000)      # ... while reading
        proxy.latency_s = 0.2                   # before every request from now on
        proxy.skew = timedelta(hours=1)         # the time that S3 requests say they are of
        proxy.hold()                            # a black hole, until `release()`

With `http` each request travels on a line of its own (`Connection: close`), so that faults fall
on single requests. Without it a fault falls on a line, of whatever protocol.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType

CHUNK_BYTES = 16 * 1024
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_SIGNED_AT = re.compile(rb"(\r\nx-amz-date: *)(\w+)", re.IGNORECASE)
# "Date" of AWS Signature Version 4.
_SIGNED_FORM = "%Y%m%dT%H%M%SZ"
_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """This status instead of the server's."""

    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Cut:
    """Both lines are reset after so many bytes of the body: of the request, or of the answer."""

    after_bytes: int
    of_request: bool


class LineCut(Exception):
    """The fault that was asked for."""


class FaultProxy:
    """`address` is host:port; `requests` counts the first lines that were seen."""

    def __init__(self, host: str, port: int, *, http: bool = True) -> None:
        self.latency_s = 0.0
        self.skew = timedelta()
        self.requests: list[str] = []
        self._upstream = (host, port)
        self._http = http
        self._faults: deque[tuple[Callable[[str], bool], Answer | Cut]] = deque()
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    # What it is told

    def answer(self, status: int, times: int = 1, *, body: bytes = b"", only: str = "") -> None:
        """Answer so, and do not ask the server. `only` is text of the request line."""
        self._add(Answer(status, body), times, only)

    def cut_request(self, after_bytes: int, times: int = 1, *, only: str = "") -> None:
        self._add(Cut(after_bytes, of_request=True), times, only)

    def cut_answer(self, after_bytes: int, times: int = 1, *, only: str = "") -> None:
        """`after_bytes` counts the head of an HTTP answer too: 0 loses the whole answer."""
        self._add(Cut(after_bytes, of_request=False), times, only)

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def clear(self) -> None:
        """Faults that were not used up are forgotten."""
        self._faults.clear()

    async def idle(self) -> None:
        """Wait until no request is under way, those included whose client has gone."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def left(self) -> int:
        """Faults that nobody has met yet."""
        return len(self._faults)

    @property
    def address(self) -> str:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return f"127.0.0.1:{port}"

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # How

    def _add(self, fault: Answer | Cut, times: int, only: str) -> None:
        self._faults.extend([(lambda line: only in line, fault)] * times)

    def _fault_for(self, line: str) -> Answer | Cut | None:
        for found in self._faults:
            matches, fault = found
            if matches(line):
                self._faults.remove(found)
                return fault
        return None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._pass_on(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, LineCut, asyncio.IncompleteReadError):
            pass  # a client that goes away, or a line that is cut, is what this is for
        finally:
            writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(_HEAD_END) if self._http else b""
        line = head.partition(b"\r\n")[0].decode("latin-1")
        self.requests.append(line)
        await asyncio.sleep(self.latency_s)
        await self._open.wait()
        fault = self._fault_for(line)
        if isinstance(fault, Answer):
            # To the end, or closing the line would reset it before the answer is read.
            await reader.readexactly(_body_bytes(head))
            writer.write(_written(fault))
            return
        up_reader, up_writer = await asyncio.open_connection(*self._upstream)
        try:
            up_writer.write(_on_its_own(_skewed(head, self.skew)))
            await _both_ways(
                self._pump(reader, up_writer, fault, of_request=True),
                self._pump(up_reader, writer, fault, of_request=False),
            )
        finally:
            up_writer.transport.abort()

    async def _pump(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        fault: Cut | None,
        *,
        of_request: bool,
    ) -> None:
        left = fault.after_bytes if fault and fault.of_request == of_request else None
        while chunk := await source.read(CHUNK_BYTES):
            await self._open.wait()
            if left is not None:
                chunk = chunk[:left]
                left -= len(chunk)
            target.write(chunk)
            await target.drain()
            if left == 0:
                raise LineCut
        target.write_eof()


async def _both_ways(
    request: Coroutine[None, None, None], answer: Coroutine[None, None, None]
) -> None:
    """Until the answer has ended, or one of them failed."""
    sending, receiving = asyncio.create_task(request), asyncio.create_task(answer)
    try:
        await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
        if not receiving.done():
            sending.result()
        await receiving
    finally:
        for task in (sending, receiving):
            task.cancel()
        await asyncio.gather(sending, receiving, return_exceptions=True)


def _written(answer: Answer) -> bytes:
    return (
        b"HTTP/1.1 %d Fault\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%b" % (answer.status, len(answer.body), answer.body)
    )


def _body_bytes(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


def _skewed(head: bytes, skew: timedelta) -> bytes:
    """The head of an S3 request, signed so much later as the store reads it."""

    def moved(found: re.Match[bytes]) -> bytes:
        at = datetime.strptime(found[2].decode(), _SIGNED_FORM).replace(tzinfo=UTC)
        return found[1] + (at + skew).strftime(_SIGNED_FORM).encode()

    return _SIGNED_AT.sub(moved, head) if skew else head


def _on_its_own(head: bytes) -> bytes:
    """The head of a request that asks for the line to be closed after the answer."""
    if not head:
        return b""
    line, _, rest = _CONNECTION.sub(b"", head).partition(b"\r\n")
    return line + b"\r\nConnection: close\r\n" + rest
