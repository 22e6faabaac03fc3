"""A plot of rooms over time, as an SVG that a page of the docs shows."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

WIDTH, HEIGHT = 860, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 36, 40
# Told apart without colour too: each line has its own dashes.
COLOURS = ("#1f6f54", "#c9573a", "#3a5fa8", "#8a6d1d")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
# Of either side of zero, at least: a frame.
LEAST_MS = 40.0

Series = Sequence[tuple[float, float]]


def plot(title: str, names: Sequence[str], rooms: Sequence[Series]) -> str:
    """Lines of (seconds, ms); ms from -m to m, where m holds all of them."""
    seconds = max(at for room in rooms for at, _ in room) or 1.0
    most = max(LEAST_MS, *(abs(ms) for room in rooms for _, ms in room))

    def x(at: float) -> float:
        return LEFT + at / seconds * (WIDTH - LEFT - RIGHT)

    def y(ms: float) -> float:
        return TOP + (most - ms) / (2 * most) * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        f' role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>',
    ]
    for ms in (-most, 0.0, most):
        parts.append(f'<path d="M{LEFT} {y(ms):.1f}H{WIDTH - RIGHT}" stroke="#ccc"/>')
        parts.append(
            f'<text x="{LEFT - 6}" y="{y(ms) + 4:.1f}" text-anchor="end">{ms:.0f} ms</text>'
        )
    for at in (0.0, seconds / 2, seconds):
        foot = HEIGHT - BOTTOM + 18
        parts.append(f'<text x="{x(at):.1f}" y="{foot}" text-anchor="middle">{at:.0f} s</text>')
    for number, (name, room) in enumerate(zip(names, rooms, strict=True)):
        colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
        points = " ".join(f"{x(at):.1f},{y(ms):.1f}" for at, ms in room)
        stroke = f'stroke="{colour}" stroke-dasharray="{dashes}" fill="none"'
        parts.append(f'<polyline points="{points}" {stroke} stroke-width="1.2"/>')
        left = LEFT + number * 120
        parts.append(f'<path d="M{left} {HEIGHT - 8}h24" {stroke} stroke-width="2"/>')
        parts.append(f'<text x="{left + 30}" y="{HEIGHT - 4}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
