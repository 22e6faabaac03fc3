"""Terms and words as FTS5 writes them.

Tokens are letters, digits and Chinese characters, never FTS5's own signs, so quoting is safe.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from search import sounds
from search.fields import SEARCHED
from search.query import Word
from search.text import Term

_ANYWHERE = "{" + " ".join(SEARCHED) + "}"
# More terms than this are the words of a sentence; the first are enough to relax by.
MOST_RELAXED_TERMS = 12


def of_term(term: Term, field: str | None) -> str:
    """One term in a field, or anywhere. The characters are no text: a phrase is not looked for."""
    if term.character and field is None:
        return f'characters : "{term.character}"'
    return f"{field or _ANYWHERE} : {quoted(term.tokens, open_end=term.open_end)}"


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


def some_of(words: Iterable[Word]) -> Iterator[str]:
    """All the terms but one or two; then but half of them. Nothing, where one term is all.

    Two that follow each other, because a wrong character, or a 的 between two words, breaks two
    bigrams; half of them in a row, because the other half may be what the library has.
    """
    terms = [of_term(term, word.field) for word in words for term in word.terms]
    terms = list(dict.fromkeys(terms))[:MOST_RELAXED_TERMS]
    count = len(terms)
    for left_out in [1] if count <= 3 else sorted({2, (count + 1) // 2}):
        kept = [terms[:at] + terms[at + left_out :] for at in range(count - left_out + 1)]
        if all(kept):
            yield any_of(map(all_of, kept))


def of_letters(letters: str) -> str:
    """A title whose reading, or its initials, has these letters from a syllable on."""
    full = quoted((sounds.full_query(letters),), open_end=True)
    initials = quoted((sounds.initials_query(letters),), open_end=True)
    return f"full : {full} OR initials : {initials}"


def of_reading(letters: str) -> str:
    """A title that sounds like this from a syllable on."""
    return f"full : {quoted((sounds.full_query(letters),), open_end=True)}"
