"""The private address of somebody's calendar, and what stands in it: the classes they give, sit in
on or booked, and the trainings that are for them. The secret in it is made of 256 random bits and
kept as its digest, as an API token is."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tongke import clock
from tongke.classes.agenda.calendar_feed import Entry, Status
from tongke.classes.models import LiveClass, Seat
from tongke.classes.queries import coming_in_order, concerns, is_spared, seen_by
from tongke.classes.standing import Standing, standing
from tongke.classes.times.timetable import Occurrence
from tongke.errors import Conflict, NotFound, Text
from tongke.people.audience import Viewer
from tongke.people.models import Account, CalendarAddress, Room
from tongke.people.queries import viewer_of
from tongke.people.secret import digest

# A calendar keeps the term that is past, and a booked school year.
PAST: Final = timedelta(days=200)
AHEAD: Final = timedelta(days=400)

_STATUS: Final = {
    Standing.CANCELLED: Status.CANCELLED,
    Standing.ASKED: Status.TENTATIVE,
    Standing.DECLINED: Status.TENTATIVE,
}


class AddressRenewed(Conflict):
    code = "calendar-address-renewed"
    message = Text("这一页打开以后，日历地址已经换过了", "The calendar address was renewed since")
    remedy = Text("回到课表，要换再换一次", "Go back to the timetable to renew it again")


def renew(session: Session, viewer: Viewer, once: str, replaces: str) -> str:
    """A new secret for somebody's calendar; the address before it leads nowhere from now on.

    It is made of `once`, random bits (`new_secret`) that stand in the form that asks for it: when
    its answer is reloaded the form is sent again, and gives the same. `replaces` says which address
    the form was drawn with (`made_at`), or a form of before would bring its own back. Raises
    AddressRenewed.
    """
    secret = _secret(viewer.account_id, once)
    row = session.get(CalendarAddress, viewer.account_id)
    if row is not None and row.token_hash == digest(secret):
        return secret
    if row is not None and row.created_at.isoformat() != replaces:
        raise AddressRenewed
    row = row or CalendarAddress(account_id=viewer.account_id)
    row.token_hash, row.created_at = digest(secret), clock.now()
    session.add(row)
    return secret


def _secret(account_id: int, once: str) -> str:
    """Somebody's own, whatever they send: nobody else's address can be made so."""
    made = sha256(f"calendar:{account_id}:{once}".encode()).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def made_at(session: Session, account_id: int) -> datetime | None:
    """Since when somebody has an address."""
    row = session.get(CalendarAddress, account_id)
    return row.created_at if row else None


def holder(session: Session, secret: str) -> Viewer:
    """Whose calendar a secret opens. Raises NotFound: nobody's, or of a disabled account."""
    found = select(CalendarAddress.account_id).where(CalendarAddress.token_hash == digest(secret))
    viewer = viewer_of(session, session.scalar(found) or 0)
    if viewer is None:
        raise NotFound
    return viewer


def entries(session: Session, viewer: Viewer, address: str, now: datetime) -> list[Entry]:
    """What stands in somebody's calendar; `address` is where the service is found."""
    found = (
        seen_by(viewer)
        .where(
            concerns(viewer),
            LiveClass.ends_at > now - PAST,
            LiveClass.begins_at < now + AHEAD,
        )
        .order_by(LiveClass.begins_at, LiveClass.id)
        .options(
            joinedload(LiveClass.teacher),
            joinedload(LiveClass.school),
            selectinload(LiveClass.seats).joinedload(Seat.room).joinedload(Room.school),
        )
    )
    return [_entry(session, viewer, live, address, now) for live in session.scalars(found)]


def _entry(session: Session, viewer: Viewer, live: LiveClass, address: str, now: datetime) -> Entry:
    day = live.begins_at.astimezone(clock.CHINA).date()
    lead = session.get(Room, live.room_id) if live.room_id is not None else None
    rooms = [f"{seat.room.school.name} {seat.room.name}" for seat in coming_in_order(live)]
    place = f"{live.school.name} {lead.name}" if lead else live.school.name
    return Entry(
        id=live.id,
        occurrence=Occurrence(day, live.begins_at, live.ends_at),
        title=live.title,
        revision=live.revision,
        changed_at=live.changed_at or live.created_at,
        status=_status(live, viewer, now),
        place="、".join([place, *rooms]),
        description="\n".join(filter(None, [live.teacher.name, live.cancelled_because])),
        address=f"{address}/classes/{live.id}",
    )


def _status(live: LiveClass, viewer: Viewer, now: datetime) -> Status:
    """One that her own school has declined is off for who was to be beside its pupils: it stays,
    cancelled, or a calendar that has it would ring on."""
    if is_spared(live, viewer):
        return Status.CANCELLED
    return _STATUS.get(standing(live, now), Status.CONFIRMED)


def installation(session: Session) -> str:
    """What tells this installation's classes from another's, wherever it moves: when its first
    account was made."""
    first = session.scalar(select(Account.created_at).order_by(Account.id).limit(1))
    return digest(str(first))[:12]
