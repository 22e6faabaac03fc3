"""Cameras and microphones that are made up, and told apart in a lesson: by colour and by pitch."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator

from tests.waiting import until

Colour = tuple[int, int, int]
# Shares of a picture's width and height.
Place = tuple[float, float]

SIZE = (640, 360)
SOUND_HZ = 48_000
# What goes on for ever is noise to a browser that suppresses noise: so it comes in bursts.
BURST_S, PAUSE_S = 0.3, 0.3
# Cameras that open, and encoders that begin, on a machine that does much else.
SHOWN_WITHIN_S = 60.0
# A picture on its way loses some of its colour.
NEAR = 48

# The colours of a canvas or a video at some places.
COLOURS_AT = """(source, places) => {
  const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  if (width) pen.drawImage(source, 0, 0);
  return places.map(([x, y]) =>
    [...pen.getImageData(Math.floor(width * x), Math.floor(height * y), 1, 1).data].slice(0, 3));
}"""


def camera(path: Path, left: Colour, right: Colour) -> str:
    """A camera whose picture has two halves, as an argument of a browser."""
    picture = Image.new("RGB", SIZE, left)
    picture.paste(right, (SIZE[0] // 2, 0, *SIZE))
    picture.save(path, "JPEG")
    return f"--use-file-for-fake-video-capture={path}"


def microphone(path: Path, hertz: int) -> str:
    """A microphone that hears bursts of a tone, as an argument of a browser."""
    count = round(BURST_S * SOUND_HZ)
    # They come and go softly: a click has every pitch.
    burst = (
        12_000 * math.sin(math.pi * n / count) ** 2 * math.sin(math.tau * hertz * n / SOUND_HZ)
        for n in range(count)
    )
    samples = array("h", map(round, burst)) + array("h", bytes(2 * round(PAUSE_S * SOUND_HZ)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(samples.itemsize)
        file.setframerate(SOUND_HZ)
        file.writeframes(samples.tobytes())
    return f"--use-file-for-fake-audio-capture={path}"


def is_near(found: Colour, wanted: Colour, near: int = NEAR) -> bool:
    return all(abs(a - b) <= near for a, b in zip(found, wanted, strict=True))


def until_it_shows(picture: Locator, wanted: dict[Colour, list[Place]], near: int = NEAR) -> None:
    """Wait until a canvas or a video has each colour at all of its places."""
    places = [(place, colour) for colour, those in wanted.items() for place in those]
    wrong: list[str] = []

    def shows() -> bool:
        found = picture.evaluate(COLOURS_AT, [place for place, _ in places])
        wrong[:] = [
            f"{colour} at {place}, not {wanted}"
            for (place, wanted), colour in zip(places, found, strict=True)
            if not is_near(colour, wanted, near)
        ]
        return not wrong

    try:
        until(shows, SHOWN_WITHIN_S)
    except AssertionError:
        raise AssertionError("; ".join(wrong)) from None
