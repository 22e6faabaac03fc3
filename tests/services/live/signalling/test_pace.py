"""How fast somebody is heard in a class."""

from __future__ import annotations

import pytest

from services.live.signalling.pace import (
    DEVICE,
    DEVICE_LINES,
    LEAD,
    MOST_KEPT,
    MOST_LINES,
    OTHERS,
    Pace,
    lines_of,
)
from tongke.live.vocabulary import Role, Who

PUPIL, OTHER_PUPIL = Who(Role.DEVICE, "1", "2"), Who(Role.DEVICE, "2", "2")


def test_a_phone_is_heard_at_once_then_at_a_pupils_pace() -> None:
    pace = Pace()
    waits = [pace.wait_s(PUPIL, 100.0, ping=False) for _ in range(4)]
    assert waits == pytest.approx([n * DEVICE.every_s for n in range(4)])
    assert pace.wait_s(OTHER_PUPIL, 100.0, ping=False) == 0.0
    assert pace.wait_s(PUPIL, 100.0, ping=True) == 0.0, "its clock is another matter"
    assert pace.wait_s(PUPIL, 200.0, ping=False) == 0.0


@pytest.mark.parametrize("role", [Role.ROOM, Role.TEACHER, Role.OBSERVER])
def test_others_may_say_much_at_once_but_not_all_the_time(role: Role) -> None:
    pace, who = Pace(), Who(role, "3")
    at_once = [pace.wait_s(who, 100.0, ping=False) for _ in range(OTHERS.at_once)]
    assert max(at_once) == pytest.approx(0.0)
    waits = [pace.wait_s(who, 100.0, ping=False) for _ in range(3)]
    assert waits == pytest.approx([n * OTHERS.every_s for n in (1, 2, 3)])


def test_the_lead_is_not_slowed_by_anything_that_a_hand_does() -> None:
    """Two windows with a pen in each, for three hours, with a talk that begins in between."""
    pace, lead = Pace(), Who(Role.LEAD, "7")
    drawn = [pace.wait_s(lead, 100.0 + number / 20, ping=False) for number in range(216_000)]
    talk = [pace.wait_s(lead, 10_900.0, ping=False) for _ in range(LEAD.at_once)]
    assert max(*drawn, *talk) == pytest.approx(0.0, abs=1e-6)


def test_a_program_that_speaks_for_her_is() -> None:
    pace, lead = Pace(), Who(Role.LEAD, "7")
    for _ in range(LEAD.at_once):
        pace.wait_s(lead, 100.0, ping=False)
    waits = [pace.wait_s(lead, 100.0, ping=False) for _ in range(50)]
    assert waits == pytest.approx([n * LEAD.every_s for n in range(1, 51)])
    assert waits[-1] == pytest.approx(1.0)


def test_who_is_silent_is_forgotten_and_who_is_fast_is_not() -> None:
    pace = Pace()
    for _ in range(40):
        pace.wait_s(PUPIL, 100.0, ping=False)
    for number in range(MOST_KEPT):
        pace.wait_s(Who(Role.DEVICE, f"n{number}"), 100.0, ping=False)
    assert pace.wait_s(OTHER_PUPIL, 105.0, ping=False) == 0.0
    assert len(pace._until) == 2
    assert pace.wait_s(PUPIL, 105.0, ping=False) == pytest.approx(40 * DEVICE.every_s - 5.0)


def test_everybody_has_so_many_lines() -> None:
    assert lines_of(PUPIL) == DEVICE_LINES
    assert lines_of(Who(Role.ROOM, "2")) == MOST_LINES
