"""Analysis: what of a text is a token, for every engine alike.

Both engines are handed tokens made here, parted by spaces, and split on nothing but spaces. So
they match the same documents, and an engine that has no Chinese analyzer will do.

**Folding** goes character by character: compatibility forms (full-width letters, ligatures),
traditional to simplified, case, accents. It never looks at a neighbour. OpenCC's phrase tables
would, and then a part of a text could fold otherwise than the whole, and not be found in it.

**The stream** has one token for each Chinese character: the character with the one after it, and
the last of a run by itself. 「有理数，加法」 is `有理 理数 数 加法 法`. From this follows:

- adjacent tokens are a substring, exactly: the lone last character keeps two runs from joining;
- a run of two or more characters is looked up by its bigrams, without the lone one at the end;
- one character alone is a token that starts with it (`Term.open_end`); an engine may answer that
  from `characters`, the set of characters of a text, which is quicker.

**Latin letters and digits** are words: a run of letters or a run of digits. 「2024」 finds 2024年
and 2024-2025 but not 120245; 「5.3」 is 5 followed by 3, so it finds 5.3 and 5.3.1 but not 15.3 or
5.30; 「Unit3」 and 「Unit 3」 are the same. A part of a word finds nothing: 「photo」 does not find
"photosynthesis".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import opencc

# An index keeps the number it was made with, and is made anew when this one moves on.
ANALYSIS_VERSION = 1

# Longer "words" are encodings, not language; both sides cut them alike.
WORD_CHARACTERS = 64

# Han with its extensions, kana, hangul: scripts that are written without spaces.
_CJK = "々〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffffぁ-ゖァ-ヺー가-힣"
_LETTER = rf"[^\W\d_{_CJK}]"
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|{_LETTER}+|\d+")

_to_simplified = opencc.OpenCC("t2s")


def _fold_character(character: str) -> str:
    if unicodedata.category(character) == "Cs":
        return " "  # half a surrogate pair: no engine can store it
    folded = unicodedata.normalize("NFKC", character).casefold()
    if not folded or folded[0] < "\u0530" or unicodedata.combining(folded[0]):
        # Latin, Greek and Cyrillic lose their accents, and so do accents typed by themselves.
        parts = unicodedata.normalize("NFKD", folded)
        return "".join(part for part in parts if not unicodedata.combining(part))
    return "".join(_to_simplified.convert(part) for part in folded)


class _Folding(dict[int, str]):
    """A table for `str.translate` that fills itself with the characters that occur."""

    def __init__(self) -> None:
        super().__init__()
        # The characters that fold to none or to several.
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        if len(folded) != 1:
            self.uneven.add(chr(code))
        return folded


_folding = _Folding()


def fold(text: str) -> str:
    """The form in which texts are compared. `fold(a + b) == fold(a) + fold(b)`."""
    return text.translate(_folding)


def fold_with_offsets(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters (and its end) the offset in `text`."""
    folded = fold(text)
    if _folding.uneven.isdisjoint(text):
        return folded, range(len(text) + 1)
    parts = [_folding[ord(character)] for character in text]
    offsets = [at for at, part in enumerate(parts) for _ in part]
    return folded, [*offsets, len(text)]


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that stand side by side in the stream, in this order.

    With `open_end` the last token is a single character that others may follow.
    """

    tokens: tuple[str, ...]
    open_end: bool = False

    @property
    def character(self) -> str | None:
        """The character, when the term is nothing else."""
        return self.tokens[0] if self.open_end and len(self.tokens) == 1 else None


def _runs(folded: str) -> Iterator[tuple[str, bool, int]]:
    """Each run of one script, whether it is CJK, and where it starts."""
    for match in _RUN.finditer(folded):
        yield match.group(), match["cjk"] is not None, match.start()


def _tokens(folded: str) -> Iterator[str]:
    for run, cjk, _ in _runs(folded):
        if cjk:
            for at in range(len(run)):
                yield run[at : at + 2]
        else:
            yield run[:WORD_CHARACTERS]


def stream(text: str) -> str:
    """The tokens of a text in their order, parted by spaces."""
    return " ".join(_tokens(fold(text)))


def characters(text: str) -> str:
    """Each CJK character of a text once, parted by spaces."""
    found = {character for run, cjk, _ in _runs(fold(text)) if cjk for character in run}
    return " ".join(sorted(found))


def phrase(text: str) -> Term | None:
    """What finds a text word for word, or None when nothing in it can be looked for."""
    runs = list(_runs(fold(text)))
    if not runs:
        return None
    tokens = tuple(_tokens(fold(text)))
    last, cjk, _ = runs[-1]
    if cjk and len(last) > 1:
        return Term(tokens[:-1])
    return Term(tokens, open_end=cjk)


def terms(text: str) -> tuple[Term, ...]:
    """What a text must have to be found by a word that was typed without quotes: all of these.

    A Chinese run asks for its bigrams; letters and digits that touch stay together, in order.
    """
    found: list[Term] = []
    words: list[str] = []
    for run, cjk, _ in _runs(fold(text)):
        if not cjk:
            words.append(run[:WORD_CHARACTERS])
            continue
        if words:
            found.append(Term(tuple(words)))
            words = []
        if len(run) == 1:
            found.append(Term((run,), open_end=True))
        found.extend(Term((first + second,)) for first, second in pairwise(run))
    if words:
        found.append(Term(tuple(words)))
    return tuple(dict.fromkeys(found))


def is_cjk(character: str) -> bool:
    """Whether a folded character belongs to a script that is written without spaces."""
    match = _RUN.match(character)
    return match is not None and match["cjk"] is not None


def _run_pattern(run: str, cjk: bool) -> str:
    if cjk:
        return re.escape(run)
    kin = r"\d" if run[0].isdigit() else _LETTER
    return rf"(?<!{kin}){re.escape(run)}(?!{kin})"


def literal(text: str) -> str | None:
    """What `pattern` finds, where it is one piece of Chinese and finds nothing else."""
    runs = list(_runs(fold(text)))
    return runs[0][0] if len(runs) == 1 and runs[0][1] else None


@lru_cache(maxsize=4096)
def pattern(text: str) -> re.Pattern[str] | None:
    """Finds in a folded text what `phrase` finds in an index. For marks and for ranking."""
    pieces: list[str] = []
    previous = False
    for run, cjk, _ in _runs(fold(text)):
        if pieces:
            pieces.append(r"[\W_]+" if cjk and previous else r"[\W_]*")
        pieces.append(_run_pattern(run, cjk))
        previous = cjk
    return re.compile("".join(pieces)) if pieces else None
