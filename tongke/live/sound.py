"""Sound on its way from Opus, which browsers encode, to AAC, which every player plays.

Between them is an encoder that knows samples and no times: what it is given has to be without a
hole, and its frame of number n then begins n × 1024 samples after the first. So holes are filled
with silence, and what comes twice is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tongke.live.adts import SAMPLES_PER_FRAME, AdtsReader
from tongke.live.fmp4 import fragment, initialisation
from tongke.live.packager import MICROSECONDS, Frame
from tongke.live.tracks import OpusTrack, Sample, SoundTrack

# The packets that browsers make are 20 ms of 48 kHz.
PACKET_SAMPLES: Final = 960
PACKET_US: Final = 20_000
# 20 ms of nothing (RFC 6716, 3.1: CELT, full band, one frame of code 0).
SILENCE: Final = b"\xf8\xff\xfe"
# A browser's capture times waver by some milliseconds; two packets away is a hole.
HOLE_US: Final = 2 * PACKET_US
# Longer, it is another stream.
LONGEST_HOLE_US: Final = 10 * MICROSECONDS


class SoundBridge:
    """What goes into the encoder, and what comes out of it, with its times."""

    def __init__(self, track: OpusTrack, began_us: int) -> None:
        """`began_us`: when the first packet was captured."""
        self._track = track
        self._began_us = began_us
        self._packets = 0
        self._reader = AdtsReader()
        self._frames = 0

    @classmethod
    def of(cls, channels: int, began_us: int) -> SoundBridge:
        """One for a browser's sound."""
        return cls(OpusTrack(channels), began_us)

    @property
    def track(self) -> SoundTrack | None:
        """What comes out; None before the first frame."""
        return self._reader.track

    def opening(self) -> bytes:
        """What the encoder is given first."""
        return initialisation([self._track])

    def goes_on(self, at_us: int) -> bool:
        """Whether a packet of this time belongs to this stream, with its holes filled."""
        return abs(at_us - self._next_us) <= LONGEST_HOLE_US

    def feed(self, at_us: int, packet: bytes) -> bytes:
        """What the encoder is given for a packet: nothing when its time is past."""
        if at_us <= self._next_us - HOLE_US:
            return b""
        missing = round((at_us - self._next_us) / PACKET_US)
        silence = [SILENCE] * (missing if missing * PACKET_US >= HOLE_US else 0)
        return b"".join(map(self._fragment, [*silence, packet]))

    def heard(self, encoded: bytes) -> Iterator[Frame]:
        """The frames in what the encoder gave.

        Raises:
            DamagedStream.
        """
        for data in self._reader.feed(encoded):
            assert self.track is not None
            rate = self.track.rate
            begins, ends = (
                round((self._frames + more) * SAMPLES_PER_FRAME * MICROSECONDS / rate)
                for more in (0, 1)
            )
            self._frames += 1
            yield Frame(self._began_us + begins, data, True, ends - begins)

    @property
    def _next_us(self) -> int:
        return self._began_us + self._packets * PACKET_US

    def _fragment(self, packet: bytes) -> bytes:
        time = self._packets * PACKET_SAMPLES
        self._packets += 1
        sample = Sample(time, PACKET_SAMPLES, packet, sync=True)
        return fragment(self._packets, {self._track: [sample]})
