"""What a publisher asks for over RTMP, and what it is answered (RTMP 1.0, 5.2 and 7.2).

A service that takes and gives nothing back: who asks to play is refused.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tongke.live.boxes import DamagedStream
from tongke.live.rtmp import amf
from tongke.live.rtmp.chunks import ChunkReader, Message, encode
from tongke.live.wire import MOST_CHUNK_BYTES

APPLICATION: Final = "live"

SOUND: Final = 8
PICTURE: Final = 9
_ACKNOWLEDGED: Final = 3
_WINDOW: Final = 5
_BANDWIDTH: Final = 6
_AMF3_COMMAND: Final = 17
_COMMAND: Final = 20

_VERSION: Final = 3
_HANDSHAKE_BYTES: Final = 1536
_CONTROL_STREAM: Final = 2
_COMMAND_STREAM: Final = 3
_MEDIA_STREAM: Final = 1
# A publisher waits for an acknowledgement each time it has sent so much.
_WINDOW_BYTES: Final = 2_500_000
# Commands have some hundred bytes; more is not kept for whoever has not shown a key.
_MOST_COMMAND_BYTES: Final = 16 * 1024
# Until it has shown one it says a dozen things. Anybody can connect, and everybody waits meanwhile.
_MOST_MESSAGES_BEFORE: Final = 100
_MOST_BYTES_BEFORE: Final = 64 * 1024
# Some milliseconds' work.
_MESSAGES_AT_ONCE: Final = 200
_DYNAMIC: Final = 2


@dataclass(frozen=True)
class Asked:
    """It wants to publish under a key; answer with `accept` or `refuse`."""

    key: str


@dataclass(frozen=True)
class Media:
    """A picture or sound (`PICTURE`, `SOUND`) of a stream that was accepted, as in FLV."""

    type: int
    time_ms: int
    data: bytes


@dataclass(frozen=True)
class Over:
    """It has ended the stream by itself, or asks for what is not given here."""


@dataclass(frozen=True)
class Pause:
    """Many messages have been read: let others have a turn before the next."""


Event = Asked | Media | Over | Pause


class Dialogue:
    """One connection. `output` is what has to be sent; whoever sends it clears it."""

    def __init__(self) -> None:
        self.output = bytearray()
        self._reader = ChunkReader(_MOST_COMMAND_BYTES)
        self._greeting = bytearray()
        self._greeted = 0
        self._received = self._messages = 0
        self._acknowledged = 0
        self._accepted = False

    def feed(self, data: bytes) -> Iterator[Event]:
        """Raises DamagedStream."""
        self._received += len(data)
        if self._received - self._acknowledged >= _WINDOW_BYTES:
            self._acknowledged = self._received
            self._control(_ACKNOWLEDGED, (self._received % 2**32).to_bytes(4, "big"))
        for message in self._reader.feed(self._greet(data)):
            self._count()
            yield from self._take(message)
            if self._messages % _MESSAGES_AT_ONCE == 0:
                yield Pause()

    def accept(self) -> None:
        """Media is taken from now on."""
        self._accepted = True
        self._reader.most_bytes = MOST_CHUNK_BYTES
        self._say_status("status", "NetStream.Publish.Start", "Go ahead")

    def refuse(self, why: str) -> None:
        self._say_status("error", "NetStream.Publish.BadName", why)

    def _count(self) -> None:
        self._messages += 1
        if self._accepted:
            return
        if self._messages > _MOST_MESSAGES_BEFORE or self._reader.read_bytes > _MOST_BYTES_BEFORE:
            raise DamagedStream

    def _greet(self, data: bytes) -> bytes:
        """What follows the handshake (5.2). Its digests are for players of Flash."""
        if self._greeted == 2:
            return data
        self._greeting += data
        first = 1 + _HANDSHAKE_BYTES
        if self._greeting and self._greeting[0] != _VERSION:
            raise DamagedStream
        if self._greeted == 0 and len(self._greeting) >= first:
            self._greeted = 1
            own = bytes(8) + secrets.token_bytes(_HANDSHAKE_BYTES - 8)
            self.output += bytes([_VERSION]) + own + self._greeting[1:first]
        if self._greeted == 0 or len(self._greeting) < first + _HANDSHAKE_BYTES:
            return b""
        self._greeted = 2
        rest = bytes(self._greeting[first + _HANDSHAKE_BYTES :])
        self._greeting.clear()
        return rest

    def _take(self, message: Message) -> Iterator[Event]:
        if message.type in (SOUND, PICTURE):
            if self._accepted and message.data:
                yield Media(message.type, message.time_ms, message.data)
        elif message.type == _COMMAND:
            yield from self._command(message.data)
        elif message.type == _AMF3_COMMAND:
            # The same behind a byte that says so.
            yield from self._command(message.data[1:])

    def _command(self, data: bytes) -> Iterator[Event]:
        name, number, *more = [*amf.decode(data), None, None][:5]
        number = number if isinstance(number, float) else 0.0
        if name == "connect":
            yield from self._connect(number, more)
        elif name == "createStream":
            self._command_out("_result", number, None, float(_MEDIA_STREAM))
        elif name == "publish":
            # Behind a question mark some appliances say how they encode.
            key = more[1] if len(more) > 1 and isinstance(more[1], str) else ""
            yield Asked(key.partition("?")[0])
        elif name in ("deleteStream", "closeStream", "FCUnpublish", "play", "play2"):
            yield Over()

    def _connect(self, number: float, more: list[amf.Value]) -> Iterator[Event]:
        asked = more[0] if more and isinstance(more[0], dict) else {}
        application = asked.get("app")
        if not isinstance(application, str) or application.strip("/") != APPLICATION:
            self._command_out(
                "_error", number, None, _status("error", "NetConnection.Connect.Rejected", "/live/")
            )
            yield Over()
            return
        window = _WINDOW_BYTES.to_bytes(4, "big")
        self._control(_WINDOW, window)
        self._control(_BANDWIDTH, window + bytes([_DYNAMIC]))
        about: dict[str, str | float] = {"fmsVer": "FMS/3,0,1,123", "capabilities": 31.0}
        said = _status("status", "NetConnection.Connect.Success", "Connected")
        self._command_out("_result", number, about, said)

    def _say_status(self, level: str, code: str, description: str) -> None:
        said = _status(level, code, description)
        self._command_out("onStatus", 0.0, None, said, stream=_MEDIA_STREAM)

    def _command_out(
        self, *values: str | float | Mapping[str, str | float] | None, stream: int = 0
    ) -> None:
        message = Message(_COMMAND, 0, amf.encode(*values), stream)
        self.output += encode(message, _COMMAND_STREAM)

    def _control(self, kind: int, data: bytes) -> None:
        self.output += encode(Message(kind, 0, data), _CONTROL_STREAM)


def _status(level: str, code: str, description: str) -> dict[str, str | float]:
    return {"level": level, "code": code, "description": description}
