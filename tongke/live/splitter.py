"""Fragmented MP4 taken apart as it comes (from ffmpeg): initialisation, then fragment by fragment.

Fed with any cuts of the bytes; what it gives is whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tongke.live.boxes import Box, DamagedStream, find, first

# A fragment of ours is a fifth of a second, one of an appliance some seconds.
MOST_BOX_BYTES: Final = 64 * 2**20

_HAS_BASE_OFFSET, _HAS_DESCRIPTION = 0x1, 0x2
_DEFAULT_DURATION, _DEFAULT_SIZE, _DEFAULT_FLAGS = 0x8, 0x10, 0x20
_RUN_OFFSET, _RUN_FIRST_FLAGS = 0x1, 0x4
_RUN_FIELDS: Final = (0x100, 0x200, 0x400, 0x800)
_NOT_SYNC: Final = 0x10000


@dataclass(frozen=True)
class Initialisation:
    """`ftyp` and `moov`."""

    data: bytes
    timescales: dict[int, int]


@dataclass(frozen=True)
class TrackRun:
    """What a fragment has of one track, in its timescale."""

    time: int
    duration: int
    begins_with_sync: bool


@dataclass(frozen=True)
class Fragment:
    """`moof` and `mdat`, and what they have of each track, by its number."""

    data: bytes
    runs: dict[int, TrackRun]


class Splitter:
    """Bytes in, initialisations and fragments out."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._head = b""
        self._moof: Box | None = None
        # Of each track: the duration and the flags of a sample that says none itself.
        self._defaults: dict[int, tuple[int, int]] = {}

    def feed(self, data: bytes) -> Iterator[Initialisation | Fragment]:
        """Raises DamagedStream."""
        self._waiting += data
        while (found := first(self._waiting)) is not None:
            del self._waiting[: len(found.data)]
            yield from self._take(found)
        if len(self._waiting) > MOST_BOX_BYTES:
            raise DamagedStream

    def _take(self, found: Box) -> Iterator[Initialisation | Fragment]:
        if found.type == b"ftyp":
            self._head = found.data
        elif found.type == b"moov":
            self._defaults = _defaults(found)
            yield Initialisation(self._head + found.data, _timescales(found))
        elif found.type == b"moof":
            self._moof = found
        elif found.type == b"mdat" and self._moof is not None:
            runs = _runs(self._moof, self._defaults)
            yield Fragment(self._moof.data + found.data, runs)
            self._moof = None


def _timescales(moov: Box) -> dict[int, int]:
    found = {}
    for trak in find(moov.body, b"trak"):
        (tkhd,), (mdhd,) = find(trak.body, b"tkhd"), find(trak.body, b"mdia", b"mdhd")
        (number,) = struct.unpack_from(">I", tkhd.body, 20 if tkhd.body[0] else 12)
        (timescale,) = struct.unpack_from(">I", mdhd.body, 20 if mdhd.body[0] else 12)
        found[number] = timescale
    return found


def _defaults(moov: Box) -> dict[int, tuple[int, int]]:
    found = {}
    for trex in find(moov.body, b"mvex", b"trex"):
        number, _, duration, _, flags = struct.unpack_from(">5I", trex.body, 4)
        found[number] = duration, flags
    return found


def _runs(moof: Box, defaults: dict[int, tuple[int, int]]) -> dict[int, TrackRun]:
    try:
        return dict(_run(traf, defaults) for traf in find(moof.body, b"traf"))
    except (struct.error, ValueError, IndexError) as error:
        raise DamagedStream from error


def _run(traf: Box, defaults: dict[int, tuple[int, int]]) -> tuple[int, TrackRun]:
    """One track's part of a fragment (14496-12, 8.8.7, 8.8.8, 8.8.12)."""
    (tfhd,), (tfdt,) = find(traf.body, b"tfhd"), find(traf.body, b"tfdt")
    number, duration, flags = _header(tfhd, defaults)
    (time,) = struct.unpack_from(">Q" if tfdt.body[0] else ">I", tfdt.body, 4)
    total, begins = 0, None
    for trun in find(traf.body, b"trun"):
        for lasts, says in _samples(trun, duration, flags):
            total += lasts
            begins = not says & _NOT_SYNC if begins is None else begins
    return number, TrackRun(time, total, bool(begins))


def _header(tfhd: Box, defaults: dict[int, tuple[int, int]]) -> tuple[int, int, int]:
    said, number = struct.unpack_from(">2I", tfhd.body)
    duration, flags = defaults.get(number, (0, 0))
    at = 8 + (8 if said & _HAS_BASE_OFFSET else 0) + (4 if said & _HAS_DESCRIPTION else 0)
    if said & _DEFAULT_DURATION:
        (duration,) = struct.unpack_from(">I", tfhd.body, at)
        at += 4
    if said & _DEFAULT_SIZE:
        at += 4
    if said & _DEFAULT_FLAGS:
        (flags,) = struct.unpack_from(">I", tfhd.body, at)
    return number, duration, flags


def _samples(trun: Box, duration: int, flags: int) -> Iterator[tuple[int, int]]:
    """The duration and the flags of each sample of a run."""
    said, count = struct.unpack_from(">2I", trun.body)
    at = 8 + (4 if said & _RUN_OFFSET else 0)
    first_flags = None
    if said & _RUN_FIRST_FLAGS:
        (first_flags,) = struct.unpack_from(">I", trun.body, at)
        at += 4
    for number in range(count):
        row = {}
        for field in _RUN_FIELDS:
            if said & field:
                (row[field],) = struct.unpack_from(">I", trun.body, at)
                at += 4
        says = row.get(0x400, flags)
        if number == 0 and first_flags is not None:
            says = first_flags
        yield row.get(0x100, duration), says
