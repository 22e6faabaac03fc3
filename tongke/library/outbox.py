"""The outbox: a change and the word of it are written in one transaction.

The indexer reads the entries in order, looks each resource up as it is *now*, and hands that to
the index with the entry's number as its version. So an entry may be taken twice, and an older
one after a newer, without harm.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.library.models import OutboxEntry, Resource
from tongke.tracing import request_id

# In `Session.info`: this transaction wrote to the outbox, so the indexer may be woken.
WROTE = "tongke_outbox"


def announce(session: Session, resource: Resource) -> None:
    """Write that this resource changed, in the transaction that changes it."""
    resource.version = announce_id(session, resource.id)


def announce_id(session: Session, resource_id: int) -> int:
    """The same for a resource that may not be there any more; the entry's number."""
    entry = OutboxEntry(resource_id=resource_id, created_at=clock.now(), request_id=request_id())
    session.add(entry)
    session.flush()
    session.info[WROTE] = True
    return entry.id


def wrote(session: Session) -> bool:
    return bool(session.info.get(WROTE))


def waiting(session: Session, limit: int) -> list[OutboxEntry]:
    """The oldest entries not yet indexed."""
    query = select(OutboxEntry).order_by(OutboxEntry.id).limit(limit)
    return list(session.scalars(query))


def done(session: Session, ids: list[int]) -> None:
    session.execute(delete(OutboxEntry).where(OutboxEntry.id.in_(ids)))


def in_index() -> ColumnElement[bool]:
    """What the index has: what somebody can look at. A work that failed, or is still checked, is
    in its author's own list, where its state is told."""
    return and_(Resource.viewable_at.is_not(None), Resource.deleted_at.is_(None))


def expected(session: Session) -> dict[int, int]:
    """What the index should have: resources with their versions."""
    return dict(session.execute(select(Resource.id, Resource.version).where(in_index())).all())


def announced(session: Session) -> set[int]:
    """Resources whose change is on its way to the index."""
    return set(session.scalars(select(OutboxEntry.resource_id).distinct()))


def drift(wanted: Mapping[int, int], seen: Mapping[int, int], on_their_way: set[int]) -> set[int]:
    """Where the index (`seen`) is not what it should be, but for what is on its way to it."""
    either = wanted.keys() | seen.keys()
    return {number for number in either if wanted.get(number) != seen.get(number)} - on_their_way


def backlog(session: Session) -> tuple[int, float]:
    """How many entries wait, and the age of the oldest in seconds."""
    count, oldest = session.execute(
        select(func.count(), func.min(OutboxEntry.created_at)).select_from(OutboxEntry)
    ).one()
    return count, (clock.now() - oldest).total_seconds() if oldest else 0.0
