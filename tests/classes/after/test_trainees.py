"""When a teacher was at her desk, out of the log of a training."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tongke.classes.after.attending import desk_moves as moves
from tongke.live.attendance import Joined, Left, Why, attendance
from tongke.live.bodies import Arrive, Begin, Depart, End, HandUp, Known, Prepare
from tongke.live.decide import decide
from tongke.live.events import Event
from tongke.live.state import ClassState
from tongke.live.vocabulary import LessonKind, Role, Who

BEGAN = 1_790_000_000_000
BELL = datetime.fromtimestamp(BEGAN / 1000, UTC)
LEAD, SERVER, SHE = Who(Role.LEAD, "1"), Who(Role.SERVER), Who(Role.TRAINEE, "7")


def log_of(*asked: tuple[float, Who, Known]) -> list[Event]:
    """What happened in a training in which this was asked for, seconds after the bell."""
    state, log = ClassState(), []
    start = (-600.0, SERVER, Prepare(lesson=LessonKind.BROADCAST))
    for seconds, who, body in (start, *asked):
        at = BEGAN + round(seconds * 1000)
        for happened in decide(state, who, body, at, at):
            state.apply(happened)
            log.append(happened)
    return log


def came(connection: str) -> Arrive:
    return Arrive(trainee="7", connection=connection, name="向老师", school="桐木溪中学")


def at(seconds: float) -> datetime:
    return BELL + timedelta(seconds=seconds)


def test_she_comes_raises_a_hand_and_drops() -> None:
    found = moves(
        log_of(
            (-60, SERVER, came("a")), (0, LEAD, Begin()), (30, SHE, HandUp(trainee="7")),
            (900, SERVER, Depart(trainee="7", connection="a", dropped=True)),
        )
    )  # fmt: skip
    assert list(found) == [Joined(7, at(-60)), Left(7, at(900), Why.DROPPED)]


def test_her_other_windows_are_no_other_coming() -> None:
    """One that is opened late in the class and closed at once, too."""
    log = log_of(
        (0, LEAD, Begin()), (10, SERVER, came("a")), (600, SERVER, came("b")),
        (600.4, SERVER, Depart(trainee="7", connection="b")), (2400, LEAD, End()),
    )  # fmt: skip
    (she,) = attendance(moves(log), BELL, at(2400))
    assert [(part.begins_at, part.ends_at) for part in she.intervals] == [(at(10), at(600.4))]
    assert (she.who, she.late_by_s, she.gone) == (7, 10, Why.LEFT)
