"""What a publishing browser sends: one binary message for each coded picture or frame of sound.

    byte 0      version, 1
    byte 1      track: 1 picture, 2 sound
    byte 2      flags: 1 keyframe, 2 sent again after a break
    byte 3      stream: counts up whenever the encoders are configured anew
    bytes 4–7   number of the chunk, from 1, over all tracks of a lesson
    bytes 8–15  when it was captured, in microseconds of the lesson's clock
    bytes 16–19 how long it lasts in microseconds; 0 when only the next one tells
    bytes 20–   the coded data (H.264 as in avcC, Opus packets)

All numbers are big-endian. A configuration (JSON) comes before the first chunk of its stream. The
browser keeps every chunk until it is told that it is durable, and sends it again after a break.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tongke.live.boxes import DamagedStream
from tongke.live.tracks import OpusTrack, VideoTrack

VERSION: Final = 1
HEADER: Final = struct.Struct(">4BIQI")
# A keyframe of 1080p at a lesson's rate is some 200 kB.
MOST_CHUNK_BYTES: Final = 4 * 2**20

_KEYFRAME: Final = 1
_SENT_AGAIN: Final = 2


class ChunkTrack(IntEnum):
    PICTURE = 1
    SOUND = 2


_TRACKS: Final = frozenset(track.value for track in ChunkTrack)


@dataclass(frozen=True)
class Chunk:
    """One coded picture or frame of sound."""

    track: ChunkTrack
    stream: int
    number: int
    at_us: int
    duration_us: int
    data: bytes
    keyframe: bool = False
    sent_again: bool = False

    def encode(self) -> bytes:
        flags = (_KEYFRAME if self.keyframe else 0) | (_SENT_AGAIN if self.sent_again else 0)
        head = (VERSION, self.track, flags, self.stream, self.number, self.at_us, self.duration_us)
        return HEADER.pack(*head) + self.data


def decode(message: bytes) -> Chunk:
    """Raises DamagedStream."""
    if not HEADER.size < len(message) <= MOST_CHUNK_BYTES:
        raise DamagedStream
    version, track, flags, stream, number, at_us, duration_us = HEADER.unpack_from(message)
    if version != VERSION or track not in _TRACKS or not number:
        raise DamagedStream
    return Chunk(
        ChunkTrack(track),
        stream,
        number,
        at_us,
        duration_us,
        message[HEADER.size :],
        bool(flags & _KEYFRAME),
        bool(flags & _SENT_AGAIN),
    )


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PictureSaid(_Said):
    """`description` is the avcC of WebCodecs' `decoderConfig`, in base64."""

    width: Annotated[int, Field(ge=16, le=4096)]
    height: Annotated[int, Field(ge=16, le=4096)]
    description: Annotated[str, Field(min_length=12, max_length=4096)]


class SoundSaid(_Said):
    codec: Literal["opus"]
    channels: Annotated[int, Field(ge=1, le=2)]


class Configuration(_Said):
    """How the chunks of a stream are coded."""

    stream: Annotated[int, Field(ge=0, le=255)]
    picture: PictureSaid | None = None
    sound: SoundSaid | None = None

    @property
    def video(self) -> VideoTrack | None:
        """Raises DamagedStream."""
        if self.picture is None:
            return None
        try:
            avcc = base64.b64decode(self.picture.description, validate=True)
        except ValueError as error:
            raise DamagedStream from error
        if len(avcc) < 7 or avcc[0] != 1:
            raise DamagedStream
        return VideoTrack(self.picture.width, self.picture.height, avcc)

    @property
    def opus(self) -> OpusTrack | None:
        return OpusTrack(self.sound.channels) if self.sound else None


def configuration(text: str) -> Configuration:
    """Raises DamagedStream."""
    try:
        return Configuration.model_validate_json(text)
    except ValidationError as error:
        raise DamagedStream from error
