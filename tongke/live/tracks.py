"""The tracks of a lesson and their samples, as the packager takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# The clock rate of pictures in every container that matters here.
VIDEO_TIMESCALE: Final = 90_000
VIDEO_ID: Final = 1
SOUND_ID: Final = 2


@dataclass(frozen=True)
class VideoTrack:
    """H.264 pictures. `avcc` is the AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1):
    what WebCodecs gives as `decoderConfig.description`."""

    width: int
    height: int
    avcc: bytes

    @property
    def id(self) -> int:
        return VIDEO_ID

    @property
    def timescale(self) -> int:
        return VIDEO_TIMESCALE

    @property
    def codec(self) -> str:
        """As playlists and `isTypeSupported` name it (RFC 6381)."""
        return f"avc1.{self.avcc[1:4].hex()}"


@dataclass(frozen=True)
class SoundTrack:
    """AAC-LC sound. `config` is the AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1)."""

    rate: int
    channels: int
    config: bytes

    @property
    def id(self) -> int:
        return SOUND_ID

    @property
    def timescale(self) -> int:
        return self.rate

    @property
    def codec(self) -> str:
        return "mp4a.40.2"


def aac(channels: int) -> SoundTrack:
    """AAC-LC at 48 kHz, as our encoder makes it."""
    low_complexity, rate_index = 2, 3
    config = low_complexity << 11 | rate_index << 7 | channels << 3
    return SoundTrack(48_000, channels, config.to_bytes(2, "big"))


@dataclass(frozen=True)
class OpusTrack:
    """Opus, as browsers encode sound; only on its way to the encoder of AAC.

    `pre_skip` is in samples of 48 kHz (RFC 7845, 5.1): what the decoder drops at the beginning.
    """

    channels: int
    pre_skip: int = 312
    rate: int = 48_000

    @property
    def id(self) -> int:
        return SOUND_ID

    @property
    def timescale(self) -> int:
        return self.rate

    @property
    def codec(self) -> str:
        return "opus"


Track = VideoTrack | SoundTrack | OpusTrack


@dataclass(frozen=True)
class Sample:
    """A picture or a frame of sound. `time`, `duration` and `offset` are in its track's timescale;
    pictures come in the order they are decoded, and are shown `offset` later."""

    time: int
    duration: int
    data: bytes
    sync: bool
    offset: int = 0
