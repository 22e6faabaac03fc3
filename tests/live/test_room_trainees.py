"""Teachers at desks of their own in a training: there to be seen by the lead, a hand up or not, and
nothing to each other."""

from __future__ import annotations

import pytest

from tests.live.lessons import (
    BEGAN,
    LEAD,
    OBSERVERS,
    ROOMS,
    SERVER,
    TEACHERS,
    TONG,
    TRAINEES,
    Lesson,
    arrival,
    kinds,
    question,
)
from tongke.live.bodies import (
    CallUp,
    Depart,
    End,
    HandDown,
    HandUp,
    Known,
    Message,
    Note,
    OpenQuiz,
    RaiseHand,
)
from tongke.live.bounds import BOUNDS
from tongke.live.events import Event
from tongke.live.views import for_role, snapshot
from tongke.live.vocabulary import Role, Who

SHE, OTHER = TRAINEES


def training() -> Lesson:
    lesson = Lesson()
    for who in TRAINEES:
        lesson.ask(SERVER, arrival(who.id, f"{who.id}-1"))
    return lesson


def told_of(lesson: Lesson, who: Who) -> object:
    return snapshot(lesson.state, who.role, who.id).get("trainees")


def test_who_comes_raises_a_hand_and_the_lead_puts_it_down() -> None:
    lesson = training()
    assert kinds(lesson.ask(SHE, HandUp(trainee=SHE.id), BEGAN + 5)) == ["hand_up"]
    assert not lesson.ask(SHE, HandUp(trainee=SHE.id), BEGAN + 9), "it is up since then"
    assert told_of(lesson, LEAD) == [
        {"id": "COLLEAGUE1", "name": "NAMED-COLLEAGUE1", "school": "桐木溪中学", "present": True,
         "hand_ms": BEGAN + 5},
        {"id": "COLLEAGUE2", "name": "NAMED-COLLEAGUE2", "school": "桐木溪中学", "present": True,
         "hand_ms": None},
    ]  # fmt: skip
    assert kinds(lesson.ask(LEAD, HandDown(trainee=SHE.id))) == ["hand_down"]
    assert not lesson.ask(LEAD, HandDown(trainee=SHE.id))
    lesson.ask(SHE, HandUp(trainee=SHE.id))
    lesson.ask(LEAD, End())
    assert lesson.state.trainees[SHE.id].hand_ms is None


@pytest.mark.parametrize(
    ("who", "asked"),
    [
        (SHE, HandUp(trainee=OTHER.id)),
        (SHE, HandDown(trainee=OTHER.id)),
        (SHE, RaiseHand(room="tong")),
        (SHE, arrival(SHE.id, "mine")),
        (LEAD, HandUp(trainee=SHE.id)),
        (TONG, HandUp(trainee="tong")),
        (TEACHERS[0], HandUp(trainee="tong")),
        (OBSERVERS[0], HandUp(trainee=OBSERVERS[0].id)),
    ],
)
def test_everybody_has_their_own_hand(who: Who, asked: Known) -> None:
    assert training().refused(who, asked) == "not-yours-in-class"


def test_who_has_not_come_has_no_hand_and_no_desk_is_called_up() -> None:
    lesson = training()
    stranger = Who(Role.TRAINEE, "LATER")
    assert lesson.refused(stranger, HandUp(trainee="LATER")) == "not-arrived"
    assert lesson.refused(LEAD, CallUp(room=SHE.id)) == "no-such-room"


def test_who_is_away_raises_no_hand() -> None:
    lesson = training()
    lesson.ask(SERVER, Depart(trainee=SHE.id, connection=f"{SHE.id}-1"))
    assert lesson.refused(SHE, HandUp(trainee=SHE.id)) == "not-arrived"


def test_who_comes_and_goes_all_the_time_does_not_fill_the_log() -> None:
    lesson, most = training(), BOUNDS["arrive"].most
    for number in range(2, most + 1):
        assert lesson.ask(SERVER, arrival(SHE.id, f"c{number}"))
    assert lesson.refused(SERVER, arrival(SHE.id, "more")) == "arrived-too-often"
    assert not lesson.ask(SERVER, arrival(SHE.id, f"c{most}")), "she is there by this one"
    assert lesson.ask(SERVER, Depart(trainee=SHE.id, connection=f"c{most}"))
    assert lesson.refused(SERVER, arrival(SHE.id, "more")) == "arrived-too-often"
    assert lesson.ask(SERVER, arrival(OTHER.id, "more")), "the other's are her own"


