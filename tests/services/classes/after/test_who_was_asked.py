"""What is kept of a class says who was asked to it: who came, who did not, and who had declined."""

from __future__ import annotations

import re
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy.orm import Session

from tests.services.classes.lessons import held
from tests.services.house import House
from tongke.classes.models import LiveClass, Seat
from tongke.people.models import Room

WHY = "这天全校参加运动会"


@pytest.fixture
async def given(house: House, running: int) -> int:
    """A class to which one room came and one did not, and one had declined."""

    def seat(session: Session) -> None:
        live = session.get_one(LiveClass, running)
        for number, name, state, why in (
            (8, "八（1）班", "confirmed", ""), (9, "九（1）班", "declined", WHY),
        ):  # fmt: skip
            session.add(Room(id=number, school_id=2, name=name))
            session.flush()
            live.seats.append(Seat(room_id=number, state=state, declined_because=why))
        live.seats[0].state = "confirmed"

    await house.ground.database.write(seat)
    await held(house, running)
    return running


async def text_of(house: House, name: str, path: str) -> str:
    answer = await house.ask(name, "GET", path)
    assert answer.status == 200
    return await answer.text()


def rows_of(page: str) -> dict[str, str]:
    """What stands beside each room in the attendance."""
    table = page.split('id="attendance"')[1].split("</table>")[0]
    found = re.findall(r'<th scope="row">桐木溪中学 (.*?)</th>(.*?)</tr>', table, re.S)
    return {room: re.sub(r"<[^>]+>|\s", "", cells) for room, cells in found}


async def test_a_room_that_declined_is_told_from_one_that_did_not_come(
    house: House, given: int
) -> None:
    for name, why in (("zhou", f"，原因：{WHY}"), ("xiang", f"，原因：{WHY}"), ("county", "")):
        rows = rows_of(await text_of(house, name, f"/classes/{given}/after"))
        assert list(rows) == ["七（2）班", "八（1）班", "九（1）班"], name
        assert rows["八（1）班"].startswith("没有到课")
        assert rows["九（1）班"] == f"不参加{why}", name
    told = await house.json("county", "GET", f"/api/v1/classes/{given}/attendance")
    declined = [(room["declined"], room["because"]) for room in told["rooms"]]
    assert declined == [(False, ""), (False, ""), (True, "")]
    assert told["outcome"] == "held"


async def test_so_it_is_in_the_workbook(house: House, given: int) -> None:
    for name, said in (("zhou", f"不参加，原因：{WHY}"), ("county", "不参加")):
        answer = await house.ask(name, "GET", f"/classes/{given}/attendance.xlsx")
        with ZipFile(BytesIO(await answer.read())) as book:
            words = book.read("xl/sharedStrings.xml").decode()
        texts = re.findall(r"<t[^>]*>(.*?)</t>", words)
        assert {said, "没有到课", "九（1）班"} <= set(texts), name


async def test_the_classs_own_page_says_who_came_and_not_who_had_said_so(
    house: House, given: int
) -> None:
    page = await text_of(house, "zhou", f"/classes/{given}")
    seats = page.split('class="rows closed seats"')[1].split("</ul>")[0].split("</li>")
    tags = [re.findall(r'<span class="tag (\w+)">(.*?)</span>', seat) for seat in seats[:3]]
    assert tags == [[("pine", "到课")], [("bad", "没有到课")], [("bad", "不参加")]]


async def test_who_had_declined_and_came_is_there(house: House, given: int) -> None:
    def decline(session: Session) -> None:
        session.get_one(LiveClass, given).seats[0].state = "declined"

    await house.ground.database.write(decline)
    rows = rows_of(await text_of(house, "zhou", f"/classes/{given}/after"))
    assert "不参加" not in rows["七（2）班"]
    assert '<span class="tag pine">到课</span>' in await text_of(house, "zhou", f"/classes/{given}")
