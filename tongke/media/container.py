"""What kind of file it is, from its first bytes, before ffmpeg sees it.

Stock ffmpeg guesses, and a text file named .mp4 that is really a playlist (HLS, ffconcat, DASH,
SDP) makes it open other files of the server. So the demuxer is chosen here from a closed list of
binary containers, none of which names other files, and forced.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

# Enough for three packets of MPEG-TS with their longest framing.
HEAD_BYTES = 1024
# The index of eight hours of picture and sound takes about 20 MB.
MOST_INDEX_BYTES = 2**26

_TS_PACKET = 188
_M2TS_PACKET = 192
_ISO_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp"})
_PROTECTION = (b"sinf", b"frma", b"schm")
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x1a\x45\xdf\xa3", "matroska"),
    (b"FLV\x01", "flv"),
    (_ASF, "asf"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"ID3", "mp3"),
    (b".RMF", "rm"),
)


def demuxer_of(path: Path) -> str | None:
    """The ffmpeg demuxer for a file; None when it is no recording that we know."""
    with path.open("rb") as file:
        return demuxer_of_head(file.read(HEAD_BYTES))


def demuxer_of_head(head: bytes) -> str | None:
    """The same from the first `HEAD_BYTES` bytes."""
    if head[4:8] in _ISO_BOXES:
        return "mov"
    if head[:4] == b"RIFF":
        return {b"AVI ": "avi", b"WAVE": "wav"}.get(head[8:12])
    for start, demuxer in _STARTS:
        if head.startswith(start):
            return demuxer
    if _has_sync(head, 0, _TS_PACKET) or _has_sync(head, 4, _M2TS_PACKET):
        return "mpegts"
    return _elementary_sound(head)


def is_encrypted(path: Path) -> bool:
    """Whether an ISO file is protected (ISO 14496-12, 8.12): ffmpeg reads such a one as if it
    were not, and gets noise."""
    with path.open("rb") as file:
        index = _top_box(file, b"moov")
    return all(name in index for name in _PROTECTION)


def _top_box(file: BinaryIO, wanted: bytes) -> bytes:
    """The content of a top-level box; empty when there is none."""
    while len(head := file.read(8)) == 8:
        size, name, header = int.from_bytes(head[:4], "big"), head[4:], 8
        if size == 1:
            size, header = int.from_bytes(file.read(8), "big"), 16
        if name == wanted:
            return file.read(min(max(size - header, 0) or MOST_INDEX_BYTES, MOST_INDEX_BYTES))
        if size < header:  # to the end of the file, or nonsense
            break
        file.seek(size - header, os.SEEK_CUR)
    return b""


def _has_sync(head: bytes, start: int, packet: int) -> bool:
    positions = range(start, start + 3 * packet, packet)
    return all(head[at : at + 1] == b"\x47" for at in positions)


def _elementary_sound(head: bytes) -> str | None:
    """ADTS (ISO 14496-3, 1.A.2.2) or MPEG audio (ISO 11172-3, 2.4.1.3), by their sync words."""
    if len(head) < 4 or head[0] != 0xFF:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    layer, rate = head[1] >> 1 & 3, head[2] >> 4
    return "mp3" if head[1] & 0xE0 == 0xE0 and layer == 1 and rate not in {0, 15} else None
