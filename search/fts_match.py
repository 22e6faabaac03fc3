"""Terms and words as FTS5 writes them.

Tokens are letters, digits and Chinese characters, never FTS5's own signs, so quoting is safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from search import sounds
from search import text as analysis
from search.fields import SEARCHED
from search.query import Word
from search.relaxing import Part
from search.text import Term

_ANYWHERE = "{" + " ".join(SEARCHED) + "}"


def of_term(term: Term, field: str | None) -> str:
    """One term in a field, or anywhere. The characters are no text: a phrase is not looked for."""
    if term.character and field is None:
        return f'characters : "{term.character}"'
    words = quoted(term.tokens, open_end=term.open_end)
    if field is None and not all(map(_is_character, term.tokens)):
        return words
    return f"{field or _ANYWHERE} : {words}"


def _is_character(token: str) -> bool:
    """Whether the column of characters may have it. What it cannot have is looked for in every
    column: where FTS5 keeps to some, it reads the positions of each document that it passes."""
    return len(token) == 1 and analysis.is_cjk(token)


def quoted(tokens: Sequence[str], *, open_end: bool) -> str:
    return f'"{" ".join(tokens)}"' + (" *" if open_end else "")


def all_of(expressions: Iterable[str]) -> str:
    return " AND ".join(f"({expression})" for expression in dict.fromkeys(expressions))


def any_of(expressions: Iterable[str]) -> str:
    return " OR ".join(f"({expression})" for expression in dict.fromkeys(expressions))


def of_words(words: Iterable[Word]) -> str:
    """All the words, each in its own field or anywhere."""
    return all_of(of_term(term, word.field) for word in words for term in word.terms)


def of_title(words: Iterable[Word]) -> str:
    """All the words in a title, for the table of titles."""
    return all_of(_of_title(term) for word in words for term in word.terms)


def _of_title(term: Term) -> str:
    if term.character:
        return f'characters : "{term.character}"'
    return f"title : {quoted(term.tokens, open_end=term.open_end)}"


def of_parts(alternatives: Iterable[Sequence[Part]]) -> str:
    """All the parts of any of the alternatives."""
    return any_of(all_of(of_term(term, field) for term, field in parts) for parts in alternatives)


def of_letters(letters: str) -> str:
    """A title whose reading, or its initials, has these letters from a syllable on."""
    full = quoted((sounds.full_query(letters),), open_end=True)
    initials = quoted((sounds.initials_query(letters),), open_end=True)
    return f"full : {full} OR initials : {initials}"


def of_reading(letters: str) -> str:
    """A title that sounds like this from a syllable on."""
    return f"full : {quoted((sounds.full_query(letters),), open_end=True)}"
