"""Pupils' telephones and tablets in a class: they come in with six digits, and have no account.

The digits hold while the class runs. What lets a device come back is a secret of its own, good for
this one class; only its digest is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tongke import clock
from tongke.classes.models import ClassEvent, Device, LiveClass
from tongke.classes.queries import held_class, is_sent_out, seat_in
from tongke.classes.vocabulary import ClassOver, SeatState, State
from tongke.errors import Conflict, Invalid, NotFound, Text
from tongke.legible import legible
from tongke.live.vocabulary import Role, Who
from tongke.people.audience import Viewer
from tongke.people.secret import digest, new_secret

CODE_DIGITS: Final = 6
# As many in vain, and nearly all are taken.
CODES_TRIED: Final = 1000
# Several full classrooms; more is somebody who makes devices up.
MOST_DEVICES: Final = 600
MOST_NAME_CHARACTERS: Final = 20
# Whoever has come in only just is still on the way to the page.
NEW_FOR: Final = timedelta(minutes=5)
# An answer that was given in time may be on its way when the class ends.
KEPT_AFTER_END: Final = timedelta(minutes=10)
# How a device sits in a lead classroom that has no room of its own in the plan.
LEAD: Final = "lead"


class NoSuchCode(NotFound):
    code = "no-such-phone-code"
    message = Text("现在没有课用这个数字码", "No class uses this code now")
    remedy = Text("请照教室大屏上的六位数字再输一遍", "Type the six digits on the room's screen")


class NoCodeLeft(Conflict):
    code = "no-phone-code-left"
    message = Text("现在正在上的课太多，没有数字码可用了", "Too many classes run: no code is left")
    remedy = Text("先让上完的课下课", "End the classes that are over")


class ClassFull(Conflict):
    code = "class-full-of-devices"
    message = Text("能接入的手机已满", "This class has no place for another phone")
    remedy = Text("请和同学合用一部", "Share one with a classmate")


def new_code(session: Session) -> str:
    """Six digits that no running class has. Raises NoCodeLeft."""
    for _ in range(CODES_TRIED):
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        if session.scalar(select(LiveClass.id).where(LiveClass.phone_code == code)) is None:
            return code
    raise NoCodeLeft


def class_with(session: Session, code: str) -> LiveClass:
    """The running class of a code. Raises NoSuchCode."""
    found = session.scalar(
        select(LiveClass).where(LiveClass.phone_code == code, LiveClass.state == State.RUNNING)
    )
    if found is None:
        raise NoSuchCode
    return found


def places(live: LiveClass) -> dict[int | None, str]:
    """Where a pupil may sit: the lead classroom (None), and every room that takes part."""
    rooms = [seat.room for seat in live.seats if seat.state != SeatState.DECLINED]
    here: dict[int | None, str] = {None: live.school.name}
    return here | {room.id: f"{room.school.name} {room.name}" for room in rooms}


class Newcomer(NamedTuple):
    """A device that would be new in a class. `in_its_way`: those whose place it may take, if they
    hold no line; None while there is a place for it."""

    in_its_way: list[int] | None


def newcomer(
    session: Session, code: str, room_id: int | None, name: str, secret: str = ""
) -> Newcomer | None:
    """What there is to know before a device joins; None of one that only moves. Raises NoSuchCode,
    Invalid, as `join` does."""
    live = class_with(session, code)
    _checked(live, room_id, name)
    if secret and _known(session, secret, live.id) is not None:
        return None
    is_full = _count(session, live.id) >= MOST_DEVICES
    return Newcomer(silent(session, live.id, clock.now() - NEW_FOR) if is_full else None)


def join(
    session: Session,
    code: str,
    room_id: int | None,
    name: str,
    secret: str = "",
    idle: Collection[int] = (),
) -> tuple[Device, str]:
    """A device takes its place; gives the row and its secret. One that is in the class already
    only moves.

    Args:
        name: The seat number, as the pupil wrote it.
        secret: What the device has shown, if anything.
        idle: Devices that hold no line, whose place may be taken when the class is full.

    Raises:
        NoSuchCode, ClassFull, Invalid (fields `room`, `name`).
    """
    live = class_with(session, code)
    name = _checked(live, room_id, name)
    found = _known(session, secret, live.id) if secret else None
    if found is None:
        if _count(session, live.id) >= MOST_DEVICES:
            _make_room(session, live.id, idle)
        secret = new_secret()
        found = Device(class_id=live.id, token_hash=digest(secret), created_at=clock.now())
        session.add(found)
    found.room_id, found.name = room_id, name
    session.flush()
    return found, secret


def _count(session: Session, class_id: int) -> int:
    joined = select(func.count(Device.id)).where(Device.class_id == class_id)
    return session.scalar(joined) or 0


def _make_room(session: Session, class_id: int, idle: Collection[int]) -> None:
    """Raises ClassFull. One of them may have answered meanwhile, or be gone."""
    gone = next((number for number in silent(session, class_id) if number in idle), None)
    if gone is None:
        raise ClassFull
    session.delete(session.get_one(Device, gone))


def silent(session: Session, class_id: int, before: datetime | None = None) -> list[int]:
    """The devices of a class that have answered nothing in it, if they came in before a time."""
    by = ClassEvent.payload["by"]
    answers = select(by["id"].as_string()).where(
        ClassEvent.class_id == class_id,
        ClassEvent.kind == "answer",
        by["role"].as_string() == Role.DEVICE,
    )
    answered = {int(number) for number in session.scalars(answers.distinct())}
    joined = select(Device.id).where(Device.class_id == class_id).order_by(Device.id)
    if before is not None:
        joined = joined.where(Device.created_at < before)
    return [number for number in session.scalars(joined) if number not in answered]


def renew_code(session: Session, viewer: Viewer, class_id: int, idle: Collection[int]) -> str:
    """「换一个数字码」: the one that is known to strangers opens nothing any more. Of the devices
    that are in, those without a line (`idle`) and without an answer are in no longer.

    Raises:
        NotFound, NotYourClass, NoCodeLeft, ClassOver: it does not run.
    """
    live = held_class(session, viewer, class_id)
    if live.state != State.RUNNING:
        raise ClassOver
    live.phone_code = new_code(session)
    for number in silent(session, class_id):
        if number in idle:
            session.delete(session.get_one(Device, number))
    return live.phone_code


def _checked(live: LiveClass, room_id: int | None, name: str) -> str:
    name = legible(name)
    wrong: dict[str, Text] = {}
    if room_id not in places(live):
        wrong["room"] = Text("请选你所在的教室", "Choose the classroom you are in")
    if not 0 < len(name) <= MOST_NAME_CHARACTERS:
        wrong["name"] = Text("请写座号，比如 14", "Write your seat number, 14 for example")
    if wrong:
        raise Invalid(wrong)
    return name


def _known(session: Session, secret: str, class_id: int) -> Device | None:
    return session.scalar(
        select(Device).where(Device.token_hash == digest(secret), Device.class_id == class_id)
    )


def device_in(session: Session, secret: str, class_id: int) -> tuple[LiveClass, Device]:
    """The device of a secret, in its class.

    Raises:
        NotFound: it is not one of this class's, or sits in a room that is in it no more.
        ClassOver: the class has ended, and what was on its way has come.
    """
    found = _known(session, secret, class_id)
    live = session.get(LiveClass, class_id)
    if found is None or live is None or not _has_place(live, found.room_id):
        raise NotFound
    if live.state != State.RUNNING and (
        live.ended_at is None or clock.now() > live.ended_at + KEPT_AFTER_END
    ):
        raise ClassOver
    return live, found


def _has_place(live: LiveClass, room_id: int | None) -> bool:
    seat = None if room_id is None else seat_in(live, room_id)
    return room_id is None or (seat is not None and seat.state != SeatState.DECLINED)


def class_of(session: Session, secret: str) -> LiveClass | None:
    """The running class that a device is in."""
    return session.scalar(
        select(LiveClass)
        .join(Device, Device.class_id == LiveClass.id)
        .where(Device.token_hash == digest(secret), LiveClass.state == State.RUNNING)
    )


def code_of(session: Session, secret: str) -> str | None:
    """The code of the running class that a device is in."""
    live = class_of(session, secret)
    return None if live is None else live.phone_code


def may_see(session: Session, device: Device, deck: str, number: int) -> bool:
    """Whether a device may see a slide: it was asked about it, and its room is not sent out."""
    class_id, room_id = device.class_id, device.room_id
    if room_id is not None and is_sent_out(session, class_id, room_id):
        return False
    return was_asked(session, class_id, deck, number)


def was_asked(session: Session, class_id: int, deck: str, number: int) -> bool:
    """Whether a question of the class was about this slide."""
    asked = select(ClassEvent.payload).where(
        ClassEvent.class_id == class_id, ClassEvent.kind == "open_quiz"
    )
    page = {"deck": deck, "number": number}
    return any(payload["question"]["page"] == page for payload in session.scalars(asked))


def who_is(live: LiveClass, device: Device) -> Who:
    """A device as the class knows it: in its room, or in the lead classroom."""
    room = live.room_id if device.room_id is None else device.room_id
    return Who(Role.DEVICE, str(device.id), LEAD if room is None else str(room))
