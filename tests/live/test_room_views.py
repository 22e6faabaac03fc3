"""What each role learns of a class."""

from __future__ import annotations

import json

from tests.live.lessons import BEGAN, DEVICES, EVERYBODY, LEAD, OBSERVERS, PAGE, Lesson, question
from tongke.live.bodies import Admit, Answer, Join, Leave, Message, OpenQuiz, Remove, Slide, Stroke
from tongke.live.views import for_role, is_in, snapshot
from tongke.live.vocabulary import Role


def test_a_latecomer_gets_slides_strokes_and_the_open_question() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, Slide(page=PAGE), BEGAN + 1)
    lesson.ask(LEAD, Stroke(page=PAGE, stroke="s", points=((0.5, 0.5),)), BEGAN + 2)
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q"), seconds=30), BEGAN + 3)
    stage = snapshot(lesson.state, Role.ROOM, "bai")["stage"]
    assert isinstance(stage, dict)
    assert stage["page"] == {"deck": "d", "number": 1}
    assert "0.5" in json.dumps(stage["ink"])
    assert isinstance(stage["quiz"], dict)
    assert stage["quiz"]["closes_ms"] == BEGAN + 30_003


def test_that_observers_come_and_go_is_no_fact_of_the_lesson() -> None:
    lesson = Lesson()
    for observer in OBSERVERS:
        for asked in (Join(connection="o"), Leave(connection="o")):
            assert lesson.refused(observer, asked) == "not-yours-in-class"


def test_a_class_sees_that_its_pupils_answered_and_not_what() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    answer = Answer(quiz="q", given=("B",), shown_ms=BEGAN + 10)
    (taken,) = lesson.ask(DEVICES[0], answer, BEGAN + 20)
    shown = for_role(taken, Role.ROOM, "tong")
    assert shown is not None
    assert shown["by"] == {"role": "device", "room": "tong", "id": "PUPIL1"}
    assert "given" not in shown
    assert for_role(taken, Role.ROOM, "bai") is None
    assert for_role(taken, Role.DEVICE, "PUPIL2") is None
    own = for_role(taken, Role.DEVICE, "PUPIL1")
    assert own is not None
    assert own["given"] == ["B"]


def test_a_phone_is_out_with_its_room_and_in_again_with_it() -> None:
    lesson = Lesson()
    lesson.ask(LEAD, OpenQuiz(quiz="q", question=question("q")), BEGAN)
    lesson.ask(LEAD, Remove(room="tong"))
    out = {who.id for who in EVERYBODY if not is_in(lesson.state, who.role, who.seat)}
    # The third room knocks, and its teacher with it.
    assert out == {"tong", "teacher-tong", "PUPIL1", "PUPIL2", "yun", "teacher-yun"}
    assert snapshot(lesson.state, Role.DEVICE, "PUPIL1", "tong") == {
        "phase": "running",
        "lesson": "broadcast",
        "admitted": False,
    }
    lesson.ask(LEAD, Admit(room="tong"))
    for room in ("tong", "bai", "lead-room"):
        told = snapshot(lesson.state, Role.DEVICE, "PUPIL1", room)
        assert isinstance(told["quiz"], dict)


def test_what_teachers_write_is_not_on_the_screen_of_a_class() -> None:
    lesson = Lesson()
    message = Message(id="m", text="请三组先说")
    (told,) = lesson.ask(LEAD, message)
    assert not lesson.ask(LEAD, message)
    assert for_role(told, Role.ROOM, "tong") is None
    assert "messages" not in snapshot(lesson.state, Role.ROOM, "tong")
    assert snapshot(lesson.state, Role.TEACHER, "tong")["messages"] == [
        for_role(told, Role.TEACHER, "tong")
    ]
