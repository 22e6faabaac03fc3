"""How far rooms are apart, and who is told: the figure is that of the rooms that follow now."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.lessons import (
    BAI,
    DEVICES,
    EVERYBODY,
    LEAD,
    OBSERVERS,
    SERVER,
    TEACHERS,
    TONG,
    TRAINEES,
    YUN,
    Lesson,
    arrival,
)
from tongke.errors import TongkeError
from tongke.live.bodies import Depart, Join, Leave, Mode
from tongke.live.presence import MOST_LAG_MS, SLEPT_S, Lag, Silence, lag, needs_ms, spread_ms, told
from tongke.live.vocabulary import Playing, Role

LAGS = st.lists(st.integers(0, MOST_LAG_MS), min_size=2, max_size=20)
APART = {"tong": Lag(lag_ms=1_290, skew_ms=9), "bai": Lag(lag_ms=1_311, skew_ms=14)}


def test_rooms_are_within_what_is_said_of_the_middle_between_them() -> None:
    lesson = Lesson()
    assert told(lesson.state, LEAD, APART) == {
        "spread_ms": 11,
        "rooms": {
            "bai": {"lag_ms": 1_311, "skew_ms": 14},
            "tong": {"lag_ms": 1_290, "skew_ms": 9},
        },
    }
    assert told(lesson.state, TONG, APART) == {"spread_ms": 11}


@given(LAGS)
def test_the_figure_holds_for_every_room_and_is_no_larger_than_it_must_be(lags: list[int]) -> None:
    spread = spread_ms([Lag(lag_ms=each, skew_ms=0) for each in lags])
    assert spread is not None
    middle = (max(lags) + min(lags)) / 2
    farthest = max(abs(each - middle) for each in lags)
    assert farthest <= spread < farthest + 1


def test_one_room_alone_is_not_apart_from_others() -> None:
    lesson = Lesson()
    alone = {"spread_ms": None}
    assert told(lesson.state, TONG, {"tong": APART["tong"]}) == alone
    lesson.ask(BAI, Mode(room="bai", playing=Playing.PAST))
    assert told(lesson.state, TONG, APART) == alone, "the other looks back"
    lesson.ask(BAI, Mode(room="bai", playing=Playing.LESSON))
    assert told(lesson.state, TONG, APART) == {"spread_ms": 11}
    lesson.ask(BAI, Leave(connection="b1", dropped=True))
    assert told(lesson.state, TONG, APART) == alone, "the other is away"


def test_who_knocks_counts_for_nothing_and_is_told_nothing() -> None:
    lesson = Lesson()
    lesson.ask(YUN, Join(connection="y"))
    lags = {**APART, "yun": Lag(lag_ms=9_000, skew_ms=1), "nowhere": Lag(lag_ms=1, skew_ms=1)}
    assert told(lesson.state, TONG, lags) == {"spread_ms": 11}
    assert told(lesson.state, YUN, lags) is None


def test_who_is_seen_to_be_in_step_does_not_make_the_others_wait() -> None:
    lesson = Lesson()
    lags = {
        "tong": Lag(lag_ms=1_500, skew_ms=12, need_ms=MOST_LAG_MS),
        "bai": Lag(lag_ms=1_540, skew_ms=460, need_ms=1_900),
    }
    assert sorted(needs_ms(lesson.state, lags)) == [1_512, 1_900]


def test_who_observes_a_training_is_told_how_many_are_at_desks_of_their_own() -> None:
    lesson = Lesson()
    watching = OBSERVERS[0]
    assert told(lesson.state, watching, {}) == {"spread_ms": None, "rooms": {}, "trainees": 0}
    for trainee in TRAINEES:
        lesson.ask(SERVER, arrival(trainee.id, "c"))
    lesson.ask(SERVER, Depart(trainee=TRAINEES[0].id, connection="c"))
    learnt = told(lesson.state, watching, {})
    assert learnt is not None
    assert learnt["trainees"] == len(TRAINEES) - 1
    for who in EVERYBODY:
        assert who.role is Role.OBSERVER or "trainees" not in (told(lesson.state, who, {}) or {})


def test_how_each_room_does_is_for_the_lead_and_who_observes_and_pupils_learn_nothing() -> None:
    lesson = Lesson()
    for who in EVERYBODY:
        learnt = told(lesson.state, who, APART)
        assert ("rooms" in (learnt or {})) == (who.role in {Role.LEAD, Role.OBSERVER})
        assert who.role is not Role.DEVICE or learnt is None


KEPT_S = 15.0


def seconds(silence: Silence, known: set[str], first: int, last: int, *said: str) -> list[int]:
    """The seconds of those in which something is lost, while this is said."""
    found = []
    for second in range(first, last + 1):
        silence.say(said, second)
        if silence.lost(known, second, KEPT_S):
            found.append(second)
    return found


def test_a_connection_of_which_nobody_speaks_any_more_is_lost() -> None:
    silence = Silence()
    assert not seconds(silence, {"a", "b"}, 100, 199, "a", "b", "unknown")
    assert seconds(silence, {"a", "b"}, 200, 300, "a")[0] == 199 + KEPT_S
    assert silence.lost({"a", "b"}, 301, KEPT_S) == {"b"}
    assert not silence.lost({"a"}, 302, KEPT_S), "its leaving was written"


def test_who_begins_to_listen_gives_everybody_the_time_to_speak() -> None:
    silence = Silence()
    assert seconds(silence, {"a"}, 100, 120)[0] == 100 + KEPT_S
    silence.begin_anew()
    assert seconds(silence, {"a"}, 121, 140)[0] == 121 + KEPT_S
    slept = 140 + int(SLEPT_S) + 1
    assert seconds(silence, {"a"}, slept, slept + 20)[0] == slept + KEPT_S
    silence.lost({"a", "new"}, slept + 21, KEPT_S)
    assert silence.lost({"a", "new"}, slept + 22, KEPT_S) == {"a"}


def test_who_is_there_is_known_by_their_connection() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, Join(connection="l1"))
    lesson.ask(SERVER, arrival(TRAINEES[0].id, "c1"))
    lesson.ask(BAI, Leave(connection="b1"))
    present = lesson.state.present()
    assert {str(who): connection for who, connection in present.items()} == {
        str(LEAD): "l1", str(TONG): "t1", str(TRAINEES[0]): "c1",
    }  # fmt: skip
    assert all(lesson.state.connection(who) == found for who, found in present.items())


@pytest.mark.parametrize(
    "said",
    [
        None,
        [],
        {},
        {"lag_ms": 1300},
        {"lag_ms": -1, "skew_ms": 3},
        {"lag_ms": 1300, "skew_ms": MOST_LAG_MS + 1},
        {"lag_ms": 1300.5, "skew_ms": 3},
        {"lag_ms": "1300", "skew_ms": 3},
    ],
)
def test_what_is_no_measure_is_refused(said: object) -> None:
    with pytest.raises(TongkeError) as refused:
        lag(TONG, said)
    assert refused.value.code == "invalid"


def test_only_rooms_measure() -> None:
    measured = {"lag_ms": 1300, "skew_ms": 3}
    assert lag(TONG, measured) == Lag(lag_ms=1300, skew_ms=3)
    for who in (LEAD, TEACHERS[0], OBSERVERS[0], DEVICES[0]):
        with pytest.raises(TongkeError) as refused:
            lag(who, measured)
        assert refused.value.code == "not-yours-in-class"
