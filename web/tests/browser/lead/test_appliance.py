"""The lead classroom of a room with a recording appliance: what is pushed there is the lesson's
picture, and the class is led from the page all the same."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import Session

from tongke.classes.models import LiveClass
from tongke.people.models import Room
from tongke.people.secret import digest
from web.tests.browser.lead.desk import begin, is_near, shown, until, window
from web.tests.browser.lead.leading import COLOURS, Device, Leading

pytestmark = pytest.mark.browser

KEY = "sk_of-the-lead-room"
# What the appliance films.
ORANGE = (230, 120, 20)
# A picture that has been coded twice.
NEAR = 40


@pytest.fixture(autouse=True)
def _has_an_appliance(leading: Leading) -> Iterator[None]:
    def bring(session: Session) -> None:
        session.get_one(Room, 1).stream_key_hash = digest(KEY)
        live = session.get_one(LiveClass, leading.class_id)
        live.recording_rule = {**live.recording_rule, "rooms_heard": False}

    def take_away(session: Session) -> None:
        session.get_one(Room, 1).stream_key_hash = None

    leading.run(leading.house.ground.database.write(bring))
    yield
    leading.run(leading.house.ground.database.write(take_away))


@contextmanager
def pushing(leading: Leading) -> Iterator[None]:
    colour = "0x{:02x}{:02x}{:02x}".format(*ORANGE)
    settings, programs = leading.house.ground.settings, leading.house.ground.programs
    pushed = subprocess.Popen(
        [programs.ffmpeg, "-hide_banner", "-loglevel", "error", "-re",
         "-f", "lavfi", "-i", f"color={colour}:size=320x180:rate=25",
         "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
         "-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-g", "25",
         "-c:a", "aac", "-f", "flv", f"rtmp://127.0.0.1:{settings.rtmp_port}/live/{KEY}"],
    )  # fmt: skip
    try:
        yield
    finally:
        pushed.kill()
        pushed.wait()


def sources(leading: Leading) -> list[str]:
    """What the lesson's picture came from, as it changed."""
    return [said["source"] for said in leading.happened("publisher")]


def begun(leading: Leading) -> None:
    """Its time has come."""

    def write(session: Session) -> None:
        live = session.get_one(LiveClass, leading.class_id)
        live.ends_at -= live.begins_at - live.created_at
        live.begins_at = live.created_at

    leading.run(leading.house.ground.database.write(write))


def test_the_class_is_led_over_the_appliances_picture(
    page: Page, leading: Leading, room: Device
) -> None:
    begun(leading)
    with pushing(leading):
        expect(page.get_by_text("画面由录播主机提供", exact=True)).to_be_visible(timeout=20_000)
        page.keyboard.press("3")
        until(page, lambda: is_near(shown(page), ORANGE, NEAR), 20)
        page.keyboard.press("1")
        until(page, lambda: is_near(shown(page, 0.3), COLOURS[0]))
        until(page, lambda: leading.happened("slide"))
        (slide,) = leading.happened("slide")
        until(page, lambda: room.happened("slide"))
        page.get_by_role("button", name="小测").click()
        page.get_by_role("button", name="出题").click()
        until(page, lambda: room.happened("open_quiz"))
        assert sources(leading) == ["appliance"]
        assert slide["media_ms"] > leading.happened("publisher")[0]["media_ms"]
        page.get_by_role("button", name="下课").click()
        page.get_by_role("dialog").get_by_role("button", name="下课").click()
        page.wait_for_url(f"**/classes/{leading.class_id}", timeout=20_000)


