"""The token streams of a document: what each engine is given to index, field by field."""

from __future__ import annotations

from typing import NamedTuple

from search import sounds
from search import text as analysis
from search.index import Document

# Fields that a word without a field is looked for in.
SEARCHED = ("title", "text", "author", "school", "unit")


class Texts(NamedTuple):
    """The texts of a document that are searched. `unit` is its units, one a line."""

    title: str
    text: str
    author: str
    school: str
    unit: str


class Streams(NamedTuple):
    """Tokens parted by spaces: `SEARCHED` in order, then the single characters of all of them."""

    title: str
    text: str
    author: str
    school: str
    unit: str
    characters: str


class TitleStreams(NamedTuple):
    """The title once more, and its keys by sound: what is asked of titles alone is asked often,
    and the postings of all texts would be in the way."""

    title: str
    characters: str
    full: str
    initials: str


def _storable(text: str) -> str:
    """Half surrogate pairs come in with broken files and fit in no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def texts_of(document: Document) -> Texts:
    unit = "\n".join(document.facets.get("unit", ()))
    texts = (document.title, document.text, document.author, document.school, unit)
    return Texts(*map(_storable, texts))


def published_seconds(document: Document) -> int:
    """What 「最新」 goes by, in seconds since 1970."""
    return int((document.published_at or document.created_at).timestamp())


def streams(texts: Texts) -> Streams:
    return Streams(
        title=analysis.stream(texts.title),
        text=analysis.stream(texts.text),
        author=analysis.stream(texts.author),
        school=analysis.stream(texts.school),
        unit=analysis.stream(texts.unit),
        characters=analysis.characters("\n".join(texts)),
    )


def title_streams(title: str) -> TitleStreams:
    return TitleStreams(
        title=analysis.stream(title),
        characters=analysis.characters(title),
        full=" ".join(sounds.full_keys(title)),
        initials=" ".join(sounds.initial_keys(title)),
    )
