"""A school's classrooms: each has a device with an account of its own, and a key with which a
recording appliance sends its picture."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.errors import Forbidden, Invalid, NotFound, Text
from tongke.people import accounts
from tongke.people.accounts import RoleWanted
from tongke.people.audience import RoleName, Viewer
from tongke.people.models import Account, Room
from tongke.people.secret import digest, new_stream_key

NAME_MAX: Final = 40
HINT_LENGTH: Final = 4

BAD_NAME = Text(
    f"请写教室的名字，不超过 {NAME_MAX} 个字",
    f"Name the classroom, with {NAME_MAX} letters at most",
)
NAME_TAKEN = Text("本校已有这间教室", "The school has a classroom of that name")


def add(session: Session, viewer: Viewer, school_id: int, name: str) -> Room:
    """A new classroom, with the account of its device; nobody has to make up a user name.

    Raises:
        Forbidden, Invalid (field `name`).
    """
    if school_id not in viewer.administers:
        raise Forbidden
    tidy = _checked(session, school_id, name)
    room = Room(school_id=school_id, name=tidy)
    session.add(room)
    _give_device(session, viewer, room)
    return room


def _give_device(session: Session, viewer: Viewer, room: Room) -> Account:
    role = RoleWanted(RoleName.CLASSROOM, room.school_id)
    username = f"room-{secrets.token_hex(4)}"
    account = accounts.add_account(session, viewer, username, room.name, role)
    room.account_id = account.id
    session.flush()
    return account


def device(session: Session, viewer: Viewer, room_id: int) -> int:
    """The account of a classroom's device; one that has none is given one.

    Raises:
        NotFound: it is not of a school that the viewer administers.
    """
    room = administered(session, viewer, room_id)
    return room.account_id or _give_device(session, viewer, room).id


def rename(session: Session, viewer: Viewer, room_id: int, name: str) -> Room:
    """Raises NotFound, Invalid (field `name`)."""
    room = administered(session, viewer, room_id)
    room.name = _checked(session, room.school_id, name, but=room.id)
    if room.account is not None:
        room.account.name = room.name
    return room


def new_key(session: Session, viewer: Viewer, room_id: int) -> tuple[Room, str]:
    """A key for a classroom's recording appliance, in place of the one before; it is never seen
    again. Raises NotFound."""
    room = administered(session, viewer, room_id)
    key = new_stream_key()
    room.stream_key_hash, room.stream_key_hint = digest(key), key[-HINT_LENGTH:]
    return room, key


def revoke_key(session: Session, viewer: Viewer, room_id: int) -> None:
    """Raises NotFound."""
    room = administered(session, viewer, room_id)
    room.stream_key_hash, room.stream_key_hint = None, ""


def administered(session: Session, viewer: Viewer, room_id: int) -> Room:
    """A classroom for the administrator of its school. Raises NotFound."""
    room = session.get(Room, room_id)
    if room is None or room.school_id not in viewer.administers:
        raise NotFound
    return room


def _checked(session: Session, school_id: int, name: str, but: int | None = None) -> str:
    tidy = " ".join(name.split())
    if not tidy.isprintable() or not 0 < len(tidy) <= NAME_MAX:
        raise Invalid({"name": BAD_NAME})
    taken = select(Room.id).where(Room.school_id == school_id, Room.name == tidy, Room.id != but)
    if session.scalar(taken.limit(1)) is not None:
        raise Invalid({"name": NAME_TAKEN})
    return tidy
