"""A class on Chromium 86, the browser of the oldest classroom PCs: everything but leading it."""

from __future__ import annotations

import pytest

from tests.browser.classroom.world import World
from tests.browser.old import slides
from tests.browser.old.conftest import OpenWindow
from tests.waiting import until
from web.tests.browser.lead.leading import COLOURS

pytestmark = pytest.mark.browser

QUESTION = {
    "kind": "single", "text": "哪个方程对？", "options": ["3x = 20", "4x = 20"], "right": ["B"],
}  # fmt: skip
VIDEO = "document.querySelector('.room-video')"
STEP = "document.querySelector('.room-line').dataset.step"

# How many shades the picture of the feed has, at 16 × 9 points: one that is black has one.
SHADES = """(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 9 });
  const pen = canvas.getContext("2d");
  pen.drawImage(document.querySelector("video"), 0, 0, 16, 9);
  const points = new Uint32Array(pen.getImageData(0, 0, 16, 9).data.buffer);
  return new Set(points).size;
})()"""
# The colour in the middle of what is drawn over the picture.
DRAWN = """(() => {
  const canvas = document.querySelector(".stage-overlay");
  const { data } = canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1);
  return [...data].slice(0, 3);
})()"""


def test_a_classroom_signs_in_and_lives_a_lesson(world: World, open_window: OpenWindow) -> None:
    class_id = world.book()
    deck = slides.give(world, class_id)
    world.begin(class_id)
    room = open_window(f"/room/in?code={world.slip()}")
    room.click("button", "登录这间教室")
    # It joins by itself, in step, and its picture moves.
    room.until(f"{STEP} === 'in-step'")
    played = room.look(f"{VIDEO}.currentTime")
    room.until(f"{VIDEO}.currentTime > {played} + 1")
    assert room.look(SHADES) > 20
    assert room.look(f"{VIDEO}.videoWidth") == 320
    room.until_says(".room-line-detail", "本班 ±")
    # A slide, sharp over the picture.
    world.ask("layout", view="slides")
    world.ask("slide", page={"deck": deck, "number": 2})
    room.until(f"{DRAWN}.join() === '{','.join(map(str, COLOURS[1]))}'")
    room.keep("room-slide")
    # A hand, and an answer, by keyboard.
    room.press(" ", "Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    world.ask("open_quiz", quiz="q1", question=QUESTION, seconds=60)
    room.until_says(".room-question", "哪个方程对？")
    room.press("b", "KeyB")
    room.until_says(".room-quiz-foot", "收到了：“B”")
    room.keep("room-quiz")
    # Looking back, and to where the class is.
    world.ask("show_answer", quiz="q1")
    room.press("ArrowLeft")
    room.until(f"{STEP} === 'past'")
    room.press("End")
    room.until(f"{STEP} === 'in-step'")
    # The bell.
    world.end(class_id)
    room.until_says(".room-veil", "下课了")


def test_a_pupil_answers_on_an_old_phone(world: World, open_window: OpenWindow) -> None:
    class_id = world.book()
    world.begin(class_id)
    phone = open_window("/q", screen="phone")
    phone.type("#code", world.phone_code(class_id))
    phone.click("button", "进入课堂")
    phone.click("label", "桐木溪中学 七（2）班")
    phone.type("#name", "14")
    phone.click("button", "坐好了，开始")
    phone.until_says(".state", "和老师同步")
    world.ask("open_quiz", quiz="q1", question=QUESTION, seconds=60)
    phone.click(".phone-option", "4x")
    phone.until_says(".phone-foot strong", "已选 B，收到了")
    phone.keep("phone")
    world.ask("show_answer", quiz="q1")
    phone.until_says(".phone-foot strong", "答对了")


def test_an_observer_watches_and_notes(world: World, open_window: OpenWindow) -> None:
    class_id = world.book()
    world.begin(class_id)
    observer = open_window(f"/classes/{class_id}/watch", "county")
    observer.until_says(".watch-state", "同步")
    assert observer.look(SHADES) > 20
    observer.type(".watch-note-form textarea", "导入自然")
    observer.press("Enter")
    until(lambda: world.told(class_id)["notes"], what="the note is kept")
    observer.keep("watch")


def test_a_lesson_is_led_and_seen(world: World, open_window: OpenWindow) -> None:
    """Without WebCodecs, which came with Chromium 94: by what its MediaRecorder gives."""
    class_id = world.book()
    room = open_window(f"/room/in?code={world.slip()}")
    room.click("button", "登录这间教室")
    lead = open_window(f"/classes/{class_id}/lead", "zhou")
    lead.until_says(".lead-top", "1 间已到")
    lead.click("button", "开始上课")
    lead.until_says(".lead-top", "正在上课")
    room.until(f"{STEP} === 'in-step'")
    played = room.look(f"{VIDEO}.currentTime")
    room.until(f"{VIDEO}.currentTime > {played} + 1")
    assert room.look(SHADES) > 5
    lead.keep("lead")
    room.keep("room-led")
