"""Of a change of one class the others of its series take what is changed, and keep their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.classes.plan.amended import Booked, carried, filled, occupied
from tongke.classes.plan.booking import Wanted
from tongke.classes.school.recording_rule import RecordingRule
from tongke.classes.times.timetable import Slot

AT = datetime(2026, 11, 30, 0, 50, tzinfo=UTC)
WEEK = timedelta(days=7)
LESSON = timedelta(minutes=40)
HEARD = RecordingRule(rooms_seen=True, rooms_heard=True)
UNHEARD = RecordingRule(rooms_seen=True, rooms_heard=False)

BEFORE = Booked(
    title="有理数", mode="interactive", purpose="lesson", begins_at=AT, ends_at=AT + LESSON,
    teacher_id=7, school_id=1, room_id=1, seats=((2, None), (4, 40)), subject="math", grade="7",
    audience=frozenset({"school:1"}), materials=(50, 51), recording=UNHEARD,
)  # fmt: skip

# A later week, of which much was said apart: the partner sends 22 to room 2.
OTHER = replace(
    BEFORE, title="第3课时", begins_at=AT + WEEK, ends_at=AT + WEEK + timedelta(minutes=45),
    teacher_id=8, seats=((2, 22), (4, 41), (5, None)), audience=frozenset({"agreement:1"}),
    materials=(51, 60, 50), grade="8",
)  # fmt: skip


def over(**wanted: Any) -> Booked:
    """The later week, once this of the first is changed."""
    begins_at = wanted.get("begins_at", AT) + WEEK
    return carried(BEFORE, replace(BEFORE, **wanted), OTHER, begins_at)


def test_a_move_leaves_everything_but_the_time() -> None:
    after = AT + timedelta(hours=1)
    moved = over(begins_at=after, ends_at=after + LESSON)
    begins = after + WEEK
    assert moved == replace(OTHER, begins_at=begins, ends_at=begins + timedelta(minutes=45))


def test_another_length_holds_for_all() -> None:
    assert over(ends_at=AT + timedelta(minutes=30)).ends_at == AT + WEEK + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("wanted", "becomes"),
    [
        ({"title": "整式"}, {"title": "整式"}),
        ({"teacher_id": 9}, {"teacher_id": 9}),
        ({"room_id": None}, {"room_id": None}),
        # What leads receives nothing, wherever it did.
        ({"room_id": 5}, {"room_id": 5, "seats": ((2, 22), (4, 41))}),
        ({"materials": (50, 51, 52)}, {"materials": (51, 60, 50, 52)}),
        ({"materials": (51,)}, {"materials": (51, 60)}),
        ({"materials": (50, 51, 60)}, {"materials": (51, 60, 50)}),
        ({"seats": ((2, None), (4, 40), (6, 61))},
         {"seats": ((2, 22), (4, 41), (5, None), (6, 61))}),
        ({"seats": ((4, 40),)}, {"seats": ((4, 41), (5, None))}),
        # The booker chose another for that very seat; or leaves it to the partner again.
        ({"seats": ((2, 29), (4, 40))}, {"seats": ((2, 29), (4, 41), (5, None))}),
        ({"seats": ((2, None), (4, None))}, {"seats": ((2, 22), (4, 41), (5, None))}),
        ({"audience": frozenset({"school:1", "agreement:2"})},
         {"audience": frozenset({"agreement:1", "agreement:2"})}),
        ({"audience": frozenset()}, {"audience": frozenset({"agreement:1"})}),
        ({"recording": HEARD}, {"recording": HEARD}),
    ],
)  # fmt: skip
def test_what_is_changed_is_changed_there_too_and_nothing_else(
    wanted: dict[str, Any], becomes: dict[str, Any]
) -> None:
    assert over(**wanted) == replace(OTHER, **becomes)


def test_a_rule_that_one_week_has_apart_stays_where_another_part_of_it_is_changed() -> None:
    other = replace(OTHER, recording=HEARD)
    unseen = replace(BEFORE, recording=RecordingRule(rooms_seen=False, rooms_heard=False))
    after = carried(BEFORE, unseen, other, other.begins_at)
    assert after.recording == RecordingRule(rooms_seen=False, rooms_heard=True)


def test_a_teacher_whom_the_booker_takes_back_goes_where_it_was_the_bookers_choice() -> None:
    other = replace(OTHER, seats=((4, 40),))
    freed = replace(BEFORE, seats=((2, None), (4, None)))
    assert carried(BEFORE, freed, other, other.begins_at).seats == ((4, None),)


numbers = st.integers(1, 6)
classes = st.builds(
    replace,
    st.just(BEFORE),
    title=st.sampled_from(["甲", "乙", "丙"]),
    room_id=st.none(),
    teacher_id=numbers,
    seats=st.dictionaries(numbers, st.none() | numbers).map(lambda seats: tuple(seats.items())),
    materials=st.lists(numbers, unique=True).map(tuple),
    audience=st.frozensets(st.sampled_from(["school:1", "agreement:1", "agreement:2"])),
    recording=st.builds(RecordingRule, st.booleans(), st.booleans()),
)


@given(classes, classes)
def test_saved_as_it_is_it_changes_nothing(before: Booked, other: Booked) -> None:
    assert carried(before, before, other, other.begins_at) == other


@given(classes, classes)
def test_a_week_like_the_one_that_is_changed_becomes_like_it(
    before: Booked, wanted: Booked
) -> None:
    after = carried(before, wanted, before, wanted.begins_at)
    assert dict(after.seats) == dict(wanted.seats)
    assert replace(after, seats=wanted.seats) == wanted


def test_what_is_not_said_stays_as_it_was_but_for_the_room() -> None:
    wanted = Wanted(
        title="整式", mode="broadcast", purpose="lesson", begins_at=AT, ends_at=AT + LESSON,
        teacher_id=7, school_id=3,
    )  # fmt: skip
    after = filled(wanted, BEFORE)
    assert (after.school_id, after.audience, after.recording) == (1, BEFORE.audience, UNHEARD)
    assert (after.title, after.room_id, after.seats) == ("整式", None, ())


def slot(rooms: set[int], teachers: set[int]) -> Slot:
    return Slot(AT, AT + LESSON, frozenset(rooms), frozenset(teachers))


def test_rooms_and_teachers_are_taken_by_the_same_rule() -> None:
    wanted = replace(slot({1, 3}, {7, 9}), ends_at=AT + LESSON / 2)
    found = occupied(slot({1, 2}, {7}), wanted, slot({1, 2, 5}, {8, 22}), AT + WEEK)
    assert (found.rooms, found.teachers) == ({1, 3, 5}, {8, 22, 9})
    assert (found.begins_at, found.ends_at) == (AT + WEEK, AT + WEEK + LESSON / 2)
