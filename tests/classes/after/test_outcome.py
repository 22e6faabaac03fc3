"""What became of a class, as the figures of the year count it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tongke.classes.after.outcome import Held, Outcome, outcome
from tongke.classes.vocabulary import State

BELL = datetime(2026, 11, 24, 2, 45, tzinfo=UTC)
ENDED = Held(State.ENDED, BELL, BELL, rooms_booked=2, rooms_present=1)
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
        (replace(ENDED, rooms_present=0), Outcome.NO_PARTNER),
        # Nobody came, so the teacher stopped: it is short because it was alone.
        (replace(ENDED, rooms_present=0, ended_at=minutes(30)), Outcome.NO_PARTNER),
        # A training that was booked for rooms, to which a teacher came at her desk.
        (replace(ENDED, rooms_present=0, desks_present=1), Outcome.HELD),
        # A training that each watches at a desk waits for no room.
        (replace(ENDED, rooms_booked=0, rooms_present=0), Outcome.HELD),
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
