"""Terms and words as FTS5 writes them.

Tokens are letters, digits and Chinese characters, never FTS5's own signs, so quoting is safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from search import sounds
from search.fields import SEARCHED
from search.query import Word
from search.text import Term

_ANYWHERE = "{" + " ".join(SEARCHED) + "}"
_CHARACTERS = "{title_characters other_characters}"

# More terms than this are the words of a sentence; the first are enough to relax by.
MOST_RELAXED_TERMS = 12


def of_term(term: Term, field: str | None) -> str:
    """One term in a field, or anywhere. The streams of characters are not text: never a phrase."""
    character = term.character
    if character and field is None:
        return f'{_CHARACTERS} : "{character}"'
    if character and field == "title":
        return f'title_characters : "{character}"'
    return f"{field or _ANYWHERE} : {quoted(term.tokens, open_end=term.open_end)}"


def quoted(tokens: Sequence[str], *, open_end: bool) -> str:
    return f'"{" ".join(tokens)}"' + (" *" if open_end else "")


def all_of(expressions: Iterable[str]) -> str:
    return " AND ".join(f"({expression})" for expression in dict.fromkeys(expressions))


def any_of(expressions: Iterable[str]) -> str:
    return " OR ".join(f"({expression})" for expression in dict.fromkeys(expressions))


def of_words(words: Iterable[Word], field: str | None = None) -> str:
    """All the words, each in its own field or in `field`."""
    return all_of(of_term(term, word.field or field) for word in words for term in word.terms)


def some_of(words: Iterable[Word]) -> str | None:
    """All the terms but one, or but two that follow each other; None where too few are left.

    Two, because a wrong character, or a word boundary with a 的 in it, breaks two bigrams.
    """
    terms = [of_term(term, word.field) for word in words for term in word.terms]
    terms = list(dict.fromkeys(terms))[:MOST_RELAXED_TERMS]
    if len(terms) < 2:
        return None
    left_out = [(at, at) for at in range(len(terms))]
    if len(terms) > 3:
        left_out = list(pairwise(range(len(terms))))
    return any_of(
        all_of(term for at, term in enumerate(terms) if at not in left) for left in left_out
    )


def of_letters(letters: str) -> str:
    """A title whose reading, or its initials, has these letters from a syllable on."""
    full = quoted((sounds.full_query(letters),), open_end=True)
    initials = quoted((sounds.initials_query(letters),), open_end=True)
    return f"full : {full} OR initials : {initials}"


def of_reading(letters: str) -> str:
    """A title that sounds like this from a syllable on."""
    return f"full : {quoted((sounds.full_query(letters),), open_end=True)}"
