"""The clips that the benchmarks of recordings run on, drawn by ffmpeg itself (lavfi).

`slides`  pages of writing that change every ten seconds, a small camera picture in the corner
`noisy`   a moving picture with the noise of a camera in a dim classroom
`lesson`  45 minutes of 1080p H.264 at 3 Mbit/s: a minute of it encoded, then repeated as it is
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tongke.media.programs import Programs

LESSON_MINUTES = 45
# What a recorder in a classroom writes.
LESSON_BIT_RATE = 3_000_000
FPS = 25
# A recorder's usual distance of keyframes.
GOP_S = 2

# Cells of 4x4 pixels have the edges of writing and are still for ten seconds.
_SLIDES = (
    f"life=s=480x270:r=1/10:ratio=0.04:seed=7:life_color=black:death_color=white,"
    f"scale=1920:1080:flags=neighbor,fps={FPS}[page];"
    f"testsrc2=s=320x180:r={FPS},noise=alls=6:allf=t[camera];"
    "[page][camera]overlay=1580:20"
)
_NOISY = f"testsrc2=s=1920x1080:r={FPS},noise=alls=14:allf=t"
# Bursts of voice-like sound with pauses, quiet as a microphone on a ceiling is.
_SPEECH = (
    "anoisesrc=c=pink:a=0.15:r=48000:seed=5,tremolo=f=4:d=0.8,volume='lt(mod(t,7),6)':eval=frame"
)


def slides(programs: Programs, folder: Path, seconds: int) -> Path:
    """A lesson of slides."""
    return _draw(programs, _SLIDES, folder / "slides.mp4", seconds, ["-crf", "20"])


def noisy(programs: Programs, folder: Path, seconds: int) -> Path:
    """A lesson filmed in a dim room, at the rate of a phone: too fat to be kept as it is."""
    return _draw(programs, _NOISY, folder / "noisy.mp4", seconds, ["-b:v", "12M"])


def lesson(programs: Programs, folder: Path) -> Path:
    """The whole lesson, about 1 GB."""
    rate = str(LESSON_BIT_RATE)
    exact = ["-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate]
    padded = [*exact, "-x264-params", "nal-hrd=cbr"]
    minute = _draw(programs, _NOISY, folder / "minute.mp4", 60, padded)
    whole = folder / "lesson.mp4"
    _ffmpeg(
        programs, "-stream_loop", str(LESSON_MINUTES - 1), "-i", str(minute), "-c", "copy",
        "-movflags", "+faststart", str(whole),
    )  # fmt: skip
    minute.unlink()
    return whole


def _draw(programs: Programs, picture: str, out: Path, seconds: int, rate: list[str]) -> Path:
    _ffmpeg(
        programs, "-f", "lavfi", "-i", f"{picture}[out0]", "-f", "lavfi", "-i", _SPEECH,
        "-t", str(seconds), "-c:v", "libx264", "-preset", "superfast", "-pix_fmt", "yuv420p",
        "-profile:v", "high", "-g", str(GOP_S * FPS), *rate,
        "-c:a", "aac", "-b:a", "128k", "-ac", "2", str(out),
    )  # fmt: skip
    return out


def _ffmpeg(programs: Programs, *arguments: str) -> None:
    command = [str(programs.ffmpeg), "-hide_banner", "-v", "error", "-nostdin", "-y", *arguments]
    subprocess.run(command, check=True)
