"""How a class stands, in one word: what the timetable shows, and calendars take for its status."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from tongke.classes.models import LiveClass
from tongke.classes.vocabulary import SeatState, State


class Standing(StrEnum):
    ASKED = "asked"  # 等对方确认
    DECLINED = "declined"  # every room that was asked has declined
    CONFIRMED = "confirmed"
    RUNNING = "running"
    ENDED = "ended"
    CANCELLED = "cancelled"
    MISSED = "missed"  # its time passed, and nobody began


_SAID = {
    State.RUNNING: Standing.RUNNING,
    State.ENDED: Standing.ENDED,
    State.CANCELLED: Standing.CANCELLED,
}


def standing(live: LiveClass, now: datetime) -> Standing:
    """How a class stands at `now`."""
    said = _SAID.get(State(live.state))
    if said is not None:
        return said
    if live.ends_at <= now:
        return Standing.MISSED
    answers = {seat.state for seat in live.seats}
    if SeatState.ASKED in answers:
        return Standing.ASKED
    return Standing.DECLINED if answers == {SeatState.DECLINED} else Standing.CONFIRMED
