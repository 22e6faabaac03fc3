"""A whole lesson in its real pages, from booking to recording: a lead classroom and three others,
an observer and five telephones.

Cameras and microphones are made up by the browser; everything else is what a school has.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import PersonOf
from tests.browser.people import Person
from tests.browser.service import Service
from tests.live_lesson.booking import DEVICES, PLACES, ROOMS, TEACHER, book, new_device
from tests.live_lesson.faults import holes_us, kill_web
from tests.live_lesson.lines import Lines
from tests.live_lesson.marks import Sent
from tests.live_lesson.rooms import (
    LeadScreen,
    ObserverScreen,
    PhoneScreen,
    RecordingScreen,
    RoomScreen,
    Screen,
)
from tests.waiting import until

# Of 1; what is made up beeps at a tenth and more.
SILENT, HEARD = 0.002, 0.02
# Between a picture that is drawn and what is sent of it, a canvas waits for its next beat, and so
# does the encoder: up to a picture each.
PICTURES_OFF = 2
# The lesson has no picture yet when it begins, and none any more when it ends.
SHOWN = {"layout", "slide", "call_up", "sit_down", "open_quiz", "show_answer"}


@pytest.fixture
def lines(service: Service) -> Iterator[Lines]:
    with Lines(urlsplit(service.url).port or 0).kept() as kept:
        yield kept


def test_a_whole_lesson(
    chromium: Browser, service: Service, person: PersonOf, lines: Lines, tmp_path: Path
) -> None:
    # Rooms wait at their screens, and join by themselves what was booked.
    class_id = book(person, tmp_path)
    line_of_lead, line_of_room = lines.new(), lines.new()
    first = RoomScreen(chromium, line_of_room.url, "/room", person(DEVICES[0]))
    second = RoomScreen(chromium, service.url, "/room", person(DEVICES[1]))
    code = new_device(chromium, service.url, person)
    third = RoomScreen(chromium, service.url, f"/room/in?code={code}")
    third.page.get_by_role("button", name="登录这间教室").click()
    rooms = [first, second, third]
    teacher = person(TEACHER)
    lead = LeadScreen(chromium, line_of_lead.url, f"/classes/{class_id}/lead", teacher)
    lead.until_here(len(rooms))

    # The lesson begins: everybody is in step, and sees the page that is turned to.
    lead.begin()
    in_step(rooms)
    for room in rooms:
        room.until_it_says_how_far_apart()
    before = second.drawn()
    lead.show_slides()
    lead.turn_to(2)
    see_the_same(rooms, before)

    call_up(lead, third, second)
    phones = ask(chromium, service.url, lead, rooms)

    # An observer watches, and notes what is seen.
    observer = ObserverScreen(
        chromium, service.url, f"/classes/{class_id}/watch", person("pengxuyan")
    )
    observer.note("导入自然")

    # A room's line breaks, a page is turned, and it comes back to where the class is.
    lines.cut(line_of_room)
    first.until("broken")
    before = second.drawn()
    lead.turn_to(3)
    lines.restore(line_of_room)
    first.until("in-step")
    see_the_same(rooms, before)

    # The lead's line breaks: what is taught meanwhile is kept.
    lines.cut(line_of_lead)
    second.until("waiting")
    lines.restore(line_of_lead)
    in_step(rooms)

    # The web process dies.
    kill_web(service)
    in_step(rooms)

    # The class ends; its recording lacks nothing, and has each cue at its picture.
    sent = lead.sent()
    lead.end()
    until(lambda: teacher.get(f"/classes/{class_id}")["state"] == "ended")
    recording = teacher.get(f"/classes/{class_id}")["resource_id"]
    until(lambda: teacher.get(f"/resources/{recording}/media").get("hls"))
    assert holes_us(service, class_id) == []
    lead.until_back(f"/classes/{class_id}")
    screens: list[Screen] = [*rooms, *phones, observer, lead]
    for screen in screens:
        screen.close()
    watched = RecordingScreen(chromium, service.url, f"/resources/{recording}", teacher)
    has_its_cues(watched, teacher, class_id, sent)
    watched.close()


def in_step(rooms: list[RoomScreen]) -> None:
    for room in rooms:
        room.until("in-step")
        room.until_it_plays()


def see_the_same(rooms: list[RoomScreen], before: str) -> None:
    """Another page than before, and the same in all rooms."""

    def same() -> bool:
        drawn = {room.drawn() for room in rooms}
        return len(drawn) == 1 and before not in drawn

    try:
        until(same, what="all see the page that was turned to")
    except AssertionError as error:
        # Where a line has become thin, slides are drawn over all of the picture.
        raise AssertionError(f"{error}: {[room.how() for room in rooms]}") from None


def call_up(lead: LeadScreen, called: RoomScreen, other: RoomScreen) -> None:
    """A room is called up: the lead sees it, another room hears it, and it sits down again."""
    # What is heard then is not the lead's own microphone.
    lead.switch_microphone()
    until(lambda: other.loudness() < SILENT, what="the lead is silent")
    lead.call_up(ROOMS[2])
    called.until("talking")
    lead.until_seen(ROOMS[2])
    until(lambda: other.loudness() > HEARD, what="the room is heard in another")
    lead.sit_down(ROOMS[2])
    lead.switch_microphone()
    in_step([called])


def ask(
    chromium: Browser, url: str, lead: LeadScreen, rooms: list[RoomScreen]
) -> list[PhoneScreen]:
    """A question: each class answers together, and pupils on telephones; all are told."""
    phones = [PhoneScreen(chromium, url, f"/q/{lead.code()}") for _ in range(5)]
    for seat, phone in enumerate(phones):
        phone.sit(PLACES[seat % len(PLACES)], str(seat + 1))
    lead.ask("-3 + 5 = ?", ["-8", "-2", "2", "8"], "C")
    screens: list[RoomScreen | PhoneScreen] = [*rooms, *phones]
    together, alone = "CBC", "CACDC"
    for screen, letter in zip(screens, together + alone, strict=True):
        screen.answer(letter)
    lead.until_answered(len(phones), dict(zip(ROOMS, together, strict=True)))
    lead.show_answer()
    for screen in screens:
        screen.until_told("C")
    return phones


def has_its_cues(watched: RecordingScreen, teacher: Person, class_id: int, sent: Sent) -> None:
    """At the second of each cue, the recording shows what the lead showed when it was made."""
    cues = teacher.get(f"/classes/{class_id}/cues")["items"]
    assert {cue["kind"] for cue in cues} >= SHOWN
    watched.until_ready()
    for cue in cues:
        if cue["kind"] not in SHOWN:
            continue
        wanted, shown = sent.number_at(cue["media_ms"]), watched.number_at(cue["seconds"])
        assert shown is not None, f"no number at {cue['seconds']} s"
        assert abs(shown - wanted) <= PICTURES_OFF, f"{cue['kind']}: {shown} for {wanted}"
