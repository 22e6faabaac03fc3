"""From the outbox to the index, and the whole index anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from search.index import Document
from tongke import clock
from tongke.bootstrap import Ground
from tongke.library import outbox
from tongke.library.models import Grant, Resource, ResourceToken

_log = structlog.get_logger("tongke.indexing")

# Entries taken at once: enough to write in one transaction of the index, few enough that a new
# lesson among thousands of others is found within a second.
BATCH = 200

ProgressHook = Callable[[int], None]


async def catch_up(ground: Ground) -> int:
    """Bring the index up to the outbox; how many entries were taken."""
    taken = 0
    while True:
        entries = await ground.database.read(outbox.waiting, BATCH)
        if not entries:
            return taken
        # The newest entry of a resource is its version: what is read below is at least that new.
        versions = {entry.resource_id: entry.id for entry in entries}
        found = await ground.database.read(documents, versions)
        await ground.index.upsert(found)
        gone = versions.keys() - {document.id for document in found}
        await ground.index.delete({number: versions[number] for number in gone})
        await ground.database.write(outbox.done, [entry.id for entry in entries])
        taken += len(entries)


async def rebuild(ground: Ground, on_progress: ProgressHook | None = None) -> int:
    """Build the index anew beside the old one, which answers meanwhile; how many documents."""
    count = 0

    async def everything() -> AsyncIterator[Document]:
        nonlocal count
        after = 0
        while page := await ground.database.read(_page_after, after):
            after = page[-1].id
            for document in page:
                count += 1
                yield document
            if on_progress:
                on_progress(count)

    await ground.index.rebuild(everything())
    return count


async def mend(ground: Ground) -> int:
    """Compare index and database, and announce what differs; how many differed.

    An index that has seen greater numbers than the database gives (restored from an older copy)
    would pass over every announcement, so it is built anew.
    """
    wanted = await ground.database.read(outbox.expected)
    waiting = await ground.database.read(outbox.announced)
    seen = {number: version async for number, version in ground.index.versions()}
    drifted = outbox.drift(wanted, seen, waiting)
    if not drifted:
        return 0
    _log.warning("index-drift", resources=len(drifted))
    newest = await ground.database.write(_announce, sorted(drifted))
    if max(seen.values(), default=0) >= newest:
        _log.warning("index-ahead")
        await rebuild(ground)
    return len(drifted)


def documents(session: Session, versions: dict[int, int]) -> list[Document]:
    """Those of these resources that belong in the index, as it should know them now, by number: a
    rebuild goes on behind the last one, and PostgreSQL gives rows as they come."""
    rows = _load(session, list(versions))
    return [_document(session, row, versions[row.id]) for row in rows]


def _load(session: Session, ids: Sequence[int]) -> list[Resource]:
    query = (
        select(Resource)
        .where(Resource.id.in_(ids), outbox.in_index())
        .order_by(Resource.id)
        .options(
            joinedload(Resource.author),
            joinedload(Resource.school),
            selectinload(Resource.grants),
            undefer(Resource.text),
        )
    )
    return list(session.scalars(query))


def _page_after(session: Session, after: int) -> list[Document]:
    query = (
        select(Resource.id, Resource.version)
        .where(Resource.id > after, outbox.in_index())
        .order_by(Resource.id)
        .limit(BATCH)
    )
    return documents(session, dict(session.execute(query).all()))


def _document(session: Session, row: Resource, version: int) -> Document:
    tokens = session.scalars(select(ResourceToken.token).where(ResourceToken.resource_id == row.id))
    published = row.published_at or row.viewable_at
    year = (published or row.created_at).astimezone(clock.CHINA).year
    facets = {
        "kind": (row.kind,),
        "stage": (row.stage,),
        "grade": (row.grade,),
        "subject": (row.subject,),
        "edition": (row.edition,),
        "unit": (row.unit,),
        "school": (row.school.name,) if row.school else (),
        "agreement": _agreements(row.grants),
        "year": (str(year),),
    }
    return Document(
        id=row.id,
        version=version,
        audience=frozenset(tokens),
        title=row.title,
        text="\n".join(part for part in (row.summary, row.unit, row.lesson, row.text) if part),
        author=row.author.name,
        school=row.school.name if row.school else "",
        created_at=row.created_at,
        published_at=published,
        views=row.views,
        facets={name: values for name, values in facets.items() if any(values)},
    )


def _agreements(grants: Sequence[Grant]) -> tuple[str, ...]:
    return tuple(
        grant.token.removeprefix("agreement:")
        for grant in grants
        if grant.token.startswith("agreement:")
    )


def _announce(session: Session, ids: list[int]) -> int:
    """Announce these; the number of the first entry, greater than any the database gave before."""
    entries = []
    for number in ids:
        entries.append(outbox.announce_id(session, number))
        resource = session.get(Resource, number)
        if resource is not None:
            resource.version = entries[-1]
    return entries[0]