def test_a_camera_takes_the_place_of_an_appliance_that_falls_silent(
    page: Page, leading: Leading
) -> None:
    begun(leading)
    with pushing(leading):
        expect(page.get_by_text("画面由录播主机提供", exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_text("录播主机的画面断了")).to_be_visible(timeout=10_000)
    # Loaded anew, the page offers the same, and takes nothing by itself.
    page.reload()
    expect(page.get_by_text("录播主机的画面断了")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="改用这台电脑的摄像头").click()
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)
    until(page, lambda: sources(leading)[-1:] == ["page"])
    with pushing(leading):
        page.wait_for_timeout(3000)
        assert sources(leading)[-1] == "page"
        # The appliance fills in while the page is loaded, and no longer.
        page.once("dialog", lambda dialog: dialog.accept())
        page.reload()
        expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)
        until(page, lambda: sources(leading)[-1] == "page")
        page.get_by_role("button", name="换回录播主机的画面").click()
        expect(page.get_by_text("画面由录播主机提供", exact=True)).to_be_visible(timeout=20_000)


def test_without_its_picture_the_class_begins_with_the_camera(page: Page, leading: Leading) -> None:
    expect(page.get_by_text("录播主机都会录到")).to_be_visible()
    said = "开始后，各教室看录播主机的画面；它没有画面，就看这里的"
    expect(page.get_by_text(said)).to_be_visible()
    begin(page)
    until(page, lambda: leading.happened("publisher"))
    assert sources(leading) == ["page"]
    page.get_by_role("button", name="设备").click()
    devices = page.get_by_role("dialog")
    expect(devices.get_by_text("录像规则")).to_be_visible()
    expect(devices.get_by_text("录播主机都会录到")).to_be_hidden()


def test_a_room_sees_the_picture_beside_the_slide(
    equipped: Browser, page: Page, leading: Leading
) -> None:
    begun(leading)
    errors: list[str] = []
    screen = window(equipped, leading, errors, "room")
    with pushing(leading):
        expect(page.get_by_text("画面由录播主机提供", exact=True)).to_be_visible(timeout=20_000)
        screen.goto(f"{leading.url}/room")
        video = screen.locator(".room-video").first
        expect(video).to_be_visible(timeout=20_000)
        picture = screen.locator(".room-picture").bounding_box()
        assert picture
        page.keyboard.press("1")

        def stands_in_the_corner() -> bool:
            box = video.bounding_box()
            return box is not None and abs(box["width"] / picture["width"] - 0.25) < 0.01

        until(screen, stands_in_the_corner, 20)
        page.keyboard.press("3")
        until(screen, lambda: not stands_in_the_corner())
    screen.context.close()
    assert errors == []


def test_a_room_talks_with_one_of_two_windows_that_lead_the_class(
    equipped: Browser, page: Page, leading: Leading
) -> None:
    """Neither is replaced by the other: the picture is the appliance's."""
    begun(leading)
    errors: list[str] = []
    screen = window(equipped, leading, errors, "room")
    screen.context.grant_permissions(["camera", "microphone"])
    calls: set[str] = set()

    def note(said: str | bytes) -> None:
        calls.update(re.findall(r'"call":"(\w+)","description"', str(said)))

    screen.on("websocket", lambda line: line.on("framesent", note))
    other = page.context.new_page()
    with pushing(leading):
        other.goto(f"{leading.url}/classes/{leading.class_id}/lead")
        for lead in (page, other):
            expect(lead.get_by_text("画面由录播主机提供", exact=True)).to_be_visible(timeout=20_000)
        screen.goto(f"{leading.url}/room")
        rows = [lead.locator(".lead-room") for lead in (page, other)]
        rows[0].get_by_role("button", name="请发言").click(timeout=20_000)
        line = screen.locator(".room-line")
        expect(line).to_have_attribute("data-step", "talking", timeout=20_000)
        until(page, lambda: sum(row.locator("video").count() for row in rows) == 1)
        # On a machine that is busy the first call may have taken too long, and was made anew.
        held = set(calls)
        # As long as a link that never comes about is waited for, and called anew.
        page.wait_for_timeout(16_000)
        expect(line).to_have_attribute("data-step", "talking")
        assert calls == held
        # The one that has the room goes: the other takes over.
        with_room, without = (page, other) if rows[0].locator("video").count() else (other, page)
        with_room.goto("about:blank")
        expect(without.locator(".lead-room video")).to_be_visible(timeout=30_000)
        expect(line).to_have_attribute("data-step", "talking")
    screen.context.close()
    assert errors == []
