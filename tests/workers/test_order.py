"""Many who write and two who index at once: numbers go up, and the index ends as the database is.

On PostgreSQL a greater number may be seen before a lesser one, and writers that meet are run again.
Both engines must keep what is newest, whoever comes last.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from search.query import parse
from tests.databases import POSTGRESQL, SQLITE
from tests.library.world import World
from tests.services.house import populate
from tests.workers.shelf import settings as settings
from tongke.bootstrap import Ground
from tongke.library import resources
from tongke.library.models import OutboxEntry, Resource
from workers import indexing

DATABASES = [SQLITE, POSTGRESQL]

LESSONS = 3
WRITERS = 6
WRITES_EACH = 6


def publish(session: Session, ids: dict[str, int]) -> list[int]:
    world = World(session, ids)
    return [world.publish("zhou", ["school:1"], title="0").id for _ in range(LESSONS)]


def count_up(session: Session, ids: dict[str, int], number: int) -> tuple[int, int]:
    """One more in the title; what it is now, and the version that the index is told."""
    count = int(session.get_one(Resource, number).title) + 1
    viewer = World(session, ids).viewer("zhou")
    edited = resources.edit(session, viewer, number, {"title": str(count)})
    return count, edited.version


async def test_the_index_agrees_in_the_end(ground: Ground) -> None:
    ids, _ = await ground.database.write(populate)
    numbers = await ground.database.write(publish, ids)
    versions: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    written = asyncio.Event()

    async def write(start: int) -> None:
        for step in range(WRITES_EACH):
            number = numbers[(start + step) % LESSONS]
            versions[number].append(await ground.database.write(count_up, ids, number))

    async def index() -> None:
        while not written.is_set():
            await indexing.catch_up(ground)
            await asyncio.sleep(0)

    indexers = [asyncio.create_task(index()) for _ in range(2)]
    await asyncio.gather(*(write(start) for start in range(WRITERS)))
    written.set()
    await asyncio.gather(*indexers)
    await indexing.catch_up(ground)

    for changes in versions.values():
        counts, given = zip(*sorted(changes), strict=True)
        # None was lost, and a later change has a greater version.
        assert counts == tuple(range(1, len(changes) + 1))
        assert given == tuple(sorted(set(given)))
    page = await ground.index.search(parse(""), {"school:1"}, limit=LESSONS)
    titles = {hit.id: "".join(run.text for run in hit.title) for hit in page.hits}
    assert titles == {number: str(len(changes)) for number, changes in versions.items()}
    indexed = {number: version async for number, version in ground.index.versions()}
    assert indexed == {number: max(changes)[1] for number, changes in versions.items()}
    assert await ground.database.read(waiting) == []


def waiting(session: Session) -> list[int]:
    return list(session.scalars(select(OutboxEntry.id)))
