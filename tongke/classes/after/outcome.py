"""What became of a class: the figures of the year count by this, and every page says it alike.

Pure: the class as it was booked and held, and who was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from tongke.classes.vocabulary import State

# A teacher who ends a little before the bell has given her lesson.
CUT_SHORT_BY: Final = timedelta(minutes=10)


class Outcome(StrEnum):
    HELD = "held"
    # It was given, and no room of a partner came, nor in a training a teacher at her desk.
    NO_PARTNER = "no_partner"
    CUT_SHORT = "cut_short"
    CANCELLED = "cancelled"
    # Its time passed, and nobody began it.
    MISSED = "missed"


@dataclass(frozen=True)
class Place:
    """Of a receiving room, whatever it answered. `own`: it is of the school that gives the class.
    `came`: it was there at some time of the lesson."""

    own: bool
    came: bool


@dataclass(frozen=True)
class Held:
    """A class as it was planned and as it went. `desks_present` are the teachers who were in a
    training from desks of their own."""

    state: State
    ends_at: datetime
    ended_at: datetime | None
    places: Sequence[Place] = ()
    desks_present: int = 0

    @property
    def partner_came(self) -> bool:
        """Where another school was asked, its rooms alone are the partner, also when it declined:
        the school's own room next door does not stand for it."""
        others = [place for place in self.places if not place.own]
        return self.desks_present > 0 or any(place.came for place in others or self.places)


def outcome(held: Held, now: datetime) -> Outcome | None:
    """What became of it; None while it is still to come or runs.

    A class that nobody joined and that ended early had no partner: that is why it was short. A
    lesson that was booked without rooms had none either, whoever observed it.
    """
    if held.state is State.CANCELLED:
        return Outcome.CANCELLED
    if held.state is State.BOOKED:
        return Outcome.MISSED if now >= held.ends_at else None
    if held.state is State.RUNNING or held.ended_at is None:
        return None
    if not held.partner_came:
        return Outcome.NO_PARTNER
    return Outcome.CUT_SHORT if held.ended_at < held.ends_at - CUT_SHORT_BY else Outcome.HELD


def in_lists(became: Outcome | None) -> str:
    """What lists say of a class in the place of its being over; empty where that says it all."""
    return became if became in (Outcome.NO_PARTNER, Outcome.CUT_SHORT) else ""
