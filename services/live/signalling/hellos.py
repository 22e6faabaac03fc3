"""The first message of each line as text: everything that somebody may know of the class.

What is drawn in it may be hundreds of thousands of numbers, is the same for everybody, and after a
break everybody comes at once. So a stroke is written once, as far as it is drawn, and kept; and who
writes many lets others have their turn on the loop in between. (JSON is written in one go without
letting go of the interpreter, so a thread would hold them up as well.)
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final, NamedTuple

# JSON has no infinite numbers.
as_json: Final = partial(json.dumps, allow_nan=False)

# Points of strokes that are written before others have their turn: about a millisecond.
_POINTS_AT_ONCE: Final = 2_000
# What stands in the place of all that is drawn until it is put in. No text of anybody's can be
# taken for it: in those each quotation mark is escaped.
_NO_INK: Final = as_json({"ink": ""})[1:-1]


class _Written(NamedTuple):
    """A stroke as it was with so many points; more may be added, and nothing else changes."""

    points: int
    text: str


class Hellos:
    """Of one class, in one process."""

    def __init__(self) -> None:
        # By surface and stroke.
        self._kept: dict[tuple[str, str], _Written] = {}

    async def written(self, hello: Mapping[str, Any]) -> str:
        """The message with which a line begins (`Line.hello`)."""
        state = hello["state"]
        stage = state.get("stage")
        if stage is None:
            return as_json({"hello": hello})
        drawn = await self._drawn(stage["ink"])
        rest = {**hello, "state": {**state, "stage": {**stage, "ink": ""}}}
        return as_json({"hello": rest}).replace(_NO_INK, f'"ink": [{drawn}]')

    async def _drawn(self, surfaces: list[dict[str, Any]]) -> str:
        standing: dict[tuple[str, str], _Written] = {}
        texts, written = [], 0
        for surface in surfaces:
            page = as_json(surface["page"])
            strokes = []
            for stroke in surface["strokes"]:
                name, points = (page, stroke["stroke"]), len(stroke["points"])
                known = self._kept.get(name)
                if known is None or known.points != points:
                    known = self._kept[name] = _Written(points, as_json(stroke))
                    written += points
                standing[name] = known
                strokes.append(known.text)
                if written >= _POINTS_AT_ONCE:
                    written = 0
                    await asyncio.sleep(0)
            texts.append(f'{{"page": {page}, "strokes": [{", ".join(strokes)}]}}')
        # What was wiped is not kept.
        self._kept = standing
        return ", ".join(texts)
