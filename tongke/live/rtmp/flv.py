"""Pictures and sound in RTMP's messages, which are the bodies of FLV's tags (FLV 10.1, annex E)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tongke.errors import Text
from tongke.live.boxes import DamagedStream
from tongke.live.rtmp.avc import size
from tongke.live.tracks import SoundTrack, VideoTrack

_AVC: Final = 7
_AAC: Final = 10
_KEYFRAME: Final = 1
# HEVC and others are announced this way (Enhanced RTMP).
_EXTENDED: Final = 0x80
_SET_UP, _CODED = 0, 1
_LOW_COMPLEXITY: Final = 2
_RATES: Final = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000,
    7_350,
)  # fmt: skip
_RATE_SAID: Final = 15


class NotPlayable(DamagedStream):
    code = "not-playable"
    message = Text("录播主机推来的不是 H.264 和 AAC", "The appliance sends no H.264 and AAC")
    remedy = Text(
        "在录播主机上把视频编码改成 H.264、音频编码改成 AAC-LC",
        "Set the appliance to H.264 pictures and AAC-LC sound",
    )


@dataclass(frozen=True)
class Coded:
    """A picture or a frame of sound. `offset_ms`: how much later than at its turn it is shown."""

    data: bytes
    keyframe: bool = True
    offset_ms: int = 0


def picture(data: bytes) -> VideoTrack | Coded | None:
    """What a picture's message has: how pictures are coded from here on, one, or nothing.

    Raises:
        DamagedStream: also `NotPlayable`.
    """
    if data[0] & _EXTENDED or data[0] & 15 != _AVC:
        raise NotPlayable
    if len(data) < 5:
        raise DamagedStream
    kind, body = data[1], data[5:]
    if kind == _SET_UP:
        return VideoTrack(*size(body), body)
    offset_ms = int.from_bytes(data[2:5], "big", signed=True)
    is_keyframe = data[0] >> 4 == _KEYFRAME
    return Coded(body, is_keyframe, max(0, offset_ms)) if kind == _CODED and body else None


def sound(data: bytes) -> SoundTrack | Coded | None:
    """The same of a sound's message.

    Raises:
        DamagedStream: also `NotPlayable`.
    """
    if data[0] >> 4 != _AAC:
        raise NotPlayable
    if len(data) < 2:
        raise DamagedStream
    kind, body = data[1], data[2:]
    if kind == _SET_UP:
        return _track(body)
    return Coded(body) if kind == _CODED and body else None


def _track(config: bytes) -> SoundTrack:
    """Of an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1)."""
    if len(config) < 2:
        raise DamagedStream
    bits = int.from_bytes(config[:5].ljust(5, b"\0"), "big")
    kind, rate_index = bits >> 35, bits >> 31 & 15
    if rate_index == _RATE_SAID:
        rate, channels = bits >> 7 & 0xFFFFFF, bits >> 3 & 15
    elif rate_index < len(_RATES):
        rate, channels = _RATES[rate_index], bits >> 27 & 15
    else:
        raise DamagedStream
    if kind != _LOW_COMPLEXITY or not 1 <= channels <= 8:
        raise NotPlayable
    return SoundTrack(rate, channels, config)
