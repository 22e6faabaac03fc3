"""A minute of small pictures, each with its number, and a tone: what a feed shows over and over.

Small, so that several browsers on a small machine measure the steering and not the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw

from bench.live.marks import stamp
from tongke.demo_library.live_film import Film, encode
from tongke.media.programs import Programs

WIDTH, HEIGHT, RATE = 320, 180, 30
SECONDS = 60
_NOISE = (WIDTH, HEIGHT - 60)


def film(programs: Programs, folder: Path, kbit_s: int = 0, height: int = HEIGHT) -> Film:
    """Make it and read it. `kbit_s`: of its picture, which is then as hard to code as that;
    `height`: of what is published, as large as that is drawn out."""
    path = folder / "numbers.mp4"
    source = [
        *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", f"{RATE}"),
        *("-i", "pipe:0", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"),
        *(
            ["-b:v", f"{kbit_s}k", "-maxrate", f"{kbit_s}k", "-bufsize", f"{kbit_s}k"]
            * bool(kbit_s)
        ),
        *(["-vf", f"scale=-2:{height}"] * (height != HEIGHT)),
    ]
    encode(programs.ffmpeg, source, RATE, SECONDS, path, _pictures(hard=kbit_s > 0))
    return Film.read(path, programs.ffprobe)


def _pictures(*, hard: bool) -> Iterator[bytes]:
    for number in range(RATE * SECONDS):
        image = Image.new("RGB", (WIDTH, HEIGHT), "#24493f")
        stamp(image, number)
        # Something moves, so that no picture is empty.
        x = number * WIDTH // (RATE * SECONDS)
        ImageDraw.Draw(image).rectangle((x, 100, x + 12, 160), fill="#f4ce6a")
        if hard:
            image.paste(Image.frombytes("L", _NOISE, os.urandom(_NOISE[0] * _NOISE[1])), (0, 60))
        yield image.tobytes()


def captured_ms(shown_ms: float, number: int) -> float:
    """When the picture of this number that was shown then was captured, on the lesson's clock."""
    return last_before(shown_ms, number * 1000 / RATE, SECONDS * 1000)


def last_before(shown_ms: float, phase_ms: float, period_ms: float) -> float:
    """The last time before one that has this phase."""
    return shown_ms - (shown_ms - phase_ms) % period_ms
