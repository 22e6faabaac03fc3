"""What a publisher sends: one binary message for each coded picture or frame of sound.

    byte 0      version, 1
    byte 1      track: 1 picture, 2 sound
    byte 2      flags: 1 keyframe, 2 sent again after a break, 4 shown later than its turn
    byte 3      stream: counts up whenever the encoders are configured anew
    bytes 4–7   number of the chunk, from 1, over all tracks of a lesson
    bytes 8–15  when it was captured, in microseconds of the lesson's clock
    bytes 16–19 how long it lasts in microseconds; 0 of a picture, when only the next one tells
    bytes 20–23 with flag 4 only: how much later, in microseconds
    then        the coded data (H.264 as in avcC; Opus packets or frames of AAC)

All numbers are big-endian. A configuration (JSON) comes before the first chunk of its stream. The
browser keeps every chunk until it is told that it is durable, and sends it again after a break.
Pictures come in the order they are decoded. A browser's are shown in the same; an appliance may
code pictures by later ones (B-frames), and those carry the difference.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tongke.live.boxes import DamagedStream
from tongke.live.tracks import OpusTrack, SoundTrack, VideoTrack, aac

VERSION: Final = 1
# What a byte tells apart.
STREAMS: Final = 256
HEADER: Final = struct.Struct(">4BIQI")
# A keyframe of 1080p at a lesson's rate is some 200 kB.
MOST_CHUNK_BYTES: Final = 4 * 2**20
# Opus has no shorter packet (RFC 6716, 2.1.4), AAC no shorter frame: 1024 samples at 96 kHz are
# 10.7 ms, 960 are ten. Both mostly last some twenty; a recorder puts some of them into one.
SHORTEST_OPUS_US: Final = 2_500
SHORTEST_AAC_US: Final = 10_000
LONGEST_SOUND_US: Final = 1_000_000

_KEYFRAME: Final = 1
_SENT_AGAIN: Final = 2
_LATER: Final = 4
_OFFSET: Final = struct.Struct(">I")


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
    # How much later than at its turn a picture is shown.
    offset_us: int = 0

    def encode(self) -> bytes:
        flags = (_KEYFRAME if self.keyframe else 0) | (_SENT_AGAIN if self.sent_again else 0)
        later = _OFFSET.pack(self.offset_us) if self.offset_us else b""
        flags |= _LATER if later else 0
        head = (VERSION, self.track, flags, self.stream, self.number, self.at_us, self.duration_us)
        return HEADER.pack(*head) + later + self.data


def decode(message: bytes) -> Chunk:
    """Raises DamagedStream."""
    if not HEADER.size < len(message) <= MOST_CHUNK_BYTES:
        raise DamagedStream
    version, track, flags, stream, number, at_us, duration_us = HEADER.unpack_from(message)
    if version != VERSION or track not in _TRACKS or not number:
        raise DamagedStream
    begins, offset_us = HEADER.size, 0
    if flags & _LATER:
        begins += _OFFSET.size
        if len(message) <= begins:
            raise DamagedStream
        (offset_us,) = _OFFSET.unpack_from(message, HEADER.size)
    return Chunk(
        ChunkTrack(track),
        stream,
        number,
        at_us,
        duration_us,
        message[begins:],
        bool(flags & _KEYFRAME),
        bool(flags & _SENT_AGAIN),
        offset_us,
    )


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PictureSaid(_Said):
    """`description` is the avcC of WebCodecs' `decoderConfig`, in base64."""

    width: Annotated[int, Field(ge=16, le=4096)]
    height: Annotated[int, Field(ge=16, le=4096)]
    description: Annotated[str, Field(min_length=12, max_length=4096)]


class OpusSaid(_Said):
    codec: Literal["opus"]
    channels: Annotated[int, Field(ge=1, le=2)]


class AacSaid(_Said):
    """AAC-LC, which goes out as it comes. `description` is its AudioSpecificConfig, in base64."""

    codec: Literal["aac"]
    channels: Annotated[int, Field(ge=1, le=8)]
    rate: Annotated[int, Field(ge=7350, le=96_000)]
    description: Annotated[str, Field(min_length=4, max_length=64)]


class Configuration(_Said):
    """How the chunks of a stream are coded."""

    stream: Annotated[int, Field(ge=0, lt=STREAMS)]
    picture: PictureSaid | None = None
    sound: Annotated[OpusSaid | AacSaid, Field(discriminator="codec")] | None = None

    @property
    def video(self) -> VideoTrack | None:
        """Raises DamagedStream."""
        if self.picture is None:
            return None
        avcc = _bytes(self.picture.description)
        if len(avcc) < 7 or avcc[0] != 1:
            raise DamagedStream
        return VideoTrack(self.picture.width, self.picture.height, avcc)

    @property
    def opus(self) -> OpusTrack | None:
        """The sound that has to be encoded anew."""
        return OpusTrack(self.sound.channels) if isinstance(self.sound, OpusSaid) else None

    @property
    def heard(self) -> SoundTrack | None:
        """The sound as it goes out. Raises DamagedStream."""
        if self.sound is None:
            return None
        if isinstance(self.sound, OpusSaid):
            return aac(self.sound.channels)
        return SoundTrack(self.sound.rate, self.sound.channels, _bytes(self.sound.description))


def _bytes(text: str) -> bytes:
    """Raises DamagedStream."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise DamagedStream from error


def shortest_sound_us(said: Configuration | None) -> int:
    """How long a chunk of sound lasts at least, coded as was said; None: nobody knows how."""
    return SHORTEST_AAC_US if said and isinstance(said.sound, AacSaid) else SHORTEST_OPUS_US


def configuration(text: str) -> Configuration:
    """Raises DamagedStream."""
    try:
        return Configuration.model_validate_json(text)
    except ValidationError as error:
        raise DamagedStream from error
