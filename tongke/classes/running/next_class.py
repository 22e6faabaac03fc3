"""What a classroom's screen waits for: the class that runs or comes next in its room."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from tongke.classes.models import LiveClass, Seat
from tongke.classes.queries import FORGOTTEN_AFTER, seat_in
from tongke.classes.standing import moment_of
from tongke.classes.times.timetable import Moment
from tongke.classes.vocabulary import SeatState, State
from tongke.people.models import Room

# Those that begin first and are not over: one is running over, one was missed, one comes.
_LOOKED_AT: Final = 8


def room_of_device(session: Session, account_id: int) -> Room | None:
    """The room whose device an account is."""
    return session.scalar(select(Room).where(Room.account_id == account_id))


def _said_yes(live: LiveClass, room_id: int) -> bool:
    """Whether a room is to be in a class for certain: it gives it, or has a place that was not only
    asked for."""
    seat = seat_in(live, room_id)
    return seat is None or seat.state == SeatState.CONFIRMED


def _certain(found: Sequence[LiveClass], room_id: int) -> list[LiveClass]:
    """Without what the room was only asked for where its school has another class then."""
    sure = [live for live in found if _said_yes(live, room_id)]
    return [
        live
        for live in found
        if live in sure
        or not any(
            live.begins_at < other.ends_at and other.begins_at < live.ends_at for other in sure
        )
    ]


def next_in(session: Session, room_id: int, now: datetime) -> tuple[LiveClass, Moment] | None:
    """The next class of a room that is not over, and where it is. One that runs comes first, so
    that a device that starts again after a power cut finds its way back; but past its end it gives
    way to one whose time has come."""
    here = select(Seat.class_id).where(Seat.room_id == room_id, Seat.state != SeatState.DECLINED)
    found = session.scalars(
        select(LiveClass)
        .where(
            LiveClass.state.in_((State.BOOKED, State.RUNNING)),
            LiveClass.ends_at > now - FORGOTTEN_AFTER,
            or_(LiveClass.room_id == room_id, LiveClass.id.in_(here)),
        )
        .order_by(LiveClass.state != State.RUNNING, LiveClass.begins_at, LiveClass.id)
        .limit(_LOOKED_AT)
        .options(selectinload(LiveClass.seats))
    )
    running_over = None
    for live in _certain(found.all(), room_id):
        where = moment_of(live, now)
        if where is Moment.OVER:
            continue
        runs = live.state == State.RUNNING
        if runs and live.ends_at <= now:
            running_over = running_over or (live, where)
        elif running_over is None or runs or live.begins_at <= now:
            return live, where
    return running_over
