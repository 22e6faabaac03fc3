"""That a teacher was at her desk in a training: kept with her name, her school and when, and read
by whom it concerns."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy.orm import Session

from tests.services.classes.lessons import SERVER, began_ms, write_log
from tests.services.classes.trainings import begin_training
from tests.services.house import PEOPLE, SCHOOLS, House, person
from tests.services.live.test_audience import (
    ABOVE,
    AGREEMENT,
    HEADS,
    Plan,
    _book,
    plans,
    seats_of,
    seen_by,
)
from tongke import clock
from tongke.classes import places, queries
from tongke.classes.models import LiveClass, Seat
from tongke.classes.running import lifecycle
from tongke.live.bodies import Arrive, Begin, Depart, End, Note, Prepare
from tongke.live.vocabulary import LessonKind, Role, Who
from tongke.people.models import Account, Agreement, Room

OF = {"tang": 1, "xiang": 2, "long": 3}


def came(house: House, who: str, name: str = "") -> Arrive:
    number, school = str(house.ids[who]), SCHOOLS[OF[who]][0]
    return Arrive(trainee=number, connection="c", name=name or who, school=school)


@pytest.fixture
async def training(house: House) -> int:
    """Held for two minutes: tang was there from the bell to the end, xiang for half a minute."""

    def hold(session: Session) -> int:
        number = begin_training(session, house)
        lead = Who(Role.LEAD, str(house.ids["zhou"]))
        xiang = Who(Role.TRAINEE, str(house.ids["xiang"]))
        officer = Who(Role.OBSERVER, str(house.ids["county"]))
        gone = Depart(trainee=xiang.id, connection="c", dropped=True)
        began = began_ms()
        write_log(session, number, began, [
            (-60, SERVER, Prepare(lesson=LessonKind.BROADCAST)),
            (-30, SERVER, came(house, "tang", name="=HYPERLINK(1)")), (0, lead, Begin()),
            (30, SERVER, came(house, "xiang")),
            (40, xiang, Note(id="n", shown_ms=began + 39_000, text="先看学生")),
            (41, officer, Note(id="o", shown_ms=began + 40_000, text="巡课时写的")),
            (60, SERVER, gone), (119, lead, End()),
        ])  # fmt: skip
        lifecycle.end(session, number)
        return number

    return await house.ground.database.write(hold)


async def attended(house: House, name: str, class_id: int) -> Any:
    return await house.json(name, "GET", f"/api/v1/classes/{class_id}/attendance")


async def test_attendance_says_who_was_at_a_desk_from_when_to_when(
    house: House, training: int
) -> None:
    told = await attended(house, "zhou", training)
    assert (told["outcome"], told["rooms"]) == ("cut_short", [])
    xiang, tang = told["trainees"]
    assert (xiang["school"], xiang["name"]) == ("桐木溪中学", "xiang")
    assert (xiang["late_s"], xiang["present_s"], xiang["gone"]) == (30, 30, "dropped")
    assert (tang["late_s"], tang["gone"]) == (0, None)


async def test_the_page_and_the_workbook_have_them(house: House, training: int) -> None:
    page = await (await house.ask("zhou", "GET", f"/classes/{training}/after")).text()
    assert "参加研修的老师" in page and "桐木溪中学 xiang" in page
    assert "所以没有考勤" not in page
    answer = await house.ask("zhou", "GET", f"/classes/{training}/attendance.xlsx")
    with ZipFile(BytesIO(await answer.read())) as book:
        words = book.read("xl/sharedStrings.xml").decode()
        for said in ("姓名", "桐木溪中学", "xiang", "怎样听评一节课", "断线"):
            assert said in words, said
        assert "参加研修的老师" in book.read("xl/workbook.xml").decode()
        # A name that looks like a formula is a name.
        assert "=HYPERLINK(1)" in words
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


async def test_of_the_schools_that_were_asked_it_says_which_came(
    house: House, training: int
) -> None:
    page = await (await house.ask("zhou", "GET", f"/classes/{training}/after")).text()
    assert said_of_schools(page) == [("桐木溪中学", "有人到")]

    def hold(session: Session) -> int:
        number = begin_training(session, house)
        lifecycle.end(session, number)
        # It was asked, though it is no pair any more.
        session.get_one(Agreement, AGREEMENT).active = False
        return number

    other = await house.ground.database.write(hold)
    page = await (await house.ask("zhou", "GET", f"/classes/{other}/after")).text()
    assert said_of_schools(page) == [("桐木溪中学", "没有人到")]
    assert "所以没有考勤" not in page
    answer = await house.ask("zhou", "GET", f"/classes/{other}/attendance.xlsx")
    with ZipFile(BytesIO(await answer.read())) as book:
        words = book.read("xl/sharedStrings.xml").decode()
        assert "请了的学校" in book.read("xl/workbook.xml").decode()
        assert "桐木溪中学" in words and "没有人到" in words


def said_of_schools(page: str) -> list[tuple[str, str]]:
    (table,) = re.findall(r"请了的学校</th>.*?</table>", page, re.DOTALL)
    return re.findall(r'<th scope="row">(.*?)</th><td class="end"[^>]*>(.*?)</td>', table)


async def test_who_came_to_her_desk_makes_it_held_where_no_room_came(
    house: House, training: int
) -> None:
    def book_room(session: Session) -> None:
        live = session.get_one(LiveClass, training)
        session.add(Room(id=2, school_id=2, name="七（2）班"))
        session.flush()
        live.seats.append(Seat(room_id=2, state="confirmed"))
        live.ends_at = clock.now()

    await house.ground.database.write(book_room)
    assert (await attended(house, "zhou", training))["outcome"] == "held"
    for path in (f"/classes/{training}/after", f"/classes/{training}", "/patrol"):
        page = await (await house.ask("head", "GET", path)).text()
        assert "怎样听评一节课" in page and "没有结对方参加" not in page, path


async def test_a_training_to_which_nobody_came_had_no_partner(house: House) -> None:
    def hold(session: Session) -> int:
        number = begin_training(session, house)
        lifecycle.end(session, number)
        session.get_one(LiveClass, number).ends_at = clock.now()
        return number

    number = await house.ground.database.write(hold)
    assert (await attended(house, "zhou", number))["outcome"] == "no_partner"
    assert "没有结对方参加" in await (await house.ask("zhou", "GET", "/timetable")).text()


async def test_it_says_what_she_was_called_and_where_she_was_then(
    house: House, training: int
) -> None:
    def rename(session: Session) -> None:
        account = session.get_one(Account, house.ids["xiang"])
        account.name, account.roles[0].school_id = "向雨禾", 3

    await house.ground.database.write(rename)
    xiang, _ = (await attended(house, "zhou", training))["trainees"]
    assert (xiang["school"], xiang["name"]) == ("桐木溪中学", "xiang")


async def test_a_colleague_reads_of_herself_alone(house: House, training: int) -> None:
    assert [each["name"] for each in (await attended(house, "xiang", training))["trainees"]] == [
        "xiang"
    ]
    page = await (await house.ask("xiang", "GET", f"/classes/{training}/after")).text()
    assert "HYPERLINK" not in page
    answer = await house.ask("xiang", "GET", f"/classes/{training}/attendance.xlsx")
    with ZipFile(BytesIO(await answer.read())) as book:
        assert "HYPERLINK" not in book.read("xl/sharedStrings.xml").decode()


async def test_of_the_notes_she_reads_her_own(house: House, training: int) -> None:
    """Who patrols was not seen in the class, and is not afterwards."""
    for name, texts in (
        ("xiang", ["先看学生"]), ("tang", []), ("county", ["先看学生", "巡课时写的"]),
        ("zhou", ["先看学生", "巡课时写的"]),
    ):  # fmt: skip
        found = await house.json(name, "GET", f"/api/v1/classes/{training}/notes")
        assert [note["text"] for note in found["items"]] == texts, name
    page = await (await house.ask("tang", "GET", f"/classes/{training}/after")).text()
    assert "巡课时写的" not in page


async def test_the_way_in_says_what_one_does_there(house: House) -> None:
    number = await house.ground.database.write(begin_training, house)
    for name, word in (("xiang", "参加研修"), ("county", "观摩这节课"), ("zhou", "进入主讲教室")):
        page = await (await house.ask(name, "GET", f"/classes/{number}")).text()
        assert word in page, name
    for name, is_trainee in (("xiang", True), ("county", False)):
        page = await (await house.ask(name, "GET", f"/classes/{number}/watch")).text()
        assert ("data-trainee" in page) == is_trainee


def trainees_of(plan: Plan) -> set[str]:
    """In sentences of mission.md, and without the rule: of those who see it the teachers, but for
    her who holds it and those who are with a room."""
    beside = {teacher for _, teacher in seats_of(plan)}
    return (seen_by(plan) & {"zhou", "tang", "xiang", "long"}) - {plan.teacher} - beside


def reads_of(plan: Plan, trainee: str) -> set[str]:
    """She herself, who holds or booked it, and the heads of both schools and the officers above."""
    schools = {1, OF[trainee]}
    heads = {name for school in schools for name in HEADS[school]}
    above = {name for school in schools for name in ABOVE[SCHOOLS[school][1]]}
    return ({trainee, plan.teacher, "zhou"} | heads | above) & seen_by(plan)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans)
async def test_that_somebody_was_there_is_read_by_exactly_whom_it_concerns(
    house: House, plan: Plan
) -> None:
    there = sorted(set(OF) - {plan.teacher})

    def hold(session: Session) -> int:
        number = _book(session, house, plan)
        live = session.get_one(LiveClass, number)
        live.purpose, live.state = "training", "ended"
        lead = Who(Role.LEAD, str(house.ids[plan.teacher]))
        came_all = [(1, SERVER, came(house, name)) for name in there]
        begins = [(-9, SERVER, Prepare(lesson=LessonKind.BROADCAST)), (0, lead, Begin())]
        write_log(session, number, began_ms(), [*begins, *came_all])
        live.ended_at = clock.now()
        return number

    number = await house.ground.database.write(hold)
    for name in set(PEOPLE) - {"room"}:
        answer = await house.ask(name, "GET", f"/api/v1/classes/{number}/attendance")
        if name not in seen_by(plan):
            assert answer.status == 404, name
            continue
        read = [each["name"] for each in (await answer.json())["trainees"]]
        assert sorted(read) == [who for who in there if name in reads_of(plan, who)], name


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans)
async def test_the_teachers_are_the_class_and_nobody_else_is(house: House, plan: Plan) -> None:
    def hold(session: Session) -> dict[str, Role | None]:
        number = _book(session, house, plan)
        session.get_one(LiveClass, number).purpose = "training"
        session.flush()
        found = {}
        for name in seen_by(plan):
            viewer = person(session, house, name)
            who = places.who_is(viewer, queries.visible_class(session, viewer, number))
            found[name] = who.role if who else None
        return found

    found = await house.ground.database.write(hold)
    of_class = {name for name, role in found.items() if role is Role.TRAINEE}
    assert of_class == trainees_of(plan)
    patrol = {"head", "county", "othercounty", "city", "province"}
    assert {name for name, role in found.items() if role is Role.OBSERVER} <= patrol
