"""Chinese lines: where they may break, and the faces they are set in.

Pillow and fpdf2 break between any two characters; Chinese does not begin a line with a closing
mark nor end it with an opening one (GB/T 15834).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import noto_cjk_sans_otc
from PIL import ImageFont

FONT_PATH = str(noto_cjk_sans_otc.FONT_PATH)
# The wheel holds one collection; this is the face for simplified Chinese in it.
SIMPLIFIED = 2

_NEVER_FIRST = "，。、；：？！）》”’…—％%〕】"
_NEVER_LAST = "（《“‘〔【"
# A run of Latin letters, digits and signs stays whole.
_WORD = r"[A-Za-z0-9.,%+=−×÷²π°]"
_TOKEN = re.compile(rf"{_WORD}+|.", re.S)


@lru_cache(maxsize=64)
def font(size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT_PATH, size_px, index=SIMPLIFIED)


def wrap(text: str, width: float, measure: Callable[[str], float], indent: str = "") -> list[str]:
    """`text` in lines no wider than `width`, as `measure` measures; `indent` opens the first.

    A closing mark that would begin a line takes the character before it along.
    """
    lines, line = [], indent
    for token in _TOKEN.findall(text):
        if measure(line + token) <= width or not line.strip():
            line += token
            continue
        kept, carried = _break(line, token)
        lines.append(kept)
        line = carried + token.lstrip(" ")
    return [*lines, line] if line.strip() else lines


def _break(line: str, token: str) -> tuple[str, str]:
    """Where to break `line` before `token`: what stays, and what is carried over."""
    at = len(line)
    if token[0] in _NEVER_FIRST:
        at -= 1
        while at > 1 and line[at] in _NEVER_FIRST:
            at -= 1
    while at > 1 and (line[at - 1] in _NEVER_LAST or _inside_word(line[at - 1 : at + 1])):
        at -= 1
    return line[:at].rstrip(" "), line[at:]


def _inside_word(pair: str) -> bool:
    return len(pair) == 2 and all(re.match(_WORD, character) for character in pair)
