"""Where a page ends, so that the next goes on there whatever came in between.

A cursor holds the sort key of the last hit, never an offset: what is inserted before it moves
nothing. Sorted by relevance, a set has two parts: the ranked first 100 by their score, then the
rest by stage. `fence` is the stage key of the 100th as the first page saw it; later pages cut there
again, so a document that comes in makes the ranked part longer and pushes none out of it.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from search.index import BadCursor, Sort

# (stage, published, id), falling.
StageKey = tuple[int, int, int]

_KINDS_OF_VALUE = {
    Sort.RELEVANCE: (int, float),
    Sort.NEWEST: (int,),
    Sort.VIEWS: (int,),
    Sort.TITLE: (str,),
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """`after` is (value, id) of the last hit; `stage` instead, when it was past the fence."""

    sort: Sort
    after: tuple[int | float | str, int] | None = None
    fence: StageKey | None = None
    stage: StageKey | None = None

    def encode(self) -> str:
        written = json.dumps([self.sort, self.after, self.fence, self.stage], separators=(",", ":"))
        return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def decode(written: str, sort: Sort) -> Cursor:
    """Read a cursor that was made for this sort. Raises `BadCursor`."""
    try:
        padded = written.encode("ascii") + b"=" * (-len(written) % 4)
        made_for, after, fence, stage = json.loads(base64.b64decode(padded, b"-_", validate=True))
        if made_for != sort:
            raise ValueError("made for another sort")
        return Cursor(sort, _after(after, sort), _stage_key(fence), _stage_key(stage))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise BadCursor from error


def _after(read: object, sort: Sort) -> tuple[int | float | str, int] | None:
    if read is None:
        return None
    if not isinstance(read, list) or len(read) != 2:
        raise ValueError("not a key")
    value, id = read
    if not isinstance(value, _KINDS_OF_VALUE[sort]) or not isinstance(id, int):
        raise TypeError("not a key of this sort")
    return value, id


def _stage_key(read: object) -> StageKey | None:
    if read is None:
        return None
    if not isinstance(read, list) or not all(isinstance(part, int) for part in read):
        raise TypeError("not a stage key")
    stage, published, id = read
    return stage, published, id
