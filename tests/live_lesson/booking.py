"""A lesson as it is booked: by the teacher, with her partners' yes, and a device that is new."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import PersonOf
from tests.browser.people import Person
from tests.live_lesson.rooms import Screen
from tongke.cli.demo import world
from tongke.demo_library import live_lesson

TITLE = "有理数的加法"
TEACHER = "zhouminzhi"
# Each room with who says yes for it: the teacher beside its pupils, or the school's administrator.
# The first two have devices; the third gets one.
ROOMS = ("七年级（1）班", "七年级", "八年级（2）班")
PARTNERS = ("xiangyuhe", "wushouzhuo", "tianxiaoman")
DEVICES = ("tongmuxi-701", "baizhuping-7")
# As pupils know them.
PLACES = tuple(
    f"{school} {room}"
    for school, room in zip((world.SUPPORTED, world.SECOND, world.SUPPORTED), ROOMS, strict=True)
)


def book(person: PersonOf, folder: Path) -> int:
    """The teacher books, with her slides, and her partners say yes; it begins within minutes."""
    teacher = person(TEACHER)
    rooms = {room["name"]: room["id"] for room in teacher.get("/rooms")["items"]}
    beside = [person(username).me["id"] for username in PARTNERS[:2]]
    seats = [
        {"room_id": rooms[name], "teacher_id": teacher_id}
        for name, teacher_id in zip(ROOMS, [*beside, None], strict=True)
    ]
    begins = datetime.now(UTC) + timedelta(minutes=2)
    wanted = {
        "title": TITLE, "begins_at": begins.isoformat(),
        "ends_at": (begins + timedelta(minutes=40)).isoformat(), "subject": "math", "grade": "7",
        "room_id": rooms["录播教室"], "seats": seats, "materials": [_slides(teacher, folder)],
    }  # fmt: skip
    class_id = int(teacher.send("POST", "/classes", wanted)["id"])
    for username, seat in zip(PARTNERS, seats, strict=True):
        path = f"/classes/{class_id}/seats/{seat['room_id']}"
        person(username).send("PUT", path, {"state": "confirmed"})
    return class_id


def _slides(teacher: Person, folder: Path) -> int:
    """The teacher's slides, in her library."""
    path = folder / "课件.pdf"
    live_lesson.write_deck(path)
    return teacher.publish(path, kind="courseware", title="课件", audience="")


def new_device(chromium: Browser, url: str, person: PersonOf) -> str:
    """The code that the school's administrator gives out for the third room's device."""
    office = Screen(chromium, url, "/rooms", person(PARTNERS[2]))
    of_room = office.page.get_by_role("row").filter(has_text=ROOMS[2])
    of_room.get_by_role("button", name="给登录码").click()
    code = office.page.locator(".room-slip .secret").inner_text()
    office.close()
    return code
