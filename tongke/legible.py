"""What somebody typed for others to read, without what nobody can see in it.

A pupil's name, or an answer on the class's screen, could else be empty to the eye, or turn the
direction of the text that stands beside it.
"""

from __future__ import annotations

import unicodedata
from typing import Final

# Unicode Standard, 4.5. Controls and formats: marks of direction, joiners, what has no width.
_UNSEEN: Final = frozenset({"Cc", "Cf"})
# Marks and separators, which stand on or between what is seen.
_NOTHING_ALONE: Final = frozenset("MZ")
# Letters and symbols by their category, and blank: the Hangul fillers, the empty braille cell, the
# musical note without a head.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\U0001d159")


def legible(text: str) -> str:
    """The words of a text, one space between them; empty where nothing of it can be seen."""
    words = (_seen(word) for word in text.split())
    found = " ".join(word for word in words if word)
    return found if any(_stands_alone(character) for character in found) else ""


def _seen(word: str) -> str:
    return "".join(each for each in word if unicodedata.category(each) not in _UNSEEN)


def _stands_alone(character: str) -> bool:
    return unicodedata.category(character)[0] not in _NOTHING_ALONE and character not in _BLANK
