"""How much may be drawn in a class, and how finely.

What stands on the surfaces of a class is told whole to whoever comes in, and read by the process
that opens it: so it is bounded. A stroke counts as its points and `OF_A_STROKE` more, which its
name and colour take in what is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tongke.errors import Conflict, Text
from tongke.live.bodies import Point

# A hundred and fifty characters fill a board; each has about eight strokes of fifteen points, which
# is some 28 000 with what a stroke counts.
MOST_OF_SURFACE: Final = 50_000
# A teacher who writes thirty characters a minute through a third of 45 minutes, and wipes nothing,
# comes to 83 000.
MOST_OF_CLASS: Final = 150_000
OF_A_STROKE: Final = 8
# All that is ever drawn in a class, also what was wiped, is in its log for good. Three hours of
# writing at that pace, without a pause, come to no more.
MOST_EVER: Final = 1_000_000
# What one message brings at most: its points (`tongke.live.bodies.Stroke`) and its stroke.
MOST_AT_ONCE: Final = 500 + OF_A_STROKE
# Of a share of the surface: no screen is finer (`web/classroom/lead/pen.ts`).
_DIGITS: Final = 4


class SurfaceFull(Conflict):
    code = "surface-full"
    message = Text("这一页已经画满了", "Nothing more fits on this page")
    remedy = Text("点“擦净”再接着写", "Wipe it, then go on")


class InkFull(Conflict):
    code = "ink-full"
    message = Text("这节课画的太多了", "Nothing more can be drawn in this class")
    remedy = Text("擦净用过的几页，再接着写", "Wipe pages that you are done with, then go on")


class DrawnTooMuch(Conflict):
    code = "drawn-too-much"
    message = Text("这节课画的和擦的太多了", "Too much was drawn and wiped in this class")
    remedy = Text("不能再画了，用课件接着讲", "No more can be drawn: go on with slides")


def fine(points: Sequence[Point]) -> tuple[Point, ...]:
    """Points as they are kept: no finer than they can be seen."""
    return tuple((round(x, _DIGITS), round(y, _DIGITS)) for x, y in points)


def check(of_surface: int, of_class: int, ever: int) -> None:
    """Refuse what would make a surface, all of them, or the log hold so much.

    Raises:
        SurfaceFull, InkFull, DrawnTooMuch.
    """
    if ever > MOST_EVER:
        raise DrawnTooMuch
    if of_surface > MOST_OF_SURFACE:
        raise SurfaceFull
    if of_class > MOST_OF_CLASS:
        raise InkFull
