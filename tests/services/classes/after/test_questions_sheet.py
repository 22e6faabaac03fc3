"""The questions of a class in its workbook: how often each answer was given, what classes answered
together, and nothing right of an opinion."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from sqlalchemy.orm import Session

from tests.services.classes.lessons import ROOM, SERVER, Asked, began_ms, write_log
from tests.services.house import House
from tongke.classes.running import lifecycle
from tongke.live.bodies import Answer, Begin, BookedRoom, CloseQuiz, End, Join, OpenQuiz, Prepare
from tongke.live.quiz import Question, QuestionKind
from tongke.live.vocabulary import LessonKind, Role, Who

PHONES = tuple(Who(Role.DEVICE, str(number), "2") for number in range(3))


def lesson(house: House, began: int) -> list[Asked]:
    """An opinion, and a statement that is true; three phones answer each, and beside them the class
    with its room's screen. A question is answered with that alone."""
    lead = Who(Role.LEAD, str(house.ids["zhou"]))
    options = ("甲", "乙", "丙")
    opinion = Question(kind=QuestionKind.SINGLE, text="先听哪一段？", options=options)
    true = Question(kind=QuestionKind.TRUE_FALSE, text="零是有理数", right=("true",))
    several = Question(
        kind=QuestionKind.MULTIPLE, text="哪些是负数？", options=options, right=("A", "C")
    )
    asked: list[Asked] = [
        (-60, SERVER, Prepare(
            lesson=LessonKind.BROADCAST, rooms=(BookedRoom(id="2", name="七（2）班"),)
        )),
        (-50, ROOM, Join(connection="r")),
        (0, lead, Begin()),
    ]  # fmt: skip
    for second, quiz, question, answers, together in (
        (10, "o", opinion, "AAC", ("B",)), (40, "t", true, ("true", "true", "false"), ("false",)),
        (70, "s", several, (), ("C", "A")),
    ):  # fmt: skip
        asked.append((second, lead, OpenQuiz(quiz=quiz, question=question, seconds=20)))
        shown_ms = began + (second + 2) * 1000
        for phone, given in zip(PHONES, answers, strict=False):
            answer = Answer(quiz=quiz, given=(given,), shown_ms=shown_ms)
            asked.append((second + 2, phone, answer))
        asked.append((second + 3, ROOM, Answer(quiz=quiz, given=together, shown_ms=shown_ms)))
        asked.append((second + 15, lead, CloseQuiz(quiz=quiz)))
    return [*asked, (100, lead, End())]


async def cells(house: House, class_id: int) -> list[list[str]]:
    """The rows of the sheet of questions, below what its columns are called."""
    answer = await house.ask("zhou", "GET", f"/classes/{class_id}/attendance.xlsx")
    with ZipFile(BytesIO(await answer.read())) as book:
        strings = re.findall(r"<t[^>]*>(.*?)</t>", book.read("xl/sharedStrings.xml").decode())
        sheet = book.read("xl/worksheets/sheet2.xml").decode()
    rows: list[list[str]] = []
    for row in re.findall(r"<row .*?</row>", sheet):
        found: dict[str, str] = {}
        for place, kind, value in re.findall(r'<c r="([A-Z])\d+"([^>]*)><v>(.*?)</v>', row):
            found[place] = strings[int(value)] if 't="s"' in kind else value
        rows.append([found.get(place, "") for place in "ABCDEFG"])
    head = next(at for at, row in enumerate(rows) if row[0] == "题号")
    return rows[head:]


async def test_answers_are_counted_and_an_opinion_has_no_right_one(
    house: House, running: int
) -> None:
    def give(session: Session) -> None:
        began = began_ms()
        write_log(session, running, began, lesson(house, began))
        lifecycle.end(session, running)

    await house.ground.database.write(give)
    head, *rows = await cells(house, running)
    assert head == ["题号", "题目", "教室", "作答", "各选项", "答对", "正确率"]
    whole = [row for row in rows if row[2] == "全部"]
    assert whole[0][3:] == ["3", "A 2、B 0、C 1", "", "征求意见"]
    assert whole[1][3:6] == ["3", "对 2（正确答案）、错 1", "2"]
    room = [row for row in rows if row[2].endswith("七（2）班")]
    assert room[0][3:] == ["3", "", "", "征求意见"] and room[1][5] == "2"
    told: dict[str, Any] = await house.json("zhou", "GET", f"/api/v1/classes/{running}/results")
    assert [quiz["is_opinion"] for quiz in told["items"]] == [True, False, False]


async def test_what_a_class_answered_together_has_its_row(house: House, running: int) -> None:
    def give(session: Session) -> None:
        began = began_ms()
        write_log(session, running, began, lesson(house, began))
        lifecycle.end(session, running)

    await house.ground.database.write(give)
    _, *rows = await cells(house, running)
    room = "桐木溪中学 七（2）班"
    places = [(row[0], row[2]) for row in rows]
    assert places == [
        ("1", "全部"), ("1", room), ("1", f"{room}（全班一起答）"),
        ("2", "全部"), ("2", room), ("2", f"{room}（全班一起答）"),
        ("3", "全部（全班一起答）"), ("3", f"{room}（全班一起答）"),
    ]  # fmt: skip
    opinion, wrong, right = (rows[at][3:] for at in (2, 5, 7))
    assert opinion == ["1", "B", "", "征求意见"]
    assert wrong == ["1", "错", "0", "0"]
    assert right == ["1", "A、C", "1", "1"]
    assert rows[6][4] == "A 1（正确答案）、B 0、C 1（正确答案）"
