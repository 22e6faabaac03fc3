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
from tongke.live.frames import MICROSECONDS, Frame
from tongke.live.tracks import OpusTrack, Sample, SoundTrack

# A packet as WebCodecs make it, and our own silence; a browser's recorder makes longer ones.
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
        # Given to the encoder so far.
        self._packets = self._samples = 0
        self._reader = AdtsReader()
        # The encoder is a frame behind: its first holds nothing yet.
        self._frames = -1

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

    def feed(self, at_us: int, packet: bytes, duration_us: int = PACKET_US) -> bytes:
        """What the encoder is given for a packet: nothing when its time is past."""
        if at_us <= self._next_us - HOLE_US:
            return b""
        missing = round((at_us - self._next_us) / PACKET_US)
        silence = missing if missing * PACKET_US >= HOLE_US else 0
        given = [self._fragment(SILENCE, PACKET_US) for _ in range(silence)]
        return b"".join([*given, self._fragment(packet, duration_us)])

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
            if begins < 0:
                continue
            yield Frame(self._began_us + begins, data, True, ends - begins)

    @property
    def _next_us(self) -> int:
        return self._began_us + round(self._samples * MICROSECONDS / self._track.rate)

    def _fragment(self, packet: bytes, duration_us: int) -> bytes:
        samples = round(duration_us * self._track.rate / MICROSECONDS)
        sample = Sample(self._samples, samples, packet, sync=True)
        self._packets += 1
        self._samples += samples
        return fragment(self._packets, {self._track: [sample]})
