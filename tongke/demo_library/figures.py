"""The drawings on the slides. Each draws into a box; lengths are for 720 lines, scaled by `k`."""

from __future__ import annotations

import math
from itertools import pairwise

from PIL import ImageDraw

from tongke.demo_library.slides import Box
from tongke.demo_library.typeset import font

INK = "#26302B"
PINE = "#12604C"
RED = "#A83A22"
TINT = "#CFE3D8"
ROSE = "#F1C9BB"
_GOLD = "#D9A441"

Draw = ImageDraw.ImageDraw


def _label(draw: Draw, x: float, y: float, text: str, k: float, colour: str = INK) -> None:
    """`text` centred at (x, y)."""
    draw.text((x, y), text, colour, font(round(26 * k)), anchor="mm")


def _arrow(
    draw: Draw, start: tuple[float, float], end: tuple[float, float], colour: str, k: float
) -> None:
    width = max(2, round(4 * k))
    draw.line((*start, *end), fill=colour, width=width)
    turn = math.atan2(end[1] - start[1], end[0] - start[0])
    head = 14 * k
    wings = [
        (end[0] - head * math.cos(turn + side), end[1] - head * math.sin(turn + side))
        for side in (-0.5, 0.5)
    ]
    draw.polygon([end, *wings], fill=colour)


def number_line(draw: Draw, box: Box, k: float) -> None:
    """(−5) + (−3) as two walks to the west."""
    left, top, right, bottom = box
    y = top + (bottom - top) * 0.55
    step = (right - left) / 12
    zero = left + step * 10
    _arrow(draw, (left, y), (right, y), INK, k)
    for value in range(-9, 2):
        x = zero + value * step
        draw.line((x, y - 8 * k, x, y), fill=INK, width=max(2, round(3 * k)))
        if value % 2 == 0:
            _label(draw, x, y + 28 * k, str(value).replace("-", "−"), k)
    for start, end, height, colour, words in (
        (0, -5, 60, PINE, "−5"),
        (-5, -8, 60, RED, "−3"),
        (0, -8, 130, INK, "−8"),
    ):
        at = y - height * k
        _arrow(draw, (zero + start * step, at), (zero + end * step, at), colour, k)
        _label(draw, zero + (start + end) / 2 * step, at - 24 * k, words, k, colour)


def lanterns(draw: Draw, box: Box, k: float) -> None:
    """A frame and its four tassels, twice."""
    left, top, right, bottom = box
    for share in (0.3, 0.74):
        x = left + (right - left) * share
        y = top + (bottom - top) * 0.36
        wide, high = 84 * k, 62 * k
        draw.line((x, top, x, y - high), fill=INK, width=max(2, round(3 * k)))
        draw.ellipse((x - wide, y - high, x + wide, y + high), fill="#C8442C", outline=RED)
        for rib in (0.36, 0.72):
            ring = (x - wide * rib, y - high, x + wide * rib, y + high)
            draw.ellipse(ring, outline="#E58A6F", width=max(1, round(2 * k)))
        for cap in (-1, 1):
            edge = y + cap * high
            draw.rectangle((x - 30 * k, edge - 7 * k, x + 30 * k, edge + 7 * k), fill=_GOLD)
        for tassel in (-30, -10, 10, 30):
            at = x + tassel * k
            line = (at, y + high + 7 * k, at, y + high + 86 * k)
            draw.line(line, fill=_GOLD, width=max(2, round(6 * k)))


def circle_to_rectangle(draw: Draw, box: Box, k: float) -> None:
    """Sixteen sectors, and the same sixteen laid head to foot."""
    left, top, right, bottom = box
    radius = min((right - left) * 0.26, (bottom - top) * 0.24)
    cx, cy = (left + right) / 2, top + radius
    count = 16
    for number in range(count):
        start = 360 / count * number
        fill = TINT if number % 2 else ROSE
        circle = (cx - radius, cy - radius, cx + radius, cy + radius)
        draw.pieslice(circle, start, start + 360 / count, fill=fill, outline=INK)
    _sectors_laid_out(draw, (left, cy + radius + 40 * k, right, bottom), radius, count, k)


def _sectors_laid_out(draw: Draw, box: Box, radius: float, count: int, k: float) -> None:
    left, top, right, _ = box
    half = 2 * math.pi * radius / count / 2
    x = (left + right) / 2 - half * (count + 1) / 2
    low = top + radius
    for number in range(count):
        up = number % 2 == 0
        at = x + half * number
        points = [(at, low), (at + 2 * half, low), (at + half, top)]
        if not up:
            points = [(at, top), (at + 2 * half, top), (at + half, low)]
        draw.polygon(points, fill=ROSE if up else TINT, outline=INK)
    _label(draw, (left + right) / 2, low + 26 * k, "长 ≈ πr（周长的一半）", k)
    _label(draw, x - 36 * k, (top + low) / 2, "宽 r", k)


def _wave(draw: Draw, box: Box, cycles: float, amplitude: float, colour: str, k: float) -> None:
    left, top, right, bottom = box
    middle = (top + bottom) / 2
    draw.line((left, middle, right, middle), fill="#B9B29C", width=max(1, round(2 * k)))
    points = [
        (
            left + (right - left) * at / 400,
            middle - amplitude * (bottom - top) / 2 * math.sin(2 * math.pi * cycles * at / 400),
        )
        for at in range(401)
    ]
    draw.line(points, fill=colour, width=max(2, round(4 * k)), joint="curve")


