"""A room talks by a line that loses and delays, by a narrow one, and again after one was cut."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.talk_line import (
    PATIENCE_MS,
    PEERS,
    Heard,
    RoomLine,
    heard,
    room_line,
    stands,
)
from tests.browser.classroom.world import World
from tests.servers.bad_line import Shape
from tests.waiting import until

pytestmark = pytest.mark.browser

LOSSY = Shape(delay_ms=100, loss=0.05)
VILLAGE = Shape(delay_ms=25, bits_s=400_000)
# Of the talk, that a page should get: five seconds of its sound, in packets of 20 ms, of which
# one in two may be lost, and some of its pictures.
SAMPLES, PACKETS = 240_000, 125
FRAMES = 30
# What the room's line says from then on.
KEEP_STEPS = """() => {
  window.steps = [];
  const line = document.querySelector(".room-line");
  const keep = new MutationObserver(() => steps.push(line.dataset.step));
  keep.observe(line, { attributes: true, attributeFilter: ["data-step"] });
}"""
PLAYED = "document.querySelector('.room-video:not(.room-talk)').currentTime"


def begin(world: World, open_page: Open, line: RoomLine) -> tuple[Page, Page]:
    """The lead's page, and that of a room on the line which is in the talk."""
    class_id = world.book(mode="interactive")
    room = open_page(f"{line.url}/room/in?code={world.slip()}")
    room.add_init_script(PEERS)
    room.click("text=登录这间教室")
    until(lambda: world.room(class_id)["present"], what="the room is there")
    lead = open_page(f"/classes/{class_id}/lead", "zhou")
    lead.add_init_script(PEERS)
    lead.reload()
    lead.get_by_role("button", name="开始上课").click()
    talks(room)
    room.evaluate(KEEP_STEPS)
    return lead, room


def talks(room: Page) -> None:
    stands(room, "talking")


def keeps_coming(page: Page, line: RoomLine) -> Heard:
    """Wait until much more was received in one call, most of it as it was sent."""
    before = until(lambda: heard(page), what="the ends are connected")

    def more() -> Heard | None:
        now = heard(page)
        if now is None or now.call != before.call:
            return None
        enough = (
            now.samples > before.samples + SAMPLES
            and now.packets > before.packets + PACKETS
            and now.frames >= before.frames + FRAMES
        )
        return now if enough else None

    now = until(more, what="sound and picture come")
    assert now.concealed - before.concealed < (now.samples - before.samples) / 2
    assert now.addresses
    assert set(now.addresses) <= line.media.doors
    return now


def hears_nothing(page: Page) -> None:
    until(lambda: heard(page) is None, what="the ends are no longer connected")


def test_a_talk_goes_on_over_a_line_that_loses_and_delays_and_comes_back_from_a_cut(
    world: World, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with room_line(world, LOSSY, monkeypatch) as line:
        lead, room = begin(world, open_page, line)
        for page in (lead, room):
            now = keeps_coming(page, line)
            assert now.lost > 0
            assert now.round_trip_s >= 2 * LOSSY.delay_ms / 1000
        assert set(room.evaluate("steps")) <= {"talking"}

        # Nothing goes past the line: the room has the lesson meanwhile, and calls in vain.
        line.cut_media()
        expect(room.locator(".room-line")).not_to_have_attribute(
            "data-step", "talking", timeout=PATIENCE_MS
        )
        # A cut says nothing of what the line carries.
        assert room.locator(".room-class").get_attribute("data-level") == "full"
        # Whatever the lesson's own picture does on a machine that is busy with others.
        room.select_option(".room-line-choice", "full")
        calls = room.evaluate("states.length = 0, peers.length")
        until(lambda: room.evaluate("peers.length") >= calls + 2, what="the room calls again")
        assert "connected" not in room.evaluate("states")
        hears_nothing(lead)
        played = room.evaluate(PLAYED)
        until(lambda: room.evaluate(PLAYED) > played + 1, what="the lesson plays")
        line.restore()
        talks(room)
        for page in (lead, room):
            keeps_coming(page, line)

        # As when a cable is pulled.
        line.cut()
        stands(room, "broken")
        for page in (lead, room):
            hears_nothing(page)
        line.restore()
        talks(room)
        for page in (lead, room):
            keeps_coming(page, line)


def test_a_talk_goes_on_over_a_village_s_line(
    world: World, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with room_line(world, VILLAGE, monkeypatch) as line:
        lead, room = begin(world, open_page, line)
        for page in (lead, room):
            keeps_coming(page, line)
        assert set(room.evaluate("steps")) <= {"talking"}
