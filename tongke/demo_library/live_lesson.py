"""The lesson of the class that runs in the demonstration: its film, and its slides as a deck.

A minute long, and on the minute: where the teacher would stand, the second of the clock and the
number of the picture are burnt in, so that two windows side by side show how far they are apart,
and any watch how far behind.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import fpdf
from PIL import Image, ImageDraw

from tongke.demo_library import recording, voice
from tongke.demo_library.lessons.chinese import GAZING
from tongke.demo_library.live_film import KEYFRAME_S, encode
from tongke.demo_library.slides import BOARD, Canvas
from tongke.demo_library.typeset import FONT_PATH, SIMPLIFIED, font

LESSON = GAZING
SECONDS = 60
# Four pictures are one part of a quarter of a second.
RATE = 16

# Where the teacher stands when slides are shown (web/classroom/layouts.ts), at 720 lines.
_CORNER = (934, 511)
_CORNER_SIZE = (320, 180)
_CLOCK_PX, _NUMBER_PX = 84, 26
_WORDS_PT = 12


def page_starts() -> list[int]:
    """When each slide is shown, in seconds of the film; they change with a keyframe."""
    count = len(LESSON.slides)
    return [KEYFRAME_S * round(SECONDS * n / count / KEYFRAME_S) for n in range(count)]


def pages() -> list[Image.Image]:
    """The slides, each with all its lines."""
    total = len(LESSON.slides)
    return [
        [*Canvas(slide, LESSON.size, LESSON.foot, f"{number} / {total}").frames()][-1]
        for number, slide in enumerate(LESSON.slides, 1)
    ]


def write_film(target: Path, ffmpeg: str | Path) -> None:
    """Raises CalledProcessError."""
    starts = page_starts()
    lengths = [until - start for start, until in zip(starts, [*starts[1:], SECONDS], strict=True)]
    with tempfile.TemporaryDirectory(prefix="tongke-lesson-") as made:
        folder = Path(made)
        listing = recording.write_pictures(zip(pages(), lengths, strict=True), folder)
        sound = folder / "voice.wav"
        voice.write(sound, SECONDS, LESSON.pitch_hz, LESSON.seed)
        width, height = _CORNER_SIZE
        x, y = _CORNER
        source: list[str | Path] = [
            *("-f", "concat", "-i", listing),
            *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{RATE}"),
            *("-i", "pipe:0", "-i", sound, "-filter_complex"),
            # Colours are converted once a slide, before it is repeated.
            f"[0:v]format=yuv420p,fps={RATE}[page];[page][1:v]overlay={x}:{y}",
            *("-map", "2:a"),
        ]
        encode(ffmpeg, source, RATE, SECONDS, target, _corners())


def _corners() -> Iterator[bytes]:
    """The teacher's corner of each picture."""
    for number in range(SECONDS * RATE):
        image = Image.new("RGB", _CORNER_SIZE, BOARD.ground)
        draw = ImageDraw.Draw(image)
        middle = _CORNER_SIZE[0] / 2
        second = f"{number // RATE:02d}"
        draw.text((middle, 72), second, BOARD.ink, font(_CLOCK_PX), anchor="mm")
        draw.text((middle, 146), f"第 {number} 帧", BOARD.accent, font(_NUMBER_PX), anchor="mm")
        yield image.tobytes()


def write_deck(target: Path) -> None:
    """The slides as a PDF: drawn as in the film, with their words beneath, which search finds."""
    width, height = LESSON.size
    pdf = fpdf.FPDF(unit="pt", format=(width, height))
    pdf.set_auto_page_break(False)
    pdf.add_font("noto", fname=FONT_PATH, collection_font_number=SIMPLIFIED)
    pdf.set_font("noto", size=_WORDS_PT)
    pdf.set_title(LESSON.slides[0].title)
    pdf.set_author(LESSON.foot)
    for slide, page in zip(LESSON.slides, pages(), strict=True):
        pdf.add_page()
        # What is larger than the rest is a slide's heading to whoever reads it, as in any deck.
        for number, line in enumerate((slide.title, *slide.lines), 1):
            pdf.set_font_size(2 * _WORDS_PT if number == 1 else _WORDS_PT)
            pdf.text(_WORDS_PT, 2 * _WORDS_PT * number, line.replace("*", ""))
        pdf.image(page, 0, 0, width, height)
    pdf.output(str(target))
