"""How large a JPEG is, read without a decoder (ITU-T T.81, annex B).

What is small on the line may be a gigabyte in the browser that draws it, which believes the header.
So a picture is walked through from its first marker to its last, and has to be of the one kind that
browsers make of a canvas: baseline, in one scan, with nothing after it. In another a decoder may
find another size than is found here.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_BEGINS: Final = b"\xff\xd8"
_ENDS: Final = b"\xff\xd9"
_BASELINE: Final = 0xC0
_SCAN: Final = 0xDA
# Tables, how often to start anew, a comment (B.2.4), and what programs say of it: a second picture
# may be in there, which some browsers draw.
_BESIDE: Final = frozenset({0xC4, 0xDB, 0xDD, 0xFE})
_OF_PROGRAMS: Final = frozenset(range(0xE0, 0xF0))
# In coded data none but these stand behind 0xFF: a zero that is left out, and the restarts.
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7]")


class Size(NamedTuple):
    width: int
    height: int


def size(data: bytes) -> Size | None:
    """In pixels; None: it is no such JPEG, or damaged."""
    if not data.startswith(_BEGINS):
        return None
    at, found = len(_BEGINS), None
    while (segment := _segment(data, at)) is not None:
        marker, body = segment
        at += 4 + len(body)
        if marker == _SCAN:
            following = _MARKER.search(data, at)
            ends_here = following is not None and data[following.start() :] == _ENDS
            return found if ends_here else None
        if marker == _BASELINE and found is None and len(body) >= 5:
            # Behind how many bits a sample has (B.2.2).
            height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
            found = Size(width, height)
        elif marker not in _BESIDE and (marker not in _OF_PROGRAMS or _BEGINS in body):
            return None
    return None


def _segment(data: bytes, at: int) -> tuple[int, bytes] | None:
    """The marker that stands there, and what it brings (B.1.1.4)."""
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    if data[at : at + 1] != b"\xff" or length < 2 or at + 2 + length > len(data):
        return None
    return data[at + 1], data[at + 4 : at + 2 + length]
