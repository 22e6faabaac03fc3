"""How a class stands, in one word: what the timetable shows, and calendars take for its status."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from tongke.classes.models import LiveClass
from tongke.classes.times.timetable import Moment, moment
from tongke.classes.vocabulary import SeatState, State


class Standing(StrEnum):
    ASKED = "asked"  # 等对方确认
    DECLINED = "declined"  # every room that was asked has declined
    CONFIRMED = "confirmed"
    LATE = "late"  # 迟到: it should have begun, and is awaited
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"
    MISSED = "missed"  # its time passed, and nobody began


_SAID = {
    State.RUNNING: Standing.RUNNING,
    State.ENDED: Standing.ENDED,
    State.CANCELLED: Standing.CANCELLED,
}

# Of one that nobody has begun.
_BY_THE_CLOCK = {Moment.LATE: Standing.LATE, Moment.OVER: Standing.MISSED}


def moment_of(live: LiveClass, now: datetime) -> Moment:
    """Where `now` falls in a class's own time."""
    return moment(now, live.begins_at, live.ends_at, live.started_at, live.ended_at)


def standing(live: LiveClass, now: datetime) -> Standing:
    """How a class stands at `now`."""
    said = _SAID.get(State(live.state))
    if said is not None:
        return said
    at = moment_of(live, now)
    if at in _BY_THE_CLOCK:
        return _BY_THE_CLOCK[at]
    answers = {seat.state for seat in live.seats}
    if SeatState.ASKED in answers:
        return Standing.ASKED
    return Standing.DECLINED if answers == {SeatState.DECLINED} else Standing.CONFIRMED
