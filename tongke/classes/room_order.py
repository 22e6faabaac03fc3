"""The order in which rooms stand in every list: by school, and in it as a school counts them.

七（2）班 comes before 七（10）班 and both before 八（1）班, whatever the characters' codes say;
then the rooms that are no class's.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

from tongke.people.models import Room

_DIGITS: Final = {character: at for at, character in enumerate("一二三四五六七八九", 1)}
_TEN: Final = "十"
# 初一 is the seventh grade, 高一 the tenth.
_STAGES: Final = {"初": 6, "高": 9}
_NUMBER: Final = re.compile(r"(\d+|[初高]?[一二三四五六七八九十]+)")

# Numbers before words, each by its own order.
Key = tuple[tuple[int, int, str], ...]


def in_order(room: Room) -> tuple[int, Key, int]:
    """What rooms are sorted by."""
    return room.school_id, by_name(room.name), room.id


def by_name(name: str) -> Key:
    """What the names of one school's rooms are sorted by."""
    parts = _NUMBER.split(normalize("NFKC", name))
    return tuple(
        (0, _number(part), "") if at % 2 else (1, 0, part) for at, part in enumerate(parts) if part
    )


def _number(text: str) -> int:
    """12, 十二, 初二: a number as a room's name writes it."""
    if text.isdecimal():
        return int(text)
    stage, text = (_STAGES[text[0]], text[1:]) if text[0] in _STAGES else (0, text)
    tens, ten, ones = text.rpartition(_TEN)
    return stage + (_digits(tens) or 1) * 10 * bool(ten) + _digits(ones)


def _digits(text: str) -> int:
    value = 0
    for character in text:
        value = value * 10 + _DIGITS.get(character, 0)
    return value
