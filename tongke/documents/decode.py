"""Which encoding a plain text is in, for texts as Chinese schools have them.

Notepad of the last twenty years wrote GBK, UTF-16 and UTF-8, with and without a mark. Detectors
made for all the world's languages guess wrongly on a short Chinese text; here every candidate is
decoded strictly and the one that reads most like Chinese wins. What reads like Chinese is known:
the first level of GB 2312 and of Big5 are the characters that all but names are written in.
"""

from __future__ import annotations

import codecs
import unicodedata
from functools import lru_cache

from tongke.documents.errors import UnrecognisedDocument

# A mark settles it. UTF-32 has none here: nothing a school has writes it, and its mark begins
# like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# In the order of preference when two read equally well. GB 18030 contains GBK and GB 2312.
_CANDIDATES = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be")
# Enough to tell; a long text is not scored whole.
_SAMPLE_CHARACTERS = 20_000
# That so many different characters of GBK happen to be valid UTF-8 has a chance of 1 in 10^6.
_SURE_CHARACTERS = 8
# A text of ASCII letters with some others is English with its "é" and "£", or pinyin.
_SURE_ASCII_SHARE = 0.6
# Below this it is no text: random bytes decoded as UTF-16 score about 0.1, Chinese above 0.9,
# other languages in UTF-8 about 0.5.
_LEAST_SCORE = 0.4


def decode(data: bytes) -> str:
    """The text of `data` without its mark, line ends as `\\n`. UnrecognisedDocument: no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _lines(_strict(data[len(mark) :], encoding))
    if _surely_utf8(data):
        return _lines(data.decode("utf-8"))
    readings = [text for encoding in _CANDIDATES if (text := _try(data, encoding)) is not None]
    best = max(readings, key=score, default="")
    if not best or score(best) < _LEAST_SCORE:
        raise UnrecognisedDocument
    return _lines(best)


def score(text: str) -> float:
    """How much `text` reads like Chinese or ASCII: 1.0 all of it, 0 or less none."""
    sample = text[:_SAMPLE_CHARACTERS]
    return sum(map(_weight, sample)) / len(sample) if sample else 0.0


def _surely_utf8(data: bytes) -> bool:
    text = _try(data, "utf-8")
    if text is None:
        return False
    foreign = [character for character in text if not character.isascii()]
    mostly_ascii = len(foreign) < len(text) * (1 - _SURE_ASCII_SHARE)
    return mostly_ascii or len(set(foreign)) >= _SURE_CHARACTERS


def _strict(data: bytes, encoding: str) -> str:
    text = _try(data, encoding)
    if text is None:
        raise UnrecognisedDocument
    return text


def _try(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    # No text holds a NUL, but every ASCII character of UTF-16 does when read as bytes.
    return None if "\0" in text else text


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@lru_cache(maxsize=4096)
def _weight(character: str) -> float:
    if character in _common():
        return 1.0
    category = unicodedata.category(character)
    # Unassigned, private, surrogate, control: the marks of a wrong guess.
    return -1.0 if category.startswith("C") and category != "Cf" else 0.5


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    ascii_text = {chr(code) for code in range(0x20, 0x7F)} | set("\t\r\n\f")
    # GB 2312: rows 1 to 3 are signs, numerals and full-width forms; 16 to 55 the first level.
    gb = _block("gb2312", [*range(0xA1, 0xA4), *range(0xB0, 0xD8)], range(0xA1, 0xFF))
    # Big5: A1 to A3 are signs, A4 to C6 the first level.
    trails = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    big5 = _block("big5", range(0xA1, 0xC7), trails)
    # What UTF-8 writes in two bytes (U+0080 to U+07FF: Greek, accents, ·) is also a common
    # character when read as GBK, so it must not count as much.
    return frozenset(ascii_text | {character for character in gb | big5 if ord(character) > 0x7FF})


def _block(encoding: str, leads: range | list[int], trails: range | list[int]) -> set[str]:
    cells = (bytes((lead, trail)).decode(encoding, "ignore") for lead in leads for trail in trails)
    return {character for character in cells if character}
