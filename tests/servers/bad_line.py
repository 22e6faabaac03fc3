"""A bad line: a TCP proxy that delays, is narrow, loses now and then, and can be cut.

Loss is shown as what it is to those above TCP: the piece that was lost comes a retransmission
later, and everything behind it waits.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

# What a segment of TCP carries on Ethernet.
PIECE_BYTES = 1448
# Linux's least retransmission timeout; fast retransmit takes a round trip, which is no less here.
RETRANSMISSION_MS = 200.0


@dataclass(frozen=True)
class Shape:
    """Of each direction; `bits_s` None is as wide as it comes."""

    delay_ms: float = 0.0
    loss: float = 0.0
    bits_s: float | None = None


@dataclass
class Line:
    """Lines through one port to another, all of one shape."""

    target: int
    shape: Shape
    port: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _carried: set[asyncio.Task[None]] = field(default_factory=set)
    _is_cut: bool = False
    # When each direction has sent what it was given: they share one line.
    _free_at: dict[str, float] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=lambda: random.Random(1))

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def cut(self) -> None:
        """Nothing comes through, and what was open is broken."""
        self._is_cut = True
        for writer in list(self._open):
            writer.transport.abort()

    def restore(self) -> None:
        self._is_cut = False

    def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection has come."""
        task = asyncio.create_task(self._carry(reader, writer))
        self._carried.add(task)
        task.add_done_callback(self._carried.discard)

    async def end(self) -> None:
        """Nothing is carried any more."""
        self.cut()
        await asyncio.gather(*self._carried, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        with suppress(OSError):
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
            both = {writer, there_writer}
            self._open |= both
            try:
                async with asyncio.TaskGroup() as directions:
                    directions.create_task(self._copy("up", reader, there_writer))
                    directions.create_task(self._copy("down", there_reader, writer))
            finally:
                self._open -= both
                for each in both:
                    each.close()

    async def _copy(
        self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(4096)
        sending = asyncio.create_task(self._send(pieces, writer))
        arrived = 0.0
        with suppress(OSError):
            while data := await reader.read(PIECE_BYTES):
                # In their order: what waits for a lost piece arrives with it.
                arrived = max(arrived, await self._arrival(way, len(data)))
                await pieces.put((arrived, data))
        await pieces.put((arrived, b""))
        await sending

    async def _arrival(self, way: str, size: int) -> float:
        """When a piece arrives; waits until the line has taken it."""
        loop = asyncio.get_running_loop()
        leaves = loop.time()
        if self.shape.bits_s is not None:
            leaves = max(leaves, self._free_at.get(way, 0.0)) + size * 8 / self.shape.bits_s
            self._free_at[way] = leaves
            await asyncio.sleep(max(0.0, leaves - loop.time()))
        late_ms = self.shape.delay_ms
        while self._chance.random() < self.shape.loss:
            late_ms += max(RETRANSMISSION_MS, 2 * self.shape.delay_ms)
        return leaves + late_ms / 1000

    async def _send(
        self, pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            while True:
                arrives, data = await pieces.get()
                await asyncio.sleep(max(0.0, arrives - loop.time()))
                if not data:
                    writer.write_eof()
                    return
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def line(target: int, shape: Shape | None = None) -> AsyncIterator[Line]:
    """A line to a port of this machine."""
    made = Line(target, shape or Shape())
    server = await asyncio.start_server(made.carry, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.end()
