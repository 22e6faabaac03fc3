"""How Chinese sounds: for queries typed in pinyin, in initials, or with a homophone.

Only titles have keys here, and engines ask for them only when the plain query finds little: as a
first signal, sounds bury what was meant under what merely sounds alike.

A key is the reading of a title from one of its syllables on. A query finds it as a prefix, so it
may begin at any syllable and end anywhere. Readings are folded the way they are confused in Hunan
and in typing: n and l, zh/ch/sh and z/c/s, -ng and -n, ü and u.
"""

from __future__ import annotations

import re
from functools import lru_cache

from search import text as analysis

# Eight syllables say which title is meant; a longer query is cut to as many letters.
KEY_LETTERS = 24
KEY_SYLLABLES = 12

# One letter would name a twentieth of all titles.
SHORTEST_QUERY_LETTERS = 2

_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("v", "u"))
_LETTERS = re.compile(r"[a-z]+")


def _confuse(letters: str) -> str:
    for spoken, written in _CONFUSED:
        letters = letters.replace(spoken, written)
    return letters


@lru_cache(maxsize=8192)
def _readings(text: str) -> tuple[str, ...]:
    """Each Chinese character as its syllable without tone, and what is between as it is."""
    # Its dictionary takes 60 MB and two seconds, and most processes never ask how anything sounds.
    import pypinyin

    return tuple(pypinyin.lazy_pinyin(analysis.fold(text)))


def syllables(text: str) -> tuple[str, ...]:
    """The syllables of a text. Latin words count as one syllable each."""
    return tuple(part for reading in _readings(text) for part in _LETTERS.findall(reading))


def collation(title: str) -> str:
    """A string that sorts titles as a Chinese dictionary does: by their reading."""
    return " ".join(_readings(title))


def full_keys(title: str) -> list[str]:
    """The reading of a title from each of its syllables on, as `full_query` writes it."""
    read = syllables(title)
    return [full_query("".join(read[at : at + KEY_SYLLABLES])) for at in range(len(read))]


def initial_keys(title: str) -> list[str]:
    """The initials of a title from each of its syllables on, as `initials_query` writes them."""
    initials = "".join(syllable[0] for syllable in syllables(title))
    return [initials_query(initials[at:]) for at in range(len(initials))]


def full_query(letters: str) -> str:
    """Letters of a reading, as a prefix of keys."""
    return _confuse(letters)[:KEY_LETTERS]


def initials_query(letters: str) -> str:
    """Letters that may be initials, as a prefix of keys. Only n and l are confused in them."""
    return letters.replace("l", "n")[:KEY_SYLLABLES]


def typed_letters(text: str) -> str | None:
    """The letters, when a text is nothing but enough of them to be pinyin (`nü'er` is)."""
    letters = re.sub(r"['’\s]", "", analysis.fold(text))
    if len(letters) < SHORTEST_QUERY_LETTERS or not _LETTERS.fullmatch(letters):
        return None
    return letters
