"""Writing the embedded engine: documents in and out, and the rebuild of a whole side.

Every change is made on the side that answers and on the one that is being built, in one
transaction.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from search import sounds
from search import text as analysis
from search.fields import Texts, published_seconds, streams, texts_of, title_streams
from search.fts_tables import SIDES, create, drop, on_side, read_state, transaction
from search.index import Document, RebuildTakenOver
from search.ranking import OPENING_CHARACTERS
from tongke import clock

_ADD_WORDS = """
INSERT INTO words_@ (rowid, title, text, author, school, unit, characters)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_REMOVE_WORDS = """
INSERT INTO words_@ (words_@, rowid, title, text, author, school, unit, characters)
VALUES ('delete', ?, ?, ?, ?, ?, ?, ?)
"""
_ADD_TITLE = """
INSERT INTO titles_@ (rowid, title, characters, full, initials) VALUES (?, ?, ?, ?, ?)
"""
_REMOVE_TITLE = """
INSERT INTO titles_@ (titles_@, rowid, title, characters, full, initials)
VALUES ('delete', ?, ?, ?, ?, ?)
"""


class _Side:
    """Writes one side, within the caller's transaction. `sequence` counts the changes."""

    def __init__(self, connection: sqlite3.Connection, side: str, sequence: int) -> None:
        self._connection = connection
        self._side = side
        self.sequence = sequence

    def _execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        return self._connection.execute(on_side(self._side, statement), values)

    def upsert(self, document: Document) -> None:
        known = self._known(document.id)
        if known and (document.version, False) < known:
            return
        texts = texts_of(document)
        before = self._stored_texts(document.id)
        if texts != before:
            self._unindex(document.id, before)
            self._index(document.id, texts)
        self._put_row(document, texts)

    def delete(self, id: int, version: int) -> None:
        known = self._known(id)
        if known and version < known[0]:
            return
        self._unindex(id, self._stored_texts(id))
        self.sequence += 1
        self._execute(
            "REPLACE INTO documents_@ VALUES (?, ?, ?, 1, '[]', '{}', 0, 0, '', '', '', '', '')",
            *(id, version, self.sequence),
        )

    def _known(self, id: int) -> tuple[int, bool] | None:
        """The version seen last, and whether it was the deletion, which outlasts its equals."""
        row = self._execute("SELECT version, deleted FROM documents_@ WHERE id = ?", id).fetchone()
        return (row[0], bool(row[1])) if row else None

    def _stored_texts(self, id: int) -> Texts | None:
        row = self._execute(
            "SELECT title, text, author, school, unit FROM documents_@ JOIN texts_@ USING (id)"
            " WHERE id = ?",
            id,
        ).fetchone()
        return Texts(*row) if row else None

    def _index(self, id: int, texts: Texts) -> None:
        opening = analysis.fold(texts.text[:OPENING_CHARACTERS])
        self._execute("INSERT INTO texts_@ VALUES (?, ?, ?)", id, opening, texts.text)
        self._execute(_ADD_WORDS, id, *streams(texts))
        self._execute(_ADD_TITLE, id, *title_streams(texts.title))

    def _unindex(self, id: int, texts: Texts | None) -> None:
        if texts is None:
            return
        self._execute("DELETE FROM texts_@ WHERE id = ?", id)
        self._execute(_REMOVE_WORDS, id, *streams(texts))
        self._execute(_REMOVE_TITLE, id, *title_streams(texts.title))

    def _put_row(self, document: Document, texts: Texts) -> None:
        self.sequence += 1
        facets = {name: list(values) for name, values in document.facets.items() if values}
        self._execute(
            "REPLACE INTO documents_@ VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            document.id,
            document.version,
            self.sequence,
            json.dumps(sorted(document.audience)),
            json.dumps(facets, ensure_ascii=False, sort_keys=True),
            published_seconds(document),
            document.views,
            sounds.collation(texts.title),
            texts.title,
            texts.author,
            texts.school,
            texts.unit,
        )


_MERGES = (
    "INSERT INTO words_@(words_@, rank) VALUES ('merge', ?)",
    "INSERT INTO titles_@(titles_@, rank) VALUES ('merge', ?)",
)
_MERGED_PAGES = 500


def write(
    connection: sqlite3.Connection,
    documents: Iterable[Document] = (),
    deleted: Mapping[int, int] | None = None,
) -> None:
    """Put in and remove, in one transaction, on every side there is."""
    with transaction(connection, "BEGIN IMMEDIATE"):
        state = read_state(connection)
        documents = list(documents)
        for name in filter(None, (state.active, state.building)):
            side = _Side(connection, name, state.sequence)
            for document in documents:
                side.upsert(document)
            for id, version in (deleted or {}).items():
                side.delete(id, version)
            _advance(connection, side)


def _advance(connection: sqlite3.Connection, side: _Side) -> None:
    connection.execute("UPDATE state SET sequence = max(sequence, ?)", (side.sequence,))


def new_build() -> str:
    """What a rebuild is called: when it began, and a number of its own."""
    return f"{clock.now().isoformat()} {uuid.uuid4().hex}"


def begun_at(build: str | None) -> datetime | None:
    """When a rebuild was begun; None where there is none. One of before its name told is old."""
    if build is None:
        return None
    began, told, _ = build.partition(" ")
    return datetime.fromisoformat(began) if told else datetime.fromtimestamp(0, UTC)


def try_out(connection: sqlite3.Connection) -> None:
    """Take the right to write, and give it back."""
    with transaction(connection, "BEGIN IMMEDIATE"):
        read_state(connection)


def begin_build(connection: sqlite3.Connection, build: str) -> None:
    """Start filling the other side; what another rebuild had there is thrown away."""
    with transaction(connection, "BEGIN IMMEDIATE"):
        state = read_state(connection)
        other = next(side for side in SIDES if side != state.active)
        drop(connection, other)
        create(connection, other)
        connection.execute("UPDATE state SET building = ?, build = ?", (other, build))


def add_to_build(connection: sqlite3.Connection, build: str, documents: list[Document]) -> None:
    """Put documents on the side that is built. Raises `RebuildTakenOver`."""
    with transaction(connection, "BEGIN IMMEDIATE"):
        side = _Side(connection, _built_side(connection, build), read_state(connection).sequence)
        for document in documents:
            side.upsert(document)
        _advance(connection, side)


def merge_build(connection: sqlite3.Connection, build: str, *, first: bool) -> bool:
    """Bring what was built nearer to one piece, which is asked faster than many; False when it is
    one. A step holds others up for some tenths of a second. Raises `RebuildTakenOver`.

    https://sqlite.org/fts5.html#the_merge_command
    """
    pages = -_MERGED_PAGES if first else _MERGED_PAGES
    with transaction(connection, "BEGIN IMMEDIATE"):
        side = _built_side(connection, build)
        before = connection.total_changes
        for merge in _MERGES:
            connection.execute(on_side(side, merge), (pages,))
        return connection.total_changes - before >= 2 * len(_MERGES)


def finish_build(connection: sqlite3.Connection, build: str) -> None:
    """Let the side that was built answer from now on. Raises `RebuildTakenOver`."""
    with transaction(connection, "BEGIN IMMEDIATE"):
        built = _built_side(connection, build)
        before = read_state(connection).active
        connection.execute("UPDATE state SET active = ?, building = NULL, build = NULL", (built,))
        drop(connection, before)


def _built_side(connection: sqlite3.Connection, build: str) -> str:
    state = read_state(connection)
    if state.building is None or state.build != build:
        raise RebuildTakenOver
    return state.building
