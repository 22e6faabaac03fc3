"""How documents lie in Elasticsearch, and what they are sent as.

All tokens are made by `search.text`; the `whitespace` analyzer, which every Elasticsearch has, only
parts them. What is searched, what is ranked by and what is shown lie apart, because each is read by
itself:

- token streams, of which the source keeps no copy. `anywhere` has one value for each text of a
  document, with a gap between them, so that no phrase goes from one text into the next;
- numbers and keywords to filter, count and sort by;
- `card`, all that ranking reads of a document, as one doc value: 100 of them are read for a search,
  and parsing 100 sources with their whole texts would cost more than everything else;
- the title and the text, as the source.

A deletion is a document of its own that nobody may see. It holds the place of the id, so that a
change that was overtaken on its way is refused.
"""

from __future__ import annotations

import base64
import json
from typing import Any, NamedTuple

from search import sounds
from search import text as analysis
from search.fields import published_seconds, streams, texts_of, title_streams
from search.index import FACETS, Document
from search.ranking import OPENING_CHARACTERS

# Moves on when the mapping changes; analysis has its own number, and either asks for a new index.
MAPPING_VERSION = 2
FORMAT = MAPPING_VERSION * 1000 + analysis.ANALYSIS_VERSION

# Stands before the first token of a title, so that a phrase can ask for its start. No text has it.
START = "^"

# Far more than a query's words, so that no phrase crosses from one text to the next.
_GAP_BETWEEN_TEXTS = 1000

# Lucene takes no term above 32,766 bytes, and a character has up to four.
_LONGEST_TERM_CHARACTERS = 8191
# What a sort can tell apart; the rest of a longer reading says nothing.
_COLLATION_CHARACTERS = 1000


_TOKENS = {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "docs"}
_IN_ORDER = {
    **_TOKENS,
    "index_options": "positions",
    "position_increment_gap": _GAP_BETWEEN_TEXTS,
}
_KEYWORD = {"type": "keyword", "ignore_above": _LONGEST_TERM_CHARACTERS}
_NUMBER = {"type": "long", "index": False}

_PROPERTIES: dict[str, Any] = {
    "id": {"type": "long"},
    "version": _NUMBER,
    "deleted": {"type": "boolean"},
    "audience": {**_KEYWORD, "doc_values": False},
    # Counted in every search; made ready when documents come in, rather than when a person asks.
    "facets": {
        "properties": {name: {**_KEYWORD, "eager_global_ordinals": True} for name in FACETS}
    },
    "published": _NUMBER,
    "views": _NUMBER,
    "collation": {**_KEYWORD, "index": False},
    "anywhere": _IN_ORDER,
    "author": _IN_ORDER,
    "title_tokens": _IN_ORDER,
    "characters": _TOKENS,
    "title_characters": _TOKENS,
    "title_full": _TOKENS,
    "title_initials": _TOKENS,
    "card": {"type": "binary", "doc_values": True},
    "title": {"type": "text", "index": False},
    "text": {"type": "text", "index": False},
}

# Texts to show; all else is in the index itself.
_KEPT = ("title", "text")


def index_body() -> dict[str, Any]:
    """Settings and mapping of a new index."""
    return {
        "settings": {
            # 100,000 lessons are a few gigabytes, and one shard counts facets exactly.
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"includes": list(_KEPT)},
            "properties": _PROPERTIES,
        },
    }


class Card(NamedTuple):
    """What ranking reads of a document, and its title as it was written."""

    title: str
    folded: str
    names: str
    opening: str


# Parts the texts of a card. 100 cards are read for a search, and JSON takes several times as long.
_BETWEEN = "\0"


def read_card(written: str) -> Card:
    """From a doc value, as Elasticsearch answers with it."""
    return Card(*base64.b64decode(written).decode().split(_BETWEEN))


def _card(card: Card) -> str:
    joined = _BETWEEN.join(text.replace(_BETWEEN, " ") for text in card)
    return base64.b64encode(joined.encode()).decode()


class Change(NamedTuple):
    """One document to write. `order` is what Elasticsearch compares: twice the version of a
    document, and one more for its deletion, which outlasts its equals."""

    id: int
    order: int
    source: str


def upsertion(document: Document) -> Change:
    texts = texts_of(document)
    written, title = streams(texts), title_streams(texts.title)
    source = {
        "id": document.id,
        "version": document.version,
        "deleted": False,
        "audience": sorted(document.audience),
        "facets": {name: list(values) for name, values in document.facets.items() if values},
        "published": published_seconds(document),
        "views": document.views,
        "collation": sounds.collation(texts.title)[:_COLLATION_CHARACTERS],
        "anywhere": [written.title, written.text, written.author, written.school, written.unit],
        "author": written.author,
        "title_tokens": f"{START} {title.title}",
        "characters": written.characters,
        "title_characters": title.characters,
        "title_full": title.full,
        "title_initials": title.initials,
        "card": _card(
            Card(
                texts.title,
                analysis.fold(texts.title),
                analysis.fold("\n".join((texts.author, texts.school, texts.unit))),
                analysis.fold(texts.text[:OPENING_CHARACTERS]),
            )
        ),
        "title": texts.title,
        "text": texts.text,
    }
    return Change(document.id, 2 * document.version, json.dumps(source))


def deletion(id: int, version: int) -> Change:
    source = {"id": id, "version": version, "deleted": True}
    return Change(id, 2 * version + 1, json.dumps(source))