def test_nor_does_who_raises_a_hand_all_the_time() -> None:
    lesson = training()
    for _ in range(BOUNDS["hand_up"].most):
        assert lesson.ask(SHE, HandUp(trainee=SHE.id))
        assert lesson.ask(SHE, HandDown(trainee=SHE.id))
    assert lesson.refused(SHE, HandUp(trainee=SHE.id)) == "raised-too-often"
    assert not lesson.ask(SHE, HandDown(trainee=SHE.id))
    assert lesson.ask(OTHER, HandUp(trainee=OTHER.id)), "the other's is her own"


def test_a_window_that_is_closed_late_takes_nobody_out() -> None:
    lesson = training()
    lesson.ask(SHE, HandUp(trainee=SHE.id))
    lesson.ask(SERVER, arrival(SHE.id, "again"))
    assert not lesson.ask(SERVER, Depart(trainee=SHE.id, connection=f"{SHE.id}-1", dropped=True))
    (there, _) = lesson.state.trainees.values()
    assert (there.connection, there.hand_ms) == ("again", BEGAN)
    assert kinds(lesson.ask(SERVER, Depart(trainee=SHE.id, connection="again"))) == ["depart"]
    assert not lesson.ask(SERVER, Depart(trainee="nobody", connection="x"))


def learns(event: Event, who: Who) -> bool:
    return for_role(event, who.role, who.room or who.id) is not None


def test_the_lead_learns_of_each_and_each_of_herself() -> None:
    lesson = training()
    (came,) = lesson.ask(SERVER, arrival(SHE.id, "again"))
    (up,) = lesson.ask(SHE, HandUp(trainee=SHE.id))
    for event in (came, up):
        assert learns(event, LEAD)
        assert learns(event, SHE)
        assert not any(learns(event, who) for who in [OTHER, *ROOMS, *TEACHERS, *OBSERVERS])
    assert [each["id"] for each in told_of(lesson, SHE)] == [SHE.id]  # type: ignore[attr-defined]
    assert all(told_of(lesson, who) is None for who in [*ROOMS, *TEACHERS, *OBSERVERS])


def test_a_number_is_of_an_account_or_of_a_room_and_never_of_both() -> None:
    """Account 2 is not in room 2, nor does that room learn of her."""
    lesson = Lesson()
    same = Who(Role.TRAINEE, "tong")
    (came,) = lesson.ask(SERVER, arrival("tong", "x"))
    lesson.ask(TONG, RaiseHand(room="tong", count=2))
    assert not learns(came, TONG)
    shown = snapshot(lesson.state, Role.TRAINEE, same.id)
    assert shown["rooms"] == [
        {"id": "tong", "name": "桐木溪中学"}, {"id": "bai", "name": "白竹坪学校"},
    ]  # fmt: skip
    assert not learns(lesson.log[-1], same)


def test_her_notes_are_hers_and_for_who_observes() -> None:
    lesson = training()
    lesson.ask(OBSERVERS[0], Note(id="o", shown_ms=BEGAN, text="巡课的人写的"))
    (mine,) = lesson.ask(SHE, Note(id="n", shown_ms=BEGAN, text="自己记的"))

    def notes(who: Who) -> list[str]:
        told = snapshot(lesson.state, who.role, who.id)["notes"]
        return [note["text"] for note in told]  # type: ignore[union-attr, call-overload, index]

    assert (notes(SHE), notes(OTHER)) == (["自己记的"], [])
    assert notes(OBSERVERS[1]) == ["巡课的人写的", "自己记的"]
    assert "notes" not in snapshot(lesson.state, LEAD.role)
    assert learns(mine, SHE)
    assert not learns(mine, OTHER)
    assert not learns(mine, LEAD)


def test_she_reads_what_the_lead_writes_and_not_what_rooms_write() -> None:
    lesson = training()
    (mine,) = lesson.ask(LEAD, Message(id="l", text="请看第二题"))
    (theirs,) = lesson.ask(TEACHERS[0], Message(id="t", text="我们听不清"))
    assert learns(mine, SHE)
    assert not learns(theirs, SHE)
    assert not any(learns(mine, who) for who in [*ROOMS, *OBSERVERS])
    told = snapshot(lesson.state, Role.TRAINEE, SHE.id)["messages"]
    assert told == [for_role(mine, Role.TRAINEE, SHE.id)]


def test_a_question_comes_to_her_without_its_answer() -> None:
    lesson = training()
    (asked,) = lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")))
    told = for_role(asked, Role.TRAINEE, SHE.id)
    assert told is not None
    stage = snapshot(lesson.state, Role.TRAINEE, SHE.id)["stage"]
    for quiz in (told, stage["quiz"]):  # type: ignore[index, call-overload]
        assert "right" not in quiz["question"]  # type: ignore[index, call-overload]
