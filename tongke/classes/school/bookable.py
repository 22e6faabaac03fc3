"""Which rooms and teachers there are to book."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tongke import clock
from tongke.classes.room_order import in_order
from tongke.people import queries
from tongke.people.audience import SCHOOL_PEOPLE, Viewer
from tongke.people.models import Account, Role, Room


def rooms_of(session: Session, school_ids: Iterable[int]) -> list[Room]:
    """The classrooms of schools, in their order."""
    found = (
        select(Room).where(Room.school_id.in_(list(school_ids))).options(joinedload(Room.school))
    )
    return sorted(session.scalars(found), key=in_order)


def bookable_schools(session: Session, viewer: Viewer) -> set[int]:
    """One's own schools, and those they are paired with today."""
    today = clock.today()
    pairs = queries.pairings_of(session, viewer.school_ids)
    paired = {each for pair in pairs if pair.holds_on(today) for each in pair.school_ids}
    return set(viewer.school_ids) | paired


def are_paired(session: Session, school_id: int, other_id: int) -> bool:
    """Whether rooms of these two may be in one class today: they are paired, or one school."""
    today = clock.today()
    pairs = queries.pairings_of(session, {school_id})
    return school_id == other_id or any(
        pair.holds_on(today) and other_id in pair.school_ids for pair in pairs
    )


def partner_rooms(session: Session, viewer: Viewer) -> list[Room]:
    """The classrooms one may book: of one's schools, and of those they are paired with today."""
    return rooms_of(session, bookable_schools(session, viewer))


def teachers_of(session: Session, school_ids: Iterable[int]) -> dict[int, list[Account]]:
    """The people of schools, by school, in the order of their names: who may stand before a class
    or sit beside the pupils."""
    rows = session.execute(
        select(Role.school_id, Account)
        .join(Role.account)
        .where(
            Role.school_id.in_(list(school_ids)),
            Role.name.in_(SCHOOL_PEOPLE),
            Account.disabled_at.is_(None),
        )
        .order_by(Account.name, Account.id)
    )
    found: dict[int, list[Account]] = {}
    for school_id, account in rows:
        assert school_id is not None
        held = found.setdefault(school_id, [])
        # Of one who is both a teacher and the administrator, once.
        if account not in held:
            held.append(account)
    return found
