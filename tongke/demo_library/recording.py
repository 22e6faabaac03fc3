"""A lesson recording: frames drawn, a voice murmured, both put together by ffmpeg."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tongke.demo_library import voice
from tongke.demo_library.slides import Canvas, Slide

# Of a recorder that films slides: more frames show nothing more.
FRAME_RATE = 10
# A keyframe every two seconds, as classroom recorders write them: that is where a segment starts.
KEYFRAME_EVERY = 2 * FRAME_RATE


@dataclass(frozen=True)
class Lesson:
    """What a recording shows. `size` in pixels; `audio_codec` is a name of ffmpeg's encoders."""

    slides: tuple[Slide, ...]
    seconds: int
    foot: str
    size: tuple[int, int] = (1280, 720)
    audio_codec: str = "aac"
    pitch_hz: float = 205.0
    seed: int = 1


def frames(lesson: Lesson) -> list[Image.Image]:
    """Every state of every slide, in the order of the lesson."""
    total = len(lesson.slides)
    return [
        frame
        for number, slide in enumerate(lesson.slides, start=1)
        for frame in Canvas(slide, lesson.size, lesson.foot, f"{number} / {total}").frames()
    ]


def record(lesson: Lesson, target: Path, ffmpeg: str) -> None:
    """Writes the recording to `target`; its suffix is the container. CalledProcessError: ffmpeg."""
    with tempfile.TemporaryDirectory(prefix="tongke-lesson-") as folder:
        drawn = frames(lesson)
        each = lesson.seconds / len(drawn)
        listing = write_pictures(((frame, each) for frame in drawn), Path(folder))
        sound = Path(folder) / "voice.wav"
        voice.write(sound, lesson.seconds, lesson.pitch_hz, lesson.seed)
        subprocess.run(_command(ffmpeg, listing, sound, lesson, target), check=True)


def write_pictures(shown: Iterable[tuple[Image.Image, float]], folder: Path) -> Path:
    """Pictures, each with the seconds that it stands, as files; the list of them for ffmpeg."""
    lines = ["ffconcat version 1.0"]
    for number, (picture, seconds) in enumerate(shown):
        # BMP is large and quick; it lives for seconds.
        name = f"{number:03d}.bmp"
        picture.save(folder / name)
        lines += [f"file {name}", f"duration {seconds:.3f}"]
    # The last picture is named again, or its duration is not kept.
    lines.append(lines[-2])
    listing = folder / "frames.ffconcat"
    listing.write_text("\n".join(lines), encoding="ascii")
    return listing


def _command(ffmpeg: str, listing: Path, sound: Path, lesson: Lesson, target: Path) -> list[str]:
    return [
        *(ffmpeg, "-v", "error", "-nostdin", "-y"),
        *("-f", "concat", "-i", str(listing), "-i", str(sound)),
        # The colours are converted once a picture, before it is repeated: half the work.
        *("-vf", f"format=yuv420p,fps={FRAME_RATE}"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-tune", "stillimage", "-crf", "22"),
        *("-g", str(KEYFRAME_EVERY), "-threads", "1"),
        *("-c:a", lesson.audio_codec, "-b:a", "96k", "-ar", "48000"),
        *("-t", str(lesson.seconds), *_container(target), str(target)),
    ]


def _container(target: Path) -> list[str]:
    """The index at the front, as camera software writes it, where the container has one."""
    return ["-movflags", "+faststart"] if target.suffix in (".mp4", ".mov") else []
