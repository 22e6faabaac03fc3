"""Suggestions from the embedded engine, in one read transaction."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator

from search import fts_match, sounds, suggest
from search import text as analysis
from search.fts_find import Finder, Snapshot
from search.fts_tables import on_side, transaction
from search.index import Sort, Suggestion
from search.suggest import Prefix


def complete(
    connection: sqlite3.Connection, snapshot: Snapshot, lock: threading.Lock, prefix: Prefix
) -> tuple[Suggestion, ...]:
    if not prefix.typed.strip():
        return ()
    with transaction(connection, "BEGIN"):
        with lock:
            snapshot.refresh(connection)
            finder = Finder(connection, snapshot, prefix.tokens)
            held = finder.held_values(suggest.SUGGESTED_FACETS)
            ids = list(_title_ids(finder, prefix))
        titles = _titles(connection, finder.side, ids)
    values = suggest.fitting_values(prefix.typed, held, prefix.vocabulary)
    return suggest.shared_out(values, suggest.titles(titles, prefix.typed), prefix.limit)


def _title_ids(finder: Finder, prefix: Prefix) -> Iterator[int]:
    """Visible titles that start with the prefix, contain it, sound like it; most viewed first."""
    seen = 0
    for bits in _title_sets(finder, prefix.typed):
        fresh = finder.columns.selection(bits & ~seen)
        keys = finder.columns.first(
            fresh, Sort.VIEWS, None, prefix.limit * suggest.TITLES_LOOKED_AT
        )
        yield from (id for _, id in keys)
        seen |= bits


def _title_sets(finder: Finder, typed: str) -> Iterator[int]:
    term = analysis.phrase(typed)
    if term:
        # The last word is still being typed, whatever its script.
        expression = fts_match.quoted(term.tokens, open_end=True)
        yield finder.titles(f"title : ^ {expression}")
        yield finder.titles(f"title : {expression}")
    if letters := sounds.typed_letters(typed):
        yield finder.titles(fts_match.of_letters(letters))


def _titles(connection: sqlite3.Connection, side: str, ids: list[int]) -> list[str]:
    statement = "SELECT id, title FROM documents_@ WHERE id IN (SELECT value FROM json_each(?))"
    rows = connection.execute(on_side(side, statement), (json.dumps(ids),))
    titles = dict(rows.fetchall())
    return [titles[id] for id in ids]
