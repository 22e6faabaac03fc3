"""What became of a class: the figures of the year count by this, and every page says it alike.

Pure: the class as it was booked and held, and who was there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tongke.classes.vocabulary import State

# A teacher who ends a little before the bell has given her lesson.
CUT_SHORT_BY: Final = timedelta(minutes=10)


class Outcome(StrEnum):
    HELD = "held"
    # It was given, and no receiving room came, nor in a training a teacher at her desk.
    NO_PARTNER = "no_partner"
    CUT_SHORT = "cut_short"
    CANCELLED = "cancelled"
    # Its time passed, and nobody began it.
    MISSED = "missed"


@dataclass(frozen=True)
class Held:
    """A class as it was planned and as it went. `rooms_booked` are receiving rooms that did not
    decline, `rooms_present` those that were there at some time of the lesson; `desks_present` are
    the teachers who were in a training from desks of their own."""

    state: State
    ends_at: datetime
    ended_at: datetime | None
    rooms_booked: int
    rooms_present: int
    desks_present: int = 0


def outcome(held: Held, now: datetime) -> Outcome | None:
    """What became of it; None while it is still to come or runs.

    A class that nobody joined and that ended early had no partner: that is why it was short. One
    that was booked without rooms (a training that each watches at a desk) waits for none.
    """
    if held.state is State.CANCELLED:
        return Outcome.CANCELLED
    if held.state is State.BOOKED:
        return Outcome.MISSED if now >= held.ends_at else None
    if held.state is State.RUNNING or held.ended_at is None:
        return None
    if held.rooms_booked and not (held.rooms_present or held.desks_present):
        return Outcome.NO_PARTNER
    return Outcome.CUT_SHORT if held.ended_at < held.ends_at - CUT_SHORT_BY else Outcome.HELD


def in_lists(became: Outcome | None) -> str:
    """What lists say of a class in the place of its being over; empty where that says it all."""
    return became if became in (Outcome.NO_PARTNER, Outcome.CUT_SHORT) else ""
