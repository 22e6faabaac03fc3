"""A rendition: CMAF (fMP4) HLS in a folder of its own, and its description from those files.

`index.m3u8`, `init.mp4`, `00000.m4s` and so on. Pictures hold no sound and the sound is one
rendition that all share, so a change of quality never interrupts it, and it plays alone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tongke.media import playlist
from tongke.media.ladder import SEGMENT_S

SOURCE = "source"
SOUND = "sound"
SOURCE_SOUND = "source-sound"
PLAYLIST = "index.m3u8"
INIT = "init.mp4"

# What is handed out says nothing of a place, a person or a device.
CLEAN: dict[str, Any] = {"map_metadata": -1, "map_chapters": -1}


@dataclass(frozen=True)
class Made:
    """A rendition that was made, in the folder `name`. Rates in bit/s, sizes in pixels."""

    name: str
    kind: str  # "video" or "audio"
    codecs: str
    bandwidth: int
    average_bandwidth: int
    size_bytes: int
    duration_s: float
    width: int | None = None
    height: int | None = None
    frame_rate: float | None = None

    @property
    def playlist(self) -> str:
        return f"{self.name}/{PLAYLIST}"


def hls_options(folder: Path, kind: str) -> dict[str, Any]:
    """The options of ffmpeg's HLS muxer. `kind`: `event` while it is watched growing, or `vod`.

    `avoid_negative_ts` keeps picture and sound in step: each is muxed by itself, and the default
    would shift a picture with B-frames by two frames and leave the sound where it is.
    """
    return {
        "f": "hls",
        "hls_time": SEGMENT_S,
        "hls_playlist_type": kind,
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": INIT,
        "hls_segment_filename": str(folder / "%05d.m4s"),
        # A file has its name once it is whole.
        "hls_flags": "temp_file",
        "avoid_negative_ts": "disabled",
    }


async def describe(
    folder: Path,
    *,
    width: int | None = None,
    height: int | None = None,
    frame_rate: float | None = None,
) -> Made:
    """A finished rendition in a folder, described from its files."""
    return await asyncio.to_thread(_describe, folder, width, height, frame_rate)


def _describe(
    folder: Path, width: int | None, height: int | None, frame_rate: float | None
) -> Made:
    listed = playlist.segments((folder / PLAYLIST).read_text())
    parts = [((folder / name).stat().st_size, seconds) for name, seconds in listed]
    peak, average = playlist.bandwidths(parts)
    init = (folder / INIT).read_bytes()
    return Made(
        name=folder.name,
        kind="video" if b"avcC" in init else "audio",
        codecs=codecs(init),
        bandwidth=peak,
        average_bandwidth=average,
        size_bytes=sum(size for size, _ in parts) + len(init),
        duration_s=sum(seconds for _, seconds in parts),
        width=width,
        height=height,
        frame_rate=frame_rate,
    )


def codecs(init: bytes) -> str:
    """The codec string (RFC 6381) of an initialisation segment: from its avcC, or AAC-LC."""
    at = init.find(b"avcC")
    if at < 0:
        return "mp4a.40.2"
    return "avc1." + init[at + 5 : at + 8].hex()
