"""AAC in ADTS frames (ISO/IEC 13818-7, 6.2; 14496-3, 1.A.2), as an encoder's pipe gives them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tongke.live.boxes import DamagedStream
from tongke.live.tracks import SoundTrack

RATES: Final = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000,
                11_025, 8_000, 7_350)  # fmt: skip
SAMPLES_PER_FRAME: Final = 1024
_HEADER_BYTES: Final = 7
_CRC_BYTES: Final = 2


class AdtsReader:
    """Bytes in, frames without their headers out. `track` is known from the first frame on."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self.track: SoundTrack | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Raises DamagedStream."""
        self._waiting += data
        while len(self._waiting) >= _HEADER_BYTES:
            head = self._waiting
            if head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
                raise DamagedStream
            length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
            if len(head) < length:
                return
            if self.track is None:
                self.track = _track(bytes(head[:_HEADER_BYTES]))
            begins = _HEADER_BYTES + (0 if head[1] & 1 else _CRC_BYTES)
            frame = bytes(head[begins:length])
            del head[:length]
            yield frame


def _track(header: bytes) -> SoundTrack:
    kind, rate = (header[2] >> 6) + 1, header[2] >> 2 & 15
    channels = (header[2] & 1) << 2 | header[3] >> 6
    if rate >= len(RATES) or not channels:
        raise DamagedStream
    config = kind << 11 | rate << 7 | channels << 3
    return SoundTrack(RATES[rate], channels, config.to_bytes(2, "big"))
