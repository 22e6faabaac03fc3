"""Rooms in their seats: who is let in, who speaks, and who comes back after a drop."""

from __future__ import annotations

from tests.live.lessons import BAI, BEGAN, DEVICES, LEAD, TONG, YUN, Lesson, kinds, question
from tongke.live.bodies import (
    Admit,
    Answer,
    CallUp,
    HeadCount,
    Join,
    Leave,
    Mute,
    OpenQuiz,
    RaiseHand,
    Remove,
    RollCall,
)
from tongke.live.views import snapshot
from tongke.live.vocabulary import LessonKind, Role


def test_in_a_broadcast_one_room_speaks() -> None:
    lesson = Lesson(LessonKind.BROADCAST)
    lesson.ask(LEAD, CallUp(room="tong"))
    told = lesson.ask(LEAD, CallUp(room="bai"))
    assert kinds(told) == ["sit_down", "call_up"]
    assert lesson.state.stage.speaking == ["bai"]
    assert not lesson.state.in_talk("tong")


def test_in_an_interactive_class_all_are_in_the_talk() -> None:
    lesson = Lesson(LessonKind.INTERACTIVE)
    assert lesson.state.in_talk("tong")
    lesson.ask(LEAD, CallUp(room="tong"))
    lesson.ask(LEAD, CallUp(room="bai"))
    assert lesson.state.stage.speaking == ["tong", "bai"]


def test_a_muted_room_that_is_called_up_is_heard() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, Mute(room="tong", on=True))
    assert kinds(lesson.ask(LEAD, CallUp(room="tong"))) == ["mute", "call_up"]
    assert not lesson.state.rooms["tong"].muted


def test_a_room_that_is_away_is_not_called_up() -> None:
    lesson = Lesson()
    lesson.ask(TONG, Leave(connection="t1", dropped=True))
    assert lesson.refused(LEAD, CallUp(room="tong")) == "room-away"
    assert lesson.refused(LEAD, CallUp(room="nowhere")) == "no-such-room"


def test_a_room_that_drops_finds_its_seat_as_it_was() -> None:
    lesson = Lesson()
    for command in (HeadCount(room="tong", heads=31), RaiseHand(room="tong", count=2)):
        lesson.ask(TONG, command)
    lesson.ask(LEAD, CallUp(room="tong"))
    lesson.ask(TONG, Leave(connection="t1", dropped=True))
    lesson.ask(TONG, Join(connection="t2"))
    seat = lesson.state.rooms["tong"]
    assert (seat.connection, seat.heads, seat.hand) == ("t2", 31, 2)
    assert lesson.state.in_talk("tong")


def test_a_second_connection_takes_the_seat_from_the_first() -> None:
    lesson = Lesson()
    lesson.ask(TONG, Join(connection="t2"))
    assert not lesson.ask(TONG, Leave(connection="t1", dropped=True))
    assert lesson.state.rooms["tong"].connection == "t2"


def test_the_lead_knows_who_left_who_dropped_and_who_never_came() -> None:
    lesson = Lesson()
    lesson.ask(TONG, Leave(connection="t1"))
    lesson.ask(BAI, Leave(connection="b1", dropped=True))
    rooms = {each.id: each for each in lesson.state.rooms.values()}
    tong, bai = rooms["tong"], rooms["bai"]
    assert (tong.gone_ms, tong.dropped, bai.dropped) == (lesson.state.media_ms, False, True)
    lesson.ask(BAI, Join(connection="b2"))
    assert (bai.gone_ms, bai.dropped) == (None, False)
    lesson.ask(YUN, Join(connection="y1"))
    assert lesson.state.rooms["yun"].gone_ms is None


def test_a_room_that_is_sent_out_is_told_so_until_it_is_let_in() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, Remove(room="tong"))
    lesson.ask(TONG, Join(connection="t2"))
    for role in (Role.ROOM, Role.TEACHER):
        out = snapshot(lesson.state, role, "tong")
        assert (out["admitted"], out["removed"]) == (False, True)
    lesson.ask(LEAD, Admit(room="tong"))
    assert not lesson.state.rooms["tong"].removed
    assert "removed" not in snapshot(lesson.state, Role.ROOM, "tong")


def test_who_was_not_booked_knocks_and_is_told_nothing() -> None:
    lesson = Lesson()
    lesson.ask(YUN, Join(connection="y1"))
    assert snapshot(lesson.state, Role.ROOM, "yun") == {
        "phase": "running",
        "lesson": "broadcast",
        "admitted": False,
    }
    assert lesson.refused(YUN, RaiseHand(room="yun")) == "not-admitted"
    lesson.ask(LEAD, Admit(room="yun"))
    assert kinds(lesson.ask(YUN, RaiseHand(room="yun"))) == ["raise_hand"]


def test_a_room_that_is_removed_sits_down_and_its_devices_are_out() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")))
    lesson.ask(LEAD, CallUp(room="tong"))
    assert kinds(lesson.ask(LEAD, Remove(room="tong"))) == ["sit_down", "remove"]
    answer = Answer(quiz="q", given=("?",), shown_ms=BEGAN)
    assert lesson.refused(DEVICES[0], answer) == "not-admitted"
    assert kinds(lesson.ask(DEVICES[3], answer)) == ["answer"]


def test_each_roll_call_is_answered_anew() -> None:
    lesson = Lesson()
    lesson.ask(TONG, HeadCount(room="tong", heads=31))
    assert not lesson.ask(TONG, HeadCount(room="tong", heads=31))
    lesson.ask(LEAD, RollCall())
    assert not lesson.state.rooms["tong"].counted
    assert lesson.ask(TONG, HeadCount(room="tong", heads=31))
    assert lesson.state.rooms["tong"].counted
