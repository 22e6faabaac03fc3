"""The structure of Chinese rules and plans, which stands in their words, not in their styles.

GB/T 9704 and the Legislation Law number by 编、章、节、条, then 一、（一）. Most school papers are
typed in one style throughout, so the numbers are all there is to tell a chapter from its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

_NUMERAL = r"[〇零一二三四五六七八九十百千两\d]+"
_GAP = r"[\s:：]"
# A heading is short and is no sentence.
_MAX_HEADING_CHARACTERS = 40
_SENTENCE_END = "。；;，,、"
# What follows 第七条 when a sentence speaks of the article instead of being it.
_REFERENCE = "规定所第至到、，和与及或的中之以—~-"


class Part(Enum):
    """A level of the structure."""

    VOLUME = auto()
    CHAPTER = auto()
    SECTION = auto()
    ARTICLE = auto()
    ANNEX = auto()
    ITEM = auto()
    SUBITEM = auto()


# The HTML of each heading; h1 is the title of the paper. An article is a paragraph.
HEADING_TAGS = {
    Part.VOLUME: "h2",
    Part.CHAPTER: "h2",
    Part.ANNEX: "h2",
    Part.SECTION: "h3",
    Part.ITEM: "h3",
    Part.SUBITEM: "h4",
}


@dataclass(frozen=True)
class Mark:
    """How a line begins: its part, its number as written, and what follows."""

    part: Part
    number: str
    rest: str


_HEADINGS = (
    (Part.VOLUME, re.compile(rf"(第{_NUMERAL}编)(?:{_GAP}+(.*))?$")),
    (Part.CHAPTER, re.compile(rf"(第{_NUMERAL}章)(?:{_GAP}+(.*))?$")),
    (Part.SECTION, re.compile(rf"(第{_NUMERAL}节)(?:{_GAP}+(.*))?$")),
    (Part.ANNEX, re.compile(r"(附[件录表]\s?[一二三四五六七八九十\d]*)(?:[\s:：.．]+(.*))?$")),
    (Part.ITEM, re.compile(r"([一二三四五六七八九十]+)、\s*(.+)$")),
    (Part.SUBITEM, re.compile(r"([(（][一二三四五六七八九十]+[)）])\s*(.+)$")),
)
_ARTICLE = re.compile(
    rf"(第{_NUMERAL}条(?:之[一二三四五六七八九十]+)?)(?:{_GAP}+|(?![{_REFERENCE}]))(.*)$", re.S
)
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "两": 2,
}
_UNITS = {"十": 10, "百": 100, "千": 1000}
# 考　勤 and 总  则: two characters set apart to fill the line.
_SPREAD = re.compile(r"^(\S)\s+(\S)$")


def mark(line: str) -> Mark | None:
    """The mark that `line` begins with, or None for plain text."""
    line = line.strip()
    if found := _ARTICLE.match(line):
        return Mark(Part.ARTICLE, found[1], found[2].strip())
    if len(line) > _MAX_HEADING_CHARACTERS or line.endswith(tuple(_SENTENCE_END)):
        return None
    for part, pattern in _HEADINGS:
        if found := pattern.match(line):
            return Mark(part, found[1], (found[2] or "").strip())
    return None


def heading_text(found: Mark) -> str:
    """A heading as it is set: one full-width space between number and title (look.md)."""
    title = close_up(found.rest)
    if found.part is Part.ITEM:
        return f"{found.number}、{title}"
    if found.part is Part.SUBITEM:
        return f"{found.number}{title}"
    return f"{found.number}　{title}" if title else found.number


def close_up(title: str) -> str:
    """`考　勤` -> `考勤`, so that the word is found."""
    return _SPREAD.sub(r"\1\2", title.strip())


def arabic(number: str) -> str:
    """`第二十三条` -> `23`, `第三条之一` -> `3-1`."""
    return "-".join(str(_value(numeral)) for numeral in re.findall(_NUMERAL, number))


def _value(numeral: str) -> int:
    if numeral.isdecimal():
        return int(numeral)
    total, digit = 0, 0
    for character in numeral:
        if character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            digit = _DIGITS.get(character, 0)
    return total + digit
