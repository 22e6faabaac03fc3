"""What became of a class, as the figures of the year count it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tongke.classes.after.outcome import Held, Outcome, Place, outcome
from tongke.classes.vocabulary import State

BELL = datetime(2026, 11, 24, 2, 45, tzinfo=UTC)
CAME, AWAY = Place(own=False, came=True), Place(own=False, came=False)
OWN_CAME, OWN_AWAY = Place(own=True, came=True), Place(own=True, came=False)
ENDED = Held(State.ENDED, BELL, BELL, places=(CAME, AWAY))
LATER = BELL + timedelta(hours=1)


def minutes(early: float) -> datetime:
    return BELL - timedelta(minutes=early)


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (ENDED, Outcome.HELD),
        (replace(ENDED, ended_at=minutes(-8)), Outcome.HELD),
        (replace(ENDED, ended_at=minutes(10)), Outcome.HELD),
        (replace(ENDED, ended_at=minutes(10.1)), Outcome.CUT_SHORT),
        (replace(ENDED, places=(AWAY, AWAY)), Outcome.NO_PARTNER),
        # Nobody came, so the teacher stopped: it is short because it was alone.
        (replace(ENDED, places=(AWAY,), ended_at=minutes(30)), Outcome.NO_PARTNER),
        # A room of the same school is no partner where another school was asked.
        (replace(ENDED, places=(OWN_CAME, AWAY)), Outcome.NO_PARTNER),
        (replace(ENDED, places=(OWN_AWAY, CAME)), Outcome.HELD),
        # A school with teaching points of its own, and no other school asked.
        (replace(ENDED, places=(OWN_CAME, OWN_AWAY)), Outcome.HELD),
        (replace(ENDED, places=(OWN_AWAY, OWN_AWAY)), Outcome.NO_PARTNER),
        # A lesson that was booked without rooms, or a training to which nobody came at a desk.
        (replace(ENDED, places=()), Outcome.NO_PARTNER),
        (replace(ENDED, places=(), desks_present=1), Outcome.HELD),
        (replace(ENDED, places=(), desks_present=1, ended_at=minutes(30)), Outcome.CUT_SHORT),
        # A training that was booked for rooms, to which a teacher came at her desk.
        (replace(ENDED, places=(AWAY,), desks_present=1), Outcome.HELD),
        (replace(ENDED, state=State.CANCELLED, ended_at=None), Outcome.CANCELLED),
        (replace(ENDED, state=State.BOOKED, ended_at=None), Outcome.MISSED),
        (replace(ENDED, state=State.RUNNING, ended_at=None), None),
    ],
)
def test_what_became_of_it(held: Held, expected: Outcome | None) -> None:
    assert outcome(held, LATER) is expected


def test_before_its_bell_nothing_is_missed() -> None:
    booked = replace(ENDED, state=State.BOOKED, ended_at=None)
    assert outcome(booked, minutes(1)) is None
    assert outcome(booked, BELL) is Outcome.MISSED
