"""A receiving room in the talk with a teacher's own page: what it draws, its past, its line."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import SOON_MS
from tests.browser.classroom.world import World
from tests.browser.old import slides
from tests.browser.windows import keep
from tests.waiting import until
from web.tests.browser.lead.desk import drag
from web.tests.browser.lead.leading import COLOURS

pytestmark = pytest.mark.browser

# What is drawn over the picture: where the slide stands, and where the teacher stands before it.
DRAWN = """([x, y]) => {
  const canvas = document.querySelector(".stage-overlay");
  const at = [canvas.width * x, canvas.height * y];
  return [...canvas.getContext("2d").getImageData(...at, 1, 1).data];
}"""
# Of the talk's picture itself, at the same places.
SENT = """([x, y]) => {
  const video = document.querySelector(".room-talk");
  const size = { width: video.videoWidth, height: video.videoHeight };
  const canvas = Object.assign(document.createElement("canvas"), size);
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0);
  return [...pen.getImageData(canvas.width * x, canvas.height * y, 1, 1).data];
}"""
# A picture on its way loses some of its colour.
NEAR = 24
BOARD, YELLOW = [29, 74, 60, 255], [244, 206, 106, 255]


def lead(world: World, open_page: Open, class_id: int) -> Page:
    page = open_page(f"/classes/{class_id}/lead", "zhou")
    page.get_by_role("button", name="开始上课").click()
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=SOON_MS)
    return page


def talks(room: Page) -> None:
    expect(room.locator(".room-line")).to_have_attribute("data-step", "talking", timeout=SOON_MS)


def test_slides_are_drawn_sharp_where_the_talk_has_them(world: World, open_page: Open) -> None:
    class_id = world.book(mode="interactive")
    slides.give(world, class_id)
    room = open_page("/room", "room")
    teacher = lead(world, open_page, class_id)
    talks(room)
    expect(teacher.get_by_role("button", name="第 1 页")).to_be_visible()
    teacher.keyboard.press("1")
    teacher.keyboard.press("Space")
    drawn = [*COLOURS[1], 255]
    until(lambda: room.evaluate(DRAWN, [0.5, 0.5]) == drawn, what="the slide is drawn")
    expect(room.locator(".stage-overlay")).to_be_visible()
    # To its edges, and not over the teacher.
    for x, y in ((0.01, 0.01), (0.99, 0.01), (0.01, 0.99), (0.72, 0.97)):
        assert room.evaluate(DRAWN, [x, y]) == drawn
    assert room.evaluate(DRAWN, [0.85, 0.83])[3] == 0

    def is_sent() -> bool:
        sent = room.evaluate(SENT, [0.02, 0.5])
        return all(abs(a - b) <= NEAR for a, b in zip(sent, drawn, strict=True))

    until(is_sent, what="the talk's own picture has the slide too")
    keep(room, "room-talk-slide")


def test_what_the_teacher_draws_on_the_board_and_lights_is_drawn_in_the_room(
    world: World, open_page: Open
) -> None:
    class_id = world.book(mode="interactive")
    room = open_page("/room", "room")
    teacher = lead(world, open_page, class_id)
    talks(room)
    teacher.keyboard.press("6")
    until(lambda: room.evaluate(DRAWN, [0.3, 0.3]) == BOARD, what="the board is drawn")
    teacher.keyboard.press("p")
    drag(teacher, (0.1, 0.3), (0.5, 0.3))
    until(lambda: room.evaluate(DRAWN, [0.3, 0.3]) == YELLOW, what="the stroke is drawn")
    # As long as it is, and not over the teacher.
    for x, y in ((0.05, 0.3), (0.55, 0.3), (0.3, 0.25), (0.3, 0.35)):
        assert room.evaluate(DRAWN, [x, y]) == BOARD
    assert room.evaluate(DRAWN, [0.85, 0.83])[3] == 0
    teacher.keyboard.press("s")
    drag(teacher, (0.2, 0.2), (0.4, 0.4))
    until(lambda: room.evaluate(DRAWN, [0.6, 0.6]) != BOARD, what="the rest is dark")
    dark = room.evaluate(DRAWN, [0.6, 0.6])
    assert all(a < b for a, b in zip(dark[:3], BOARD, strict=False))
    assert room.evaluate(DRAWN, [0.3, 0.3]) == YELLOW
    assert room.evaluate(DRAWN, [0.3, 0.35]) == BOARD
    keep(room, "room-talk-board")
    teacher.keyboard.press("z")
    until(lambda: room.evaluate(DRAWN, [0.3, 0.3]) == BOARD, what="the stroke is taken back")


def test_a_room_looks_back_from_the_talk_and_comes_back_to_it(
    world: World, open_page: Open
) -> None:
    class_id = world.book(mode="interactive")
    room = open_page("/room", "room")
    teacher = lead(world, open_page, class_id)
    talks(room)
    until(lambda: world.room(class_id)["playing"] == "talk", what="the lead sees it in the talk")
    # A lesson of a second or two has no past to stay in.
    room.wait_for_timeout(5_000)
    room.keyboard.press("ArrowLeft")
    expect(room.locator(".room-line")).to_have_attribute("data-step", "past")
    until(lambda: world.room(class_id)["playing"] == "past", what="the lead sees it look back")
    detail = room.locator(".room-line-detail")
    expect(detail).to_have_text(re.compile(r"画面是 [1-9]\d? 秒前的"), timeout=SOON_MS)
    played = "document.querySelector('.room-video:not(.room-talk)').currentTime"
    since = room.evaluate(played)
    until(lambda: room.evaluate(played) > since, what="the past plays")
    keep(room, "room-talk-past")
    room.keyboard.press("End")
    talks(room)
    until(lambda: world.room(class_id)["playing"] == "talk", what="it is back in the talk")
    # Who is asked to speak has no past.
    teacher.get_by_role("button", name="请发言").click()
    expect(room.locator(".room-called")).to_be_visible()
    # The other rooms see it only where the lead puts it into the picture.
    expect(room.locator(".room-called span")).to_have_text(
        "主讲看得见你们；主讲和各教室都听得见你们"
    )
    teacher.keyboard.press("4")
    expect(room.locator(".room-called span")).to_have_text("主讲和各教室都看得见、听得见你们")
    room.click("text=回看 10 秒")
    expect(room.locator(".page-toast")).to_have_text("正在发言，坐下以后再回看")
    keep(room, "room-called")
    # The words leave the slide, and the head keeps them.
    expect(room.locator(".room-called strong")).to_be_hidden(timeout=SOON_MS)
    expect(room.locator(".room-head")).to_contain_text("正在发言：主讲和各教室都看得见")
    keep(room, "room-called-read")
    talks(room)


def test_a_line_that_is_chosen_for_the_sound_alone_shows_no_picture_of_the_talk(
    world: World, open_page: Open
) -> None:
    class_id = world.book(mode="interactive")
    room = open_page("/room", "room")
    lead(world, open_page, class_id)
    talks(room)
    room.select_option(".room-line-choice", "sound_only")
    expect(room.locator(".room-veil strong")).to_have_text("现在只听声音")
    talks(room)
    keep(room, "room-talk-sound")


def test_a_room_without_a_microphone_is_told_that_it_is_not_heard(
    world: World, open_page: Open
) -> None:
    class_id = world.book(mode="interactive")
    room = open_page("/room", "room")
    room.add_init_script("""
        const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (wanted) => wanted.audio
            ? Promise.reject(new DOMException("none", "NotFoundError")) : real(wanted);
    """)
    room.reload()
    lead(world, open_page, class_id)
    step = room.locator(".room-line")
    expect(step).to_have_attribute("data-step", "unheard", timeout=SOON_MS)
    expect(room.locator(".room-line-detail")).to_have_text("没有麦克风\n主讲听不见你们")
    keep(room, "room-talk-unheard")
