"""Writing to Elasticsearch: in bulk, by versions, to every index that must know.

Each document carries its order (`search.elastic_mapping.Change`) as an external version, so
Elasticsearch itself refuses what was overtaken, and everything here may be sent again: after a time
limit, after a node died, from two workers at once.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from elasticsearch import ApiError

from search.elastic_client import AWAY, TOO_MANY_REQUESTS, Client, unavailable
from search.elastic_mapping import Change
from search.index import IndexUnavailable

# A request that Elasticsearch takes in well under a second, and refuses seldom.
CHANGES_AT_ONCE = 500
CHARACTERS_AT_ONCE = 8_000_000

# 0.2 + 0.4 + ... s: six seconds in all. A node that is busy for longer is better left alone.
ATTEMPTS = 6
FIRST_PAUSE_S = 0.2

_TRY_AGAIN = AWAY | {TOO_MANY_REQUESTS}
_CONFLICT, _NOT_FOUND = 409, 404


class Missing(Exception):
    """The alias that was written to is not there."""


class _Line(NamedTuple):
    """A change for one index, as two lines of a bulk request."""

    alias: str
    change: Change

    def written(self) -> Iterator[str]:
        yield json.dumps(
            {
                "index": {
                    "_index": self.alias,
                    "_id": str(self.change.id),
                    "version": self.change.order,
                    "version_type": "external_gte",
                    # Without its alias, a name must never become an index by being written to.
                    "require_alias": True,
                }
            }
        )
        yield self.change.source


async def write(
    client: Client,
    changes: Sequence[Change],
    alias: str,
    *,
    beside: str | None = None,
    refresh: bool = True,
) -> None:
    """Write changes through an alias, and through the one `beside` while there is one.

    Durable on return, and searchable with `refresh`. Raises `Missing`, `IndexUnavailable`.
    """
    for part in parts(changes):
        lines = [_Line(alias, change) for change in part]
        if beside:
            lines += [_Line(beside, change) for change in part]
        await _send(client, lines, beside, refresh)


def parts(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Changes in parts that one request can carry."""
    part: list[Change] = []
    characters = 0
    for change in changes:
        if part and (
            len(part) == CHANGES_AT_ONCE or characters + len(change.source) > CHARACTERS_AT_ONCE
        ):
            yield part
            part, characters = [], 0
        part.append(change)
        characters += len(change.source)
    if part:
        yield part


async def _send(client: Client, lines: list[_Line], beside: str | None, refresh: bool) -> None:
    for attempt in range(ATTEMPTS):
        if attempt:
            pause = FIRST_PAUSE_S * 2 ** (attempt - 1)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # spreads writers
        lines = await _attempt(client, lines, beside, refresh)
        if not lines:
            return
    raise IndexUnavailable


async def _attempt(
    client: Client, lines: list[_Line], beside: str | None, refresh: bool
) -> list[_Line]:
    """Send lines once; those to send again."""
    # Written by ourselves: the client takes lines as they are, though its types do not say so.
    operations: list[Any] = [written for line in lines for written in line.written()]
    try:
        answer = await client.work(lambda es: es.bulk(operations=operations, refresh=refresh))
    except ApiError as error:
        if error.status_code == TOO_MANY_REQUESTS:
            return lines
        raise IndexUnavailable from error
    if not answer["errors"]:
        return []
    return unfinished(lines, (item["index"] for item in answer["items"]), beside)


def unfinished(
    lines: Iterable[_Line], items: Iterable[dict[str, Any]], beside: str | None
) -> list[_Line]:
    """The lines to send again. Raises `Missing`, or `IndexUnavailable` with what was refused."""
    again: list[_Line] = []
    for line, item in zip(lines, items, strict=True):
        status = item["status"]
        if status in _TRY_AGAIN:
            again.append(line)
        elif status == _NOT_FOUND and line.alias != beside:
            raise Missing(line.alias)
        elif status >= 400 and status not in (_CONFLICT, _NOT_FOUND):
            refused = ValueError(f"document {line.change.id}: {item['error']}")
            raise unavailable(status, item["error"].get("type")) from refused
    return again
