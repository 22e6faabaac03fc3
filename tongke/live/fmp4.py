"""Fragmented MP4 (ISO/IEC 14496-12, 8.8; CMAF, ISO/IEC 23000-19): written from samples.

An initialisation segment describes the tracks; each fragment is a `moof` with an `mdat` and can be
fed to Media Source Extensions by itself.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Final

from tongke.live.boxes import box, full
from tongke.live.tracks import OpusTrack, Sample, SoundTrack, Track, VideoTrack

# Unity, as a 3×3 matrix of 16.16 and 2.30 numbers (14496-12, 8.2.2).
_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_LANGUAGE_UND: Final = 0x55C4
_SELF_CONTAINED: Final = 1
_ENABLED_IN_MOVIE: Final = 3
_DEFAULT_BASE_IS_MOOF: Final = 0x020000
# Of `trun`: an offset of the data, and a duration, a size and flags for each sample.
_RUN_FLAGS: Final = 0x000001 | 0x000100 | 0x000200 | 0x000400
# Where pictures are shown in another order than decoded: an offset for each sample.
_RUN_OFFSETS: Final = 0x000800
# Sample flags (14496-12, 8.8.3.1): depends on none; depends on others, and is no sync sample.
_SYNC: Final = 0x02000000
_DELTA: Final = 0x01010000
_MOVIE_TIMESCALE: Final = 1000


def initialisation(tracks: Sequence[Track]) -> bytes:
    """An initialisation segment: what a player needs before any fragment."""
    header = full(
        b"mvhd",
        struct.pack(">4I", 0, 0, _MOVIE_TIMESCALE, 0),
        struct.pack(">IH10x", 0x10000, 0x0100),
        _MATRIX,
        struct.pack(">24xI", max(track.id for track in tracks) + 1),
    )
    extends = [full(b"trex", struct.pack(">5I", track.id, 1, 0, 0, 0)) for track in tracks]
    kind = box(b"ftyp", b"iso6", struct.pack(">I", 0), b"iso6", b"cmfc", b"mp41")
    return kind + box(b"moov", header, *map(_track, tracks), box(b"mvex", *extends))


def fragment(sequence: int, runs: Mapping[Track, Sequence[Sample]]) -> bytes:
    """A fragment with the samples of one or more tracks, each run without a gap.

    Args:
        sequence: Counts the fragments of a stream, from 1.
    """
    filled = {track: samples for track, samples in runs.items() if samples}
    size = len(_moof(sequence, filled, [0] * len(filled)))
    offsets, at = [], size + 8
    for samples in filled.values():
        offsets.append(at)
        at += sum(len(sample.data) for sample in samples)
    data = [sample.data for samples in filled.values() for sample in samples]
    return _moof(sequence, filled, offsets) + box(b"mdat", *data)


def _moof(sequence: int, runs: Mapping[Track, Sequence[Sample]], offsets: Sequence[int]) -> bytes:
    header = full(b"mfhd", struct.pack(">I", sequence))
    return box(b"moof", header, *map(_run, runs, runs.values(), offsets))


def _run(track: Track, samples: Sequence[Sample], offset: int) -> bytes:
    reordered = any(sample.offset for sample in samples)
    rows = b"".join(
        struct.pack(">3I", sample.duration, len(sample.data), _SYNC if sample.sync else _DELTA)
        + (struct.pack(">I", sample.offset) if reordered else b"")
        for sample in samples
    )
    flags = _RUN_FLAGS | (_RUN_OFFSETS if reordered else 0)
    return box(
        b"traf",
        full(b"tfhd", struct.pack(">I", track.id), flags=_DEFAULT_BASE_IS_MOOF),
        full(b"tfdt", struct.pack(">Q", samples[0].time), version=1),
        full(b"trun", struct.pack(">Ii", len(samples), offset), rows, flags=flags),
    )


def _track(track: Track) -> bytes:
    is_video = isinstance(track, VideoTrack)
    width, height = (track.width, track.height) if isinstance(track, VideoTrack) else (0, 0)
    header = full(
        b"tkhd",
        struct.pack(">5I", 0, 0, track.id, 0, 0),
        struct.pack(">8x4H", 0, 0, 0 if is_video else 0x0100, 0),
        _MATRIX,
        struct.pack(">2I", width << 16, height << 16),
        flags=_ENABLED_IN_MOVIE,
    )
    media = full(b"mdhd", struct.pack(">4I2H", 0, 0, track.timescale, 0, _LANGUAGE_UND, 0))
    handler = full(
        b"hdlr", struct.pack(">I4s12x", 0, b"vide" if is_video else b"soun"), b"Tongke\0"
    )
    return box(b"trak", header, box(b"mdia", media, handler, _information(track)))


def _information(track: Track) -> bytes:
    if isinstance(track, VideoTrack):
        head, entry = full(b"vmhd", bytes(8), flags=1), _avc1(track)
    else:
        head, entry = full(b"smhd", bytes(4)), _sound(track)
    where = box(b"dinf", full(b"dref", struct.pack(">I", 1), full(b"url ", flags=_SELF_CONTAINED)))
    nothing = struct.pack(">I", 0)
    table = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1), entry),
        full(b"stts", nothing),
        full(b"stsc", nothing),
        full(b"stsz", nothing, nothing),
        full(b"stco", nothing),
    )
    return box(b"minf", head, where, table)


def _avc1(track: VideoTrack) -> bytes:
    """14496-15, 5.4.2, on a VisualSampleEntry (14496-12, 12.1.3)."""
    return box(
        b"avc1",
        struct.pack(">6xH16x2H", 1, track.width, track.height),
        struct.pack(">3IH32xHh", 0x480000, 0x480000, 0, 1, 24, -1),
        box(b"avcC", track.avcc),
    )


def _sound(track: SoundTrack | OpusTrack) -> bytes:
    """An AudioSampleEntry (14496-12, 12.2.3)."""
    name, more = (
        (b"Opus", _dops(track)) if isinstance(track, OpusTrack) else (b"mp4a", _esds(track))
    )
    # A rate that 16 bits do not hold stands with the track's time and in `more` alone.
    rate = track.rate if track.rate <= 0xFFFF else 0
    return box(name, struct.pack(">6xH8x2H4xI", 1, track.channels, 16, rate << 16), more)


def _dops(track: OpusTrack) -> bytes:
    """Encapsulation of Opus in ISO base media files, 4.3.2: one stream, no mapping."""
    return box(b"dOps", struct.pack(">2BHIhB", 0, track.channels, track.pre_skip, track.rate, 0, 0))


def _esds(track: SoundTrack) -> bytes:
    """14496-14, 5.6."""
    decoder = _descriptor(
        0x04, struct.pack(">BB3x2I", 0x40, 0x15, 0, 0), _descriptor(0x05, track.config)
    )
    elementary = _descriptor(0x03, struct.pack(">HB", track.id, 0), decoder, _descriptor(6, b"\2"))
    return full(b"esds", elementary)


def _descriptor(tag: int, *parts: bytes) -> bytes:
    """A descriptor of 14496-1, 8.3.3; all of ours are shorter than 128 bytes."""
    body = b"".join(parts)
    return struct.pack(">BB", tag, len(body)) + body
