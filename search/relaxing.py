"""What a query that found few asks for instead: the same for every engine.

Pure: words in, parts and readings out. Each engine writes them in its own language and takes the
first that finds anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search import sounds
from search.query import Word
from search.text import Term

# A term, and the field it is looked for in; None for anywhere.
Part = tuple[Term, str | None]

# More terms than this are the words of a sentence; the first are enough to relax by.
MOST_RELAXED_TERMS = 12


def letters_of(words: Sequence[Word]) -> list[str] | None:
    """The letters of the words, when every one may be pinyin or initials."""
    typed = [sounds.typed_letters(word.typed) for word in words]
    letters = [each for each in typed if each]
    return letters if len(letters) == len(words) else None


def reading_of(word: Word) -> str | None:
    """How a word sounds, when a title that sounds so may be meant."""
    reading = "".join(sounds.syllables(word.typed))
    if word.field or len(reading) < sounds.SHORTEST_QUERY_LETTERS:
        return None
    return reading


def closeness(words: Sequence[Word], collation: str) -> float:
    """How much of a title's reading the query is."""
    typed = "".join("".join(sounds.syllables(word.typed)) for word in words)
    return round(len(typed) / max(1, len(collation)), 6)


def some_of(words: Sequence[Word]) -> Iterator[list[list[Part]]]:
    """All the terms but one or two; then but half of them. Nothing, where one term is all.

    Two that follow each other, because a wrong character, or a 的 between two words, breaks two
    bigrams; half of them in a row, because the other half may be what the library has.
    """
    parts = [(term, word.field) for word in words for term in word.terms]
    parts = list(dict.fromkeys(parts))[:MOST_RELAXED_TERMS]
    count = len(parts)
    for left_out in [1] if count <= 3 else sorted({2, (count + 1) // 2}):
        kept = [parts[:at] + parts[at + left_out :] for at in range(count - left_out + 1)]
        if all(kept):
            yield kept
