"""The chunk stream (RTMP 1.0, 5.3): messages cut into chunks, and put together again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from tongke.live.boxes import DamagedStream
from tongke.live.wire import MOST_CHUNK_BYTES

SET_CHUNK_SIZE: Final = 1
ABORT: Final = 2

FIRST_CHUNK_SIZE: Final = 128
# The standard asks for no smaller one (5.4.1), and each chunk costs as much as a large one.
_LEAST_CHUNK_SIZE: Final = 128
# Sound, picture: some publishers send an empty one before the first. Each may be of one byte, so
# nothing else may be empty.
_MAY_BE_EMPTY: Final = (8, 9)
# The bytes of a message header by its format, without the extended time.
_HEADER_BYTES: Final = (11, 7, 3, 0)
_EXTENDED: Final = b"\xff\xff\xff"
# Publishers use half a dozen at most.
_MOST_CHUNK_STREAMS: Final = 32
# Messages are begun one or two at a time, a picture between whose chunks there is sound.
_MOST_BEGUN: Final = 2


@dataclass(frozen=True)
class Message:
    """`time_ms` is of the sender's own clock, and goes round after seven weeks."""

    type: int
    time_ms: int
    data: bytes
    stream: int = 0


@dataclass
class _ChunkStream:
    """What later chunks of it leave out."""

    type: int = -1
    stream: int = 0
    length: int = 0
    time_ms: int = 0
    # As it was sent last: a time, or how much later than the one before.
    step_ms: int = 0
    extended: bool = False
    body: bytearray = field(default_factory=bytearray)


class ChunkReader:
    """Bytes in, messages out. Chunk sizes and aborts are obeyed here; they are given out as well,
    since whoever counts messages counts them too."""

    def __init__(self, most_bytes: int = MOST_CHUNK_BYTES) -> None:
        # Of a message.
        self.most_bytes = most_bytes
        # Of all that are not finished.
        self._begun_bytes = 0
        self._buffer = bytearray()
        self._size = FIRST_CHUNK_SIZE
        self._streams: dict[int, _ChunkStream] = {}
        # Of all chunks so far.
        self.read_bytes = 0

    def feed(self, data: bytes) -> Iterator[Message]:
        """Raises DamagedStream."""
        self._buffer += data
        at = 0
        try:
            while (read := self._chunk(at)) is not None:
                self.read_bytes += read[0] - at
                at, message = read
                if message is not None:
                    self._obey(message)
                    yield message
        finally:
            del self._buffer[:at]

    def _chunk(self, at: int) -> tuple[int, Message | None] | None:
        """The chunk that begins there: where it ends, and the message that ends with it; None
        when there is not all of it."""
        if (basic := self._basic(at)) is None:
            return None
        at, layout, number = basic
        known = self._streams.get(number)
        if known is None:
            # Its first chunk leaves nothing out.
            if layout != 0 or len(self._streams) >= _MOST_CHUNK_STREAMS:
                raise DamagedStream
            known = _ChunkStream()
        header = bytes(self._buffer[at : at + _HEADER_BYTES[layout] + 4])
        at += _HEADER_BYTES[layout]
        extended = known.extended if layout == 3 else header[:3] == _EXTENDED
        at += 4 if extended else 0
        if len(self._buffer) < at:
            return None
        length = known.length if layout >= 2 else int.from_bytes(header[3:6], "big")
        took = min(self._size, length - len(known.body))
        if length > self.most_bytes or took < 0:
            raise DamagedStream
        if len(self._buffer) < at + took:
            return None
        if self._begun_bytes + took > _MOST_BEGUN * self.most_bytes:
            raise DamagedStream
        self._begun_bytes += took
        self._streams[number] = known
        if not known.body:
            self._begin(known, layout, header, extended)
        known.body += self._buffer[at : at + took]
        return at + took, self._ended(known)

    def _basic(self, at: int) -> tuple[int, int, int] | None:
        """Where the message header begins, its format, and the chunk stream's number (5.3.1.1)."""
        if len(self._buffer) <= at:
            return None
        first = self._buffer[at]
        more = {0: 1, 1: 2}.get(first & 63, 0)
        if len(self._buffer) < at + 1 + more:
            return None
        number = first & 63
        if more:
            number = 64 + int.from_bytes(self._buffer[at + 1 : at + 1 + more], "little")
        return at + 1 + more, first >> 6, number

    def _begin(self, known: _ChunkStream, layout: int, header: bytes, extended: bool) -> None:
        """Take the header of a message's first chunk (5.3.1.2)."""
        if layout != 3:
            step = int.from_bytes(header[:3], "big")
            if extended:
                began = _HEADER_BYTES[layout]
                step = int.from_bytes(header[began : began + 4], "big")
            known.step_ms, known.extended = step, extended
        if layout <= 1:
            known.length, known.type = int.from_bytes(header[3:6], "big"), header[6]
        if layout == 0:
            known.stream = int.from_bytes(header[7:11], "little")
            known.time_ms = known.step_ms
        else:
            known.time_ms = (known.time_ms + known.step_ms) % 2**32

    def _ended(self, known: _ChunkStream) -> Message | None:
        if len(known.body) < known.length:
            return None
        if not known.length and known.type not in _MAY_BE_EMPTY:
            raise DamagedStream
        data, known.body = bytes(known.body), bytearray()
        self._begun_bytes -= len(data)
        return Message(known.type, known.time_ms, data, known.stream)

    def _obey(self, message: Message) -> None:
        """Do what it says of chunks (5.4.1, 5.4.2)."""
        if message.type not in (SET_CHUNK_SIZE, ABORT):
            return
        number = int.from_bytes(message.data[:4], "big")
        if message.type == ABORT:
            if (ended := self._streams.get(number)) is not None:
                self._begun_bytes -= len(ended.body)
                ended.body.clear()
        elif len(message.data) < 4 or not _LEAST_CHUNK_SIZE <= number < 2**31:
            raise DamagedStream
        else:
            self._size = number


def encode(message: Message, chunk_stream: int) -> bytes:
    """A message of ours, in chunks of the size that holds where none was told.

    Args:
        chunk_stream: 2 for control messages, 3 to 63 for others.
    """
    header = (
        bytes([chunk_stream])
        + message.time_ms.to_bytes(3, "big")
        + len(message.data).to_bytes(3, "big")
        + bytes([message.type])
        + message.stream.to_bytes(4, "little")
    )
    parts = [
        message.data[at : at + FIRST_CHUNK_SIZE]
        for at in range(0, len(message.data), FIRST_CHUNK_SIZE)
    ]
    return header + bytes([0xC0 | chunk_stream]).join(parts)
