"""When two short answers are the same, though they are not written the same.

A pupil on a telephone ends a line with a full stop, or puts a poem's name between 《》, and means
what the right answer means. What has a meaning stays: x², the point of 3.5, 5!, and 0.3….
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_CLOSING: Final = "。.!?;,、…"
# Round and square brackets are not among them: (0,1) is another interval than [0,1].
_ENCLOSING: Final = {
    "“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "〈": "〉", '"': '"', "'": "'"
}  # fmt: skip
# After a figure, a bracket or a letter that stands for a number: a factorial, or what goes on.
_MEANT: Final = re.compile(r"(?:[\d)]|(?<![a-z])[a-z])[,、]?(?:!+|…+|\.{2,})$")


def fold(words: str) -> str:
    """By which short answers are compared: without differences in width, case and space, without
    marks that close it and quotes or 《》 around the whole of it. Empty for none but a blank one.

    Only width is folded of what Unicode calls compatible: x² and x2 are not the same. The minus of
    print is what a keyboard has for it.
    """
    narrow = "".join(
        unicodedata.normalize("NFKC", c)
        if unicodedata.decomposition(c).startswith(("<wide>", "<narrow>"))
        else c
        for c in words
    )
    folded = "".join(narrow.replace("−", "-").casefold().split())
    while (bare := _taken_out(_left_open(folded))) != folded:
        folded = bare
    return folded


def _left_open(words: str) -> str:
    """Without the marks at its end. Where nothing else is there, they are the answer."""
    if not words.rstrip(_CLOSING):
        return words
    while words[-1] in _CLOSING and not _MEANT.search(words):
        words = words[:-1]
    return words


def _taken_out(words: str) -> str:
    """Out of the pair that encloses the whole; 《…》和《…》 are two."""
    within = words[1:-1]
    if not within or _ENCLOSING.get(words[0]) != words[-1]:
        return words
    return words if words[0] in within or words[-1] in within else within
