"""An encoder of small pictures that takes no time, for the rules around it."""

from __future__ import annotations

from tongke.live.small_picture import WANTED_TICKS
from tongke.live.splitter import Fragment, Initialisation, Splitter
from tongke.live.tracks import VIDEO_ID

# What an encoder says before the first picture: baseline, 426×240.
AVCC = bytes.fromhex("0142c015ffe100096742c015da06c7f93401000468ce3c80")


def tag(at_ms: int, body: bytes, kind: int = 9) -> bytes:
    """A tag of FLV with what follows it."""
    time = (at_ms & 0xFFFFFF).to_bytes(3, "big") + (at_ms >> 24).to_bytes(1, "big")
    head = bytes([kind]) + len(body).to_bytes(3, "big") + time + bytes(3)
    return head + body + (len(head) + len(body)).to_bytes(4, "big")


class Encoder:
    """One that codes at once: pictures at the wanted times come out, in the order they are shown.

    Args:
        behind: How many pictures it holds back to know that order.
        deaf: Numbers of pictures that it makes nothing of.
    """

    def __init__(self, behind: int = 0, deaf: frozenset[int] = frozenset()) -> None:
        self._splitter, self._behind, self._deaf = Splitter(), behind, deaf
        self._held: list[tuple[int, bool]] = []
        self._number = 0
        self._began = False

    def feed(self, data: bytes) -> bytes:
        for found in self._splitter.feed(data):
            if isinstance(found, Initialisation):
                continue
            self._number += 1
            shown = found.runs[VIDEO_ID].time + _offset(found)
            if shown % WANTED_TICKS == 0 and self._number not in self._deaf:
                self._held.append((shown // 90, found.runs[VIDEO_ID].begins_with_sync))
        return self._out(self._behind)

    def end(self) -> bytes:
        return self._out(0)

    def _out(self, behind: int) -> bytes:
        self._held.sort()
        ready = self._held[: len(self._held) - behind] if behind else self._held
        self._held = self._held[len(ready) :]
        out = b"".join(
            tag(at_ms, bytes([0x17 if key else 0x27, 1, 0, 0, 0]) + b"small")
            for at_ms, key in ready
        )
        if out and not self._began:
            self._began = True
            said = tag(0, b"onMetaData", kind=18) + tag(0, bytes([0x17, 0, 0, 0, 0]) + AVCC)
            out = b"FLV\x01\x01\x00\x00\x00\x09\x00\x00\x00\x00" + said + out
        return out


def _offset(found: Fragment) -> int:
    """The composition offset of its one sample (14496-12, 8.8.8)."""
    at = found.data.index(b"trun")
    flags = int.from_bytes(found.data[at + 4 : at + 8], "big")
    return int.from_bytes(found.data[at + 28 : at + 32], "big") if flags & 0x800 else 0
