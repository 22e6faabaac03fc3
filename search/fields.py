"""The token streams of a document: what each engine is given to index, field by field."""

from __future__ import annotations

from typing import NamedTuple

from search import sounds
from search import text as analysis

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
    """Tokens parted by spaces: `SEARCHED` in order, then the single characters, for speed."""

    title: str
    text: str
    author: str
    school: str
    unit: str
    title_characters: str
    other_characters: str


class Sounds(NamedTuple):
    full: str
    initials: str


def streams(texts: Texts) -> Streams:
    others = "\n".join((texts.text, texts.author, texts.school, texts.unit))
    return Streams(
        title=analysis.stream(texts.title),
        text=analysis.stream(texts.text),
        author=analysis.stream(texts.author),
        school=analysis.stream(texts.school),
        unit=analysis.stream(texts.unit),
        title_characters=analysis.characters(texts.title),
        other_characters=analysis.characters(others),
    )


def sound_keys(title: str) -> Sounds:
    return Sounds(" ".join(sounds.full_keys(title)), " ".join(sounds.initial_keys(title)))
