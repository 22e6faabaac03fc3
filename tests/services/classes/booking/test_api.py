"""A class over JSON: booked, confirmed by its partner, begun, ended, called off."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import publishing
from tongke import clock
from tongke.classes.models import ClassToken, LiveClass
from tongke.library.models import Resource
from tongke.library.vocabulary import Medium
from tongke.people.models import Role, Room, School


@pytest.fixture(autouse=True)
async def rooms(house: House) -> None:
    def add(session: Session) -> None:
        session.add(Room(id=1, school_id=1, name="录播教室"))
        session.add(Room(id=2, school_id=2, name="七（2）班", account_id=house.ids["room"]))
        session.add(Room(id=3, school_id=3, name="八（1）班"))

    await house.ground.database.write(add)


def later(hours: float) -> str:
    return (clock.now() + timedelta(hours=hours)).isoformat()


def wanted(**more: Any) -> dict[str, Any]:
    """A class so soon that it can be begun."""
    begins = clock.now() + timedelta(minutes=20)
    return {
        "title": "有理数的加法", "begins_at": begins.isoformat(),
        "ends_at": (begins + timedelta(minutes=40)).isoformat(), "room_id": 1,
        "seats": [{"room_id": 2}], **more,
    }  # fmt: skip


async def booked(house: House, name: str = "zhou", **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = await house.json(name, "POST", "/api/v1/classes", json=wanted(**more))
    return told


async def test_rooms_of_my_school_and_its_partners_can_be_booked(house: House) -> None:
    for name, seen in (("zhou", {1, 2}), ("xiang", {1, 2}), ("long", {3}), ("county", set())):
        found = await house.json(name, "GET", "/api/v1/rooms")
        assert {room["id"] for room in found["items"]} == seen, name


async def test_a_partner_is_asked_and_answers(house: House) -> None:
    told = await booked(house)
    assert told["state"] == "booked"
    assert told["teacher"] == "zhou"
    assert [seat["state"] for seat in told["seats"]] == ["asked"]
    path = f"/api/v1/classes/{told['id']}/seats/2"
    # Who has nothing to do with that school does not answer for it.
    assert (await house.ask("zhou", "PUT", path, json={"state": "confirmed"})).status == 403
    assert (await house.ask("long", "PUT", path, json={"state": "confirmed"})).status == 404
    assert (await house.ask("xiang", "PUT", path, json={"state": "confirmed"})).status == 404
    seated = await booked(house, begins_at=later(5), ends_at=later(6),
                          seats=[{"room_id": 2, "teacher_id": house.ids["xiang"]}])  # fmt: skip
    path = f"/api/v1/classes/{seated['id']}/seats/2"
    answered = await house.json("xiang", "PUT", path, json={"state": "confirmed"})
    assert [seat["state"] for seat in answered["seats"]] == ["confirmed"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"seats": [{"room_id": 3}]}, "seats"),
        ({"seats": [{"room_id": 2}, {"room_id": 2}]}, "seats"),
        ({"room_id": 2, "seats": []}, "room_id"),
        ({"ends_at": "2026-01-01T00:00:00Z"}, "ends_at"),
        ({"ends_at": later(24 / 60)}, "ends_at"),
        ({"ends_at": later(50)}, "ends_at"),
        ({"begins_at": later(-1), "ends_at": later(1)}, "begins_at"),
        ({"title": "  "}, "title"),
        ({"begins_at": "2026-01-01T08:00:00"}, "begins_at"),
    ],
)
async def test_what_cannot_be_booked_is_said(
    house: House, more: dict[str, Any], field: str
) -> None:
    answer = await house.ask("zhou", "POST", "/api/v1/classes", json=wanted(**more))
    assert answer.status == 422
    assert field in (await answer.json())["errors"]


async def test_whom_one_may_not_invite_is_named_with_who_may(house: House) -> None:
    def region(session: Session) -> str:
        return session.get_one(School, 1).region_code

    own = f"region:{await house.ground.database.read(region)}"
    audience = ["school:1", "school:5", "agreement:9", own, "region:99", "everyone", "admin:1"]
    answer = await house.ask("zhou", "POST", "/api/v1/classes", json=wanted(audience=audience))
    assert answer.status == 422
    said = (await answer.json())["errors"]["audience"]
    for words in (
        "school:5：只有这所学校自己的人能请", "agreement:9：只有协议双方学校的人能请",
        f"{own}：要教育局同意", "region:99：只有这个地区里的学校能请", "everyone：要教育局同意",
        "admin:1：没有这样的范围",
    ):  # fmt: skip
        assert words in said, said
    assert "school:1：" not in said
    told = await booked(house, audience=["school:1"])
    path = f"/api/v1/classes/{told['id']}"
    assert (await house.ask("zhou", "PATCH", path, json={"audience": [own]})).status == 422
    # What somebody else let in stays without being asked for again.
    await house.ground.database.write(_let_in, told["id"], own)
    kept = ["school:1", own]
    assert (await house.ask("zhou", "PATCH", path, json={"audience": kept})).status == 200


def _let_in(session: Session, class_id: int, token: str) -> None:
    session.add(ClassToken(class_id=class_id, token=token))


async def test_a_trusted_school_lets_its_region_in(house: House) -> None:
    def trust(session: Session) -> str:
        school = session.get_one(School, 1)
        school.trusted = True
        return school.region_code

    own = f"region:{await house.ground.database.write(trust)}"
    told = await booked(house, audience=[own, "everyone"])
    assert (await house.ask("xiang", "GET", f"/api/v1/classes/{told['id']}")).status == 200


async def test_a_teacher_of_another_school_is_refused(house: House) -> None:
    for more in (
        {"teacher_id": house.ids["long"]},
        {"seats": [{"room_id": 2, "teacher_id": house.ids["zhou"]}]},
    ):
        answer = await house.ask("zhou", "POST", "/api/v1/classes", json=wanted(**more))
        assert answer.status == 422
    for name in ("county", "operator"):
        answer = await house.ask(name, "POST", "/api/v1/classes", json=wanted(school_id=1))
        assert answer.status == 403


async def test_a_clash_is_refused_and_a_class_called_off_is_in_nobody_s_way(house: House) -> None:
    first = await booked(house)
    answer = await house.ask("tang", "POST", "/api/v1/classes", json=wanted(room_id=None))
    assert answer.status == 409
    assert (await answer.json())["code"] == "class-clashes"
    path = f"/api/v1/classes/{first['id']}/cancel"
    assert (await house.ask("tang", "POST", path, json={"because": "停课"})).status == 404
    for reason in ("", "  ", "长" * 201):
        assert (await house.ask("zhou", "POST", path, json={"because": reason})).status == 422
    told = await house.json("zhou", "POST", path, json={"because": "老师外出开会"})
    assert (told["state"], told["cancelled_because"]) == ("cancelled", "老师外出开会")
    await booked(house, name="tang", room_id=None)
    assert (await house.ask("zhou", "POST", f"/api/v1/classes/{first['id']}/start")).status == 409


async def test_a_class_that_runs_is_said_to_run(house: House) -> None:
    told = await booked(house)
    await house.json("zhou", "POST", f"/api/v1/classes/{told['id']}/start")
    answer = await house.ask(
        "zhou", "POST", f"/api/v1/classes/{told['id']}/cancel", json={"because": "停课"}
    )
    assert answer.status == 409
    assert (await answer.json())["code"] == "class-runs"


async def test_a_trial_in_the_morning_does_not_use_the_lesson_up(house: House) -> None:
    ends = (clock.now() + timedelta(minutes=71)).isoformat()
    told = await booked(house, begins_at=later(31 / 60), ends_at=ends)
    path = f"/api/v1/classes/{told['id']}"
    answer = await house.ask("zhou", "POST", f"{path}/start")
    assert (answer.status, (await answer.json())["code"]) == (409, "class-too-soon")
    assert (await house.json("zhou", "GET", path))["state"] == "booked"
    await house.json("zhou", "PATCH", path, json={"begins_at": later(29 / 60), "ends_at": ends})
    assert (await house.json("zhou", "POST", f"{path}/start"))["state"] == "running"


async def test_what_begins_now_is_booked_and_begun(house: House) -> None:
    told = await booked(house, begins_at=later(0), ends_at=later(5.1 / 60))
    path = f"/api/v1/classes/{told['id']}"
    assert (await house.json("zhou", "POST", f"{path}/start"))["state"] == "running"


async def test_once_its_time_has_passed_it_is_not_begun_and_one_that_runs_goes_on(
    house: House,
) -> None:
    missed, held = await booked(house), await booked(house, "tang", room_id=None, seats=[])
    await house.json("tang", "POST", f"/api/v1/classes/{held['id']}/start")

    def an_hour_later(session: Session) -> None:
        for live in session.scalars(select(LiveClass)):
            live.begins_at, live.ends_at = (
                moment - timedelta(hours=1, minutes=5) for moment in (live.begins_at, live.ends_at)
            )

    await house.ground.database.write(an_hour_later)
    answer = await house.ask("zhou", "POST", f"/api/v1/classes/{missed['id']}/start")
    assert (answer.status, (await answer.json())["code"]) == (409, "class-too-late")
    again = await house.json("tang", "POST", f"/api/v1/classes/{held['id']}/start")
    assert again["state"] == "running"


async def test_what_is_not_said_of_a_class_stays_as_it_was(house: House) -> None:
    paper = await house.publish("zhou", ["school:1"])
    await house.ground.database.write(_become_a_paper, paper)
    seats = [{"room_id": 2, "teacher_id": house.ids["xiang"]}]
    told = await booked(
        house, seats=seats, audience=["school:1"], materials=[paper], subject="math", grade="7",
        recording={"rooms_seen": False, "rooms_heard": False},
    )  # fmt: skip
    path = f"/api/v1/classes/{told['id']}"
    changed = await house.json("zhou", "PATCH", path, json={"title": "有理数的减法"})
    assert changed == {**told, "title": "有理数的减法"}
    assert (await house.ask("tang", "GET", path)).status == 200, "still invited"
    emptied = await house.json("zhou", "PATCH", path, json={"materials": [], "room_id": None})
    assert emptied == {**changed, "materials": [], "room_id": None}
    assert (await house.ask("zhou", "PATCH", path, json={"title": " "})).status == 422


def _become_a_paper(session: Session, number: int) -> None:
    session.get_one(Resource, number).medium = Medium.DOCUMENT


async def test_a_partner_confirms_all_its_rooms_at_once(house: House) -> None:
    def add(session: Session) -> None:
        session.add(Room(id=4, school_id=2, name="七（3）班"))
        session.add(Role(account_id=house.ids["long"], name="school_admin", school_id=2))

    await house.ground.database.write(add)
    told = await booked(house, seats=[{"room_id": 2}, {"room_id": 4}])
    path = f"/api/v1/classes/{told['id']}/confirm"
    # Who has nothing to do with those rooms does not answer for them.
    assert (await house.ask("zhou", "POST", path)).status == 403
    assert (await house.ask("county", "POST", path)).status == 403
    assert (await house.ask("xiang", "POST", path)).status == 404
    confirmed = await house.json("long", "POST", path)
    assert [seat["state"] for seat in confirmed["seats"]] == ["confirmed", "confirmed"]


async def test_lists_show_what_one_may_see(house: House) -> None:
    told = await booked(house, audience=["school:1"])
    for name, sees in (("zhou", 1), ("tang", 1), ("head", 1), ("county", 1), ("long", 0)):
        found = await house.json(name, "GET", "/api/v1/classes")
        assert [live["id"] for live in found["items"]] == [told["id"]] * sees, name
        status = 200 if sees else 404
        answer = await house.ask(name, "GET", f"/api/v1/classes/{told['id']}")
        assert answer.status == status, name
    far = {"begins": later(0), "ends": later(24 * 300)}
    assert (await house.ask("zhou", "GET", "/api/v1/classes", params=far)).status == 422


async def test_a_long_list_comes_in_pages_that_neither_repeat_nor_leave_out(house: House) -> None:
    """Two begin at the same moment, in two rooms, and are told apart by their numbers."""
    made = []
    for begins, ends in ((later(hours), later(hours + 1)) for hours in (5, 1, 3)):
        for room, teacher in ((1, "zhou"), (None, "tang")):
            told = await booked(
                house, teacher, begins_at=begins, ends_at=ends, seats=[], room_id=room,
                audience=["school:1"],
            )  # fmt: skip
            made.append((told["begins_at"], told["id"]))
    seen: list[int] = []
    cursor = None
    while True:
        params = {"limit": "1", **({"cursor": cursor} if cursor else {})}
        page = await house.json("head", "GET", "/api/v1/classes", params=params)
        seen += [live["id"] for live in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [number for _, number in sorted(made)]
    for wrong in ("MQ==", "MS4=", "eC4x", "LTEuMQ=="):
        answer = await house.ask("head", "GET", "/api/v1/classes", params={"cursor": wrong})
        assert answer.status == 422, wrong


@pytest.mark.media
async def test_begun_given_and_ended_it_is_in_the_library(house: House, camera: Camera) -> None:
    told = await booked(house, audience=["agreement:1"])
    path = f"/api/v1/classes/{told['id']}"
    assert (await house.ask("tang", "POST", f"{path}/start")).status == 403
    running = await house.json("zhou", "POST", f"{path}/start")
    assert running["state"] == "running"
    assert running["hls"] == f"/live/{told['id']}/program.m3u8"
    socket = await publishing(house, told["id"])
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    chunks = list(camera.filmed(round(time.time() * 1e6), 0, 5))
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, chunks[-1].number)
    assert (await house.ask("tang", "POST", f"{path}/end")).status == 403
    ended = await house.json("zhou", "POST", f"{path}/end")
    assert ended["state"] == "ended"
    number = ended["resource_id"]
    assert (await house.json("zhou", "POST", f"{path}/end"))["resource_id"] == number
    for name, status in (("xiang", 200), ("tang", 200), ("long", 404)):
        assert (await house.ask(name, "GET", f"/api/v1/resources/{number}")).status == status, name
    again = await publishing(house, told["id"])
    await again.receive()
    assert again.close_code == 4010
