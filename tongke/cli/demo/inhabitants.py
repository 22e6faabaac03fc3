"""Who and what of the demonstration's world is there already, by name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.people.audience import Viewer
from tongke.people.models import Account, Room, School
from tongke.people.queries import viewer_of


def find_school(session: Session, name: str) -> School | None:
    return session.scalar(select(School).where(School.name == name))


def school(session: Session, name: str) -> School:
    """One that was made a moment ago, as all below."""
    return session.scalars(select(School).where(School.name == name)).one()


def room_id(session: Session, school_name: str, name: str) -> int:
    found = select(Room.id).join(School).where(School.name == school_name, Room.name == name)
    return session.scalars(found).one()


def room_of_device(session: Session, device: str) -> int:
    found = select(Room.id).join(Account, Account.id == Room.account_id)
    return session.scalars(found.where(Account.username == device)).one()


def viewer(session: Session, username: str) -> Viewer:
    number = session.scalars(select(Account.id).where(Account.username == username)).one()
    found = viewer_of(session, number)
    assert found is not None, "nobody has disabled it"
    return found
