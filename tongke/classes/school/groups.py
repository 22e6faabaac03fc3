"""Saved groups of rooms: who is taught together every week is ticked once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tongke.classes.plan_models import RoomGroup
from tongke.classes.school.bookable import partner_rooms
from tongke.errors import Forbidden, Invalid, NotFound, Text
from tongke.people.audience import Viewer

NAME_MAX: Final = 40
MOST: Final = 40

BAD_NAME = Text(
    f"请给这一组起个名字，不超过 {NAME_MAX} 个字",
    f"Name the group, with {NAME_MAX} letters at most",
)
TOO_MANY = Text(f"一所学校最多存 {MOST} 组", f"A school keeps {MOST} groups at most")
NO_ROOMS = Text("先选好教室，再存成一组", "Choose the rooms before you save them as a group")


def groups_of(session: Session, school_ids: Iterable[int]) -> list[RoomGroup]:
    """The groups that schools have saved, by their names."""
    found = select(RoomGroup).where(RoomGroup.school_id.in_(list(school_ids)))
    return list(session.scalars(found.order_by(RoomGroup.name, RoomGroup.id)))


def save(
    session: Session, viewer: Viewer, school_id: int, name: str, room_ids: Collection[int]
) -> RoomGroup:
    """Keep rooms as a group of a school; one that has the name already is replaced.

    Raises:
        Forbidden: not of that school.
        Invalid: no name, no rooms, a room that may not be booked, or too many groups.
    """
    if school_id not in viewer.school_ids:
        raise Forbidden
    tidy = " ".join(name.split())
    if not 0 < len(tidy) <= NAME_MAX:
        raise Invalid({"name": BAD_NAME})
    bookable = [room.id for room in partner_rooms(session, viewer) if room.id in set(room_ids)]
    if not bookable or len(bookable) != len(set(room_ids)):
        raise Invalid({"room_ids": NO_ROOMS})
    mine = select(RoomGroup).where(RoomGroup.school_id == school_id)
    found = session.scalar(mine.where(RoomGroup.name == tidy).limit(1))
    if found is None:
        if (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST:
            raise Invalid({"name": TOO_MANY})
        found = RoomGroup(school_id=school_id, name=tidy, room_ids=[])
        session.add(found)
    found.room_ids = bookable
    session.flush()
    return found


def remove(session: Session, viewer: Viewer, group_id: int) -> None:
    """Raises NotFound: there is none, or it is another school's."""
    found = session.get(RoomGroup, group_id)
    if found is None or found.school_id not in viewer.school_ids:
        raise NotFound
    session.delete(found)