def pitch(draw: Draw, box: Box, k: float) -> None:
    """The same loudness, twice the frequency."""
    left, top, right, bottom = box
    middle = (top + bottom) / 2
    _wave(draw, (left, top + 40 * k, right, middle - 10 * k), 3, 0.8, PINE, k)
    _label(draw, left + 70 * k, top + 14 * k, "音调低", k, PINE)
    _wave(draw, (left, middle + 50 * k, right, bottom), 8, 0.8, RED, k)
    _label(draw, left + 70 * k, middle + 24 * k, "音调高", k, RED)


def loudness(draw: Draw, box: Box, k: float) -> None:
    """The same frequency, a third of the amplitude."""
    left, top, right, bottom = box
    middle = (top + bottom) / 2
    _wave(draw, (left, top + 40 * k, right, middle - 10 * k), 5, 0.3, PINE, k)
    _label(draw, left + 70 * k, top + 14 * k, "响度小", k, PINE)
    _wave(draw, (left, middle + 50 * k, right, bottom), 5, 0.95, RED, k)
    _label(draw, left + 70 * k, middle + 24 * k, "响度大", k, RED)


def mountain(draw: Draw, box: Box, k: float) -> None:
    """泰山: three ranges, the light on one side of the peak and the dark on the other."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top

    def at(x: float, y: float) -> tuple[float, float]:
        return left + width * x, top + height * y

    draw.ellipse((*at(0.72, 0.04), *at(0.84, 0.04 + 0.12 * width / height)), fill="#E9A08C")
    peak = at(0.46, 0.08)
    draw.polygon([peak, at(0.66, 0.44), at(0.98, 1), at(0.46, 1)], fill="#9CC2B2")
    draw.polygon([peak, at(0.3, 0.4), at(0.02, 1), at(0.46, 1)], fill="#2F5F52")
    draw.polygon([at(0, 0.8), at(0.2, 0.66), at(0.42, 0.86), at(0.5, 1), at(0, 1)], fill="#6FA08E")
    hills = [at(0.5, 1), at(0.66, 0.82), at(0.8, 0.9), at(1, 0.74), at(1, 1)]
    draw.polygon(hills, fill="#7FAF9E")
    for x, y in ((0.1, 0.3), (0.18, 0.26), (0.24, 0.34)):
        bird = [at(x, y), at(x + 0.025, y + 0.025), at(x + 0.05, y)]
        draw.line(bird, fill=INK, width=max(2, round(3 * k)))


def torn_angles(draw: Draw, box: Box, k: float) -> None:
    """A triangle, and its three corners side by side on a straight line."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    a, b, c = (
        (left + width * 0.36, top),
        (left + width * 0.08, top + height * 0.5),
        (left + width * 0.92, top + height * 0.5),
    )
    draw.polygon([a, b, c], outline=INK, fill="#FFFDF6", width=max(2, round(3 * k)))
    corners = ((a, b, c, ROSE, "1"), (b, c, a, TINT, "2"), (c, a, b, "#F6E3B8", "3"))
    base, radius, start = (left + width * 0.5, bottom), height * 0.3, 180.0
    for corner, one, other, colour, name in corners:
        first, second = sorted((_bearing(corner, one), _bearing(corner, other)))
        if second - first > 180:
            first, second = second, first + 360
        _sector(draw, corner, height * 0.13, (first, second), colour, name, k)
        _sector(draw, base, radius, (start, start + second - first), colour, name, k)
        start += second - first
    ground = (left, bottom, right, bottom)
    draw.line(ground, fill=INK, width=max(2, round(4 * k)))


def _bearing(origin: tuple[float, float], target: tuple[float, float]) -> float:
    """Degrees clockwise from the right, as Pillow counts."""
    return math.degrees(math.atan2(target[1] - origin[1], target[0] - origin[0])) % 360


def _sector(
    draw: Draw,
    centre: tuple[float, float],
    radius: float,
    angles: tuple[float, float],
    colour: str,
    name: str,
    k: float,
) -> None:
    x, y = centre
    circle = (x - radius, y - radius, x + radius, y + radius)
    draw.pieslice(circle, *angles, fill=colour, outline=INK)
    middle = math.radians(sum(angles) / 2)
    reach = radius * 0.66
    _label(draw, x + reach * math.cos(middle), y + reach * math.sin(middle), name, k)


def tuning_fork(draw: Draw, box: Box, k: float) -> None:
    """A tuning fork and the rings of its sound."""
    left, top, right, bottom = box
    x, y = left + (right - left) * 0.3, top + (bottom - top) * 0.32
    for reach in (60, 110, 160, 210):
        ring = (x - reach * k, y - reach * k, x + reach * k, y + reach * k)
        draw.arc(ring, -50, 50, fill=PINE, width=max(2, round(3 * k)))
    for (x0, y0), (x1, y1) in pairwise(
        [(x - 22 * k, top), (x - 22 * k, y + 60 * k), (x + 22 * k, y + 60 * k), (x + 22 * k, top)]
    ):
        draw.line((x0, y0, x1, y1), fill=INK, width=round(12 * k))
    draw.line((x, y + 60 * k, x, bottom - 30 * k), fill=INK, width=round(12 * k))
