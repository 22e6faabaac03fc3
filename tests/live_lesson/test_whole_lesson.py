"""A whole lesson in its real pages: a lead classroom and two others, from booking to recording.

Cameras are made up by the browser; everything else is what a school has.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PersonOf
from tests.browser.people import Person
from tests.browser.service import Service
from tests.live_lesson.lines import Lines
from tests.live_lesson.rooms import LeadScreen, ObserverScreen, PhoneScreen, RoomScreen
from tests.waiting import until
from tongke.bootstrap import Ground
from tongke.classes import queries
from tongke.classes.models import LiveSegment
from tongke.cli.demo import world
from tongke.demo_library import live_lesson

TITLE = "有理数的加法"
# The rooms' devices, and who is beside the pupils in each.
DEVICES = ("tongmuxi-701", "baizhuping-7")
PARTNERS = ("xiangyuhe", "wushouzhuo")
ROOMS = ("七年级（1）班", "七年级")
# As pupils know them.
PLACES = (f"{world.SUPPORTED} {ROOMS[0]}", f"{world.SECOND} {ROOMS[1]}")
PICTURE_US = 40_000


@pytest.fixture
def lines(service: Service) -> Iterator[Lines]:
    with Lines(urlsplit(service.url).port or 0).kept() as kept:
        yield kept


def book(person: PersonOf, deck: int) -> int:
    """The teacher books, and her partners say yes; it begins within minutes."""
    teacher = person("zhouminzhi")
    rooms = {room["name"]: room["id"] for room in teacher.get("/rooms")["items"]}
    seats = [
        {"room_id": rooms[name], "teacher_id": person(username).me["id"]}
        for name, username in zip(ROOMS, PARTNERS, strict=True)
    ]
    begins = datetime.now(UTC) + timedelta(minutes=2)
    wanted = {
        "title": TITLE, "begins_at": begins.isoformat(),
        "ends_at": (begins + timedelta(minutes=40)).isoformat(), "subject": "math", "grade": "7",
        "room_id": rooms["录播教室"], "seats": seats, "materials": [deck],
    }  # fmt: skip
    class_id = int(teacher.send("POST", "/classes", wanted)["id"])
    for username, seat in zip(PARTNERS, seats, strict=True):
        path = f"/classes/{class_id}/seats/{seat['room_id']}"
        person(username).send("PUT", path, {"state": "confirmed"})
    return class_id


def slides(teacher: Person, folder: Path) -> int:
    """The teacher's slides, in her library."""
    path = folder / "课件.pdf"
    live_lesson.write_deck(path)
    return teacher.publish(path, kind="courseware", title="课件", audience="")


def kill_web(service: Service) -> None:
    """As a power cut would."""
    for process in psutil.Process(service.process.pid).children(recursive=True):
        # Workers end children of their own meanwhile.
        with suppress(psutil.NoSuchProcess):
            if process.cmdline()[-2:] == ["--only", "web"]:
                process.send_signal(signal.SIGKILL)


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/healthz", timeout=2):
            return True
    except OSError:
        return False


def holes_us(rows: list[LiveSegment]) -> list[int]:
    """What no segment has, between the first and the last."""
    ends = [row.began_us + row.duration_us for row in rows]
    holes = [row.began_us - end for row, end in zip(rows[1:], ends, strict=False)]
    return [hole for hole in holes if hole > PICTURE_US]


def test_a_whole_lesson(
    chromium: Browser, service: Service, person: PersonOf, lines: Lines, tmp_path: Path
) -> None:
    # Rooms wait at their screens, and join by themselves what was booked.
    teacher = person("zhouminzhi")
    class_id = book(person, slides(teacher, tmp_path))
    line_of_lead, line_of_room = lines.new(), lines.new()
    devices = [person(username) for username in DEVICES]
    first = RoomScreen(chromium, line_of_room.url, devices[0], "/room")
    second = RoomScreen(chromium, service.url, devices[1], "/room")
    rooms = [first, second]
    lead = LeadScreen(chromium, line_of_lead.url, teacher, f"/classes/{class_id}/lead")
    lead.until_here(2)

    # The lesson begins: everybody is in step, and sees the page that is turned to.
    lead.begin()
    for room in rooms:
        room.until("in-step")
        room.until_it_plays()
    before = second.drawn()
    lead.show_slides()
    lead.turn_to(2)
    until(lambda: first.drawn() == second.drawn() != before, what="both see the second page")

    # A question: each class answers together, and pupils on telephones; all are told.
    phones = [PhoneScreen(chromium, service.url, None, f"/q/{lead.code()}") for _ in range(2)]
    for phone, place in zip(phones, PLACES, strict=True):
        phone.sit(place, "12")
    lead.ask("-3 + 5 = ?", ["-8", "-2", "2", "8"], "C")
    for screen, letter in zip((*rooms, *phones), "CBCA", strict=True):
        screen.answer(letter)
    lead.until_answered(4)
    lead.show_answer()
    for screen in (*rooms, *phones):
        screen.until_told("C")

    # An observer watches, and notes what is seen.
    officer = person("pengxuyan")
    observer = ObserverScreen(chromium, service.url, officer, f"/classes/{class_id}/watch")
    observer.note("导入自然")

    # A room's line breaks, a page is turned, and it comes back to where the class is.
    lines.cut(line_of_room)
    first.until("broken")
    before = second.drawn()
    lead.turn_to(3)
    lines.restore(line_of_room)
    first.until("in-step")
    until(lambda: first.drawn() == second.drawn() != before, what="both see the third page")

    # The lead's line breaks: what is taught meanwhile is kept.
    lines.cut(line_of_lead)
    second.until("waiting")
    lines.restore(line_of_lead)
    for room in rooms:
        room.until("in-step")

    # The web process dies.
    kill_web(service)
    until(lambda: answers(service.url), what="another web process has taken its place")
    for room in rooms:
        room.until("in-step")
        room.until_it_plays()

    # The class ends; its recording lacks nothing and can be watched.
    lead.end()
    until(lambda: teacher.get(f"/classes/{class_id}")["state"] == "ended")
    recording = teacher.get(f"/classes/{class_id}")["resource_id"]
    until(lambda: teacher.get(f"/resources/{recording}/media").get("hls"))

    async def lesson(ground: Ground) -> list[LiveSegment]:
        return await ground.database.read(queries.lesson, class_id, "source")

    assert holes_us(service.on_ground(lesson)) == []
    for screen in (*rooms, *phones, observer, lead):
        screen.close()
