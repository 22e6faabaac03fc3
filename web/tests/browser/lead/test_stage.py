"""What the lead classroom shows, by keys and by hand: in its picture, in the rooms, in the log."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tongke.classes.models import Material
from tongke.classes.vocabulary import State
from tongke.library.models import Resource
from tongke.library.vocabulary import Medium
from web.tests.browser.lead.desk import begin, drag, is_near, shown, until
from web.tests.browser.lead.leading import COLOURS, Device, Leading

pytestmark = pytest.mark.browser

# Behind words that stand where there is no picture.
PANEL = (23, 34, 30)


def test_slides_are_turned_by_keys_at_the_moment_of_the_press(page: Page, leading: Leading) -> None:
    expect(page.get_by_role("button", name="第 1 页")).to_be_visible()
    # There was none yet: the first.
    page.keyboard.press("1")
    until(page, lambda: is_near(shown(page), COLOURS[0]))
    page.keyboard.press("Space")
    until(page, lambda: is_near(shown(page), COLOURS[1]))
    page.keyboard.press("ArrowRight")
    # There is no fourth.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    until(page, lambda: len(leading.happened("slide")) == 4)
    until(page, lambda: is_near(shown(page), COLOURS[1]))
    turned = leading.happened("slide")
    assert [each["page"]["number"] for each in turned] == [1, 2, 3, 2]
    assert {each["page"]["deck"] for each in turned} == {str(leading.deck)}
    assert [each["view"] for each in leading.happened("layout")] == ["slides"]
    expect(page.get_by_role("button", name="第 2 页")).to_have_attribute("aria-pressed", "true")
    # In front of the slide, in the lower right quarter, stands the teacher.
    assert not is_near(shown(page, 0.85, 0.9), COLOURS[1])
    # Behind the board nobody would see it.
    page.keyboard.press("6")
    page.keyboard.press("Space")
    expect(page.get_by_text("现在放的是“板书”，按 1 回到课件")).to_be_visible()
    until(page, lambda: len(leading.happened("layout")) == 2)
    assert len(leading.happened("slide")) == 4


def test_a_page_that_does_not_come_leaves_the_one_before(page: Page, leading: Leading) -> None:
    missing = re.compile(r"/slides/\d+/2\?size=large")
    page.route(missing, lambda route: route.abort())
    page.reload()
    expect(page.get_by_role("button", name="第 1 页")).to_be_visible()
    page.keyboard.press("1")
    until(page, lambda: is_near(shown(page), COLOURS[0]))
    page.keyboard.press("Space")
    until(page, lambda: len(leading.happened("slide")) == 2)
    assert is_near(shown(page), COLOURS[0])
    # Loaded anew, the page has none before it: words, and no black screen.
    page.reload()
    expect(page.get_by_role("button", name="第 2 页")).to_have_attribute("aria-pressed", "true")
    until(page, lambda: is_near(shown(page, 0.1, 0.1), PANEL, 4))
    page.unroute(missing)
    until(page, lambda: is_near(shown(page), COLOURS[1]))


def test_in_the_corner_stands_a_room_while_it_speaks(page: Page, room: Device) -> None:
    begin(page)
    row = page.get_by_role("listitem").filter(has_text="桐木溪中学")
    page.keyboard.press("4")

    def is_empty() -> bool:
        """The fake camera's green goes through."""
        return shown(page, 0.74, 0.72)[1] > 100

    until(page, is_empty)
    row.get_by_role("button", name="请发言").click()
    until(page, lambda: is_near(shown(page, 0.74, 0.72), PANEL, 4))
    row.get_by_role("button", name="正在发言").click()
    until(page, lambda: room.happened("sit_down"))
    until(page, is_empty)


def test_a_stroke_grows_in_the_rooms_and_is_taken_back(
    page: Page, leading: Leading, room: Device
) -> None:
    page.keyboard.press("6")
    until(page, lambda: leading.happened("layout"))
    board = shown(page, 0.3, 0.3)
    page.keyboard.press("p")
    drag(page, (0.1, 0.3), (0.3, 0.3), (0.5, 0.3))
    until(page, lambda: not is_near(shown(page, 0.3, 0.3), tuple(board)))
    until(page, lambda: sum(len(each["points"]) for each in room.happened("stroke")) > 6)
    strokes = room.happened("stroke")
    assert {each["stroke"] for each in strokes} == {strokes[0]["stroke"]}
    assert strokes[0]["points"][0] == pytest.approx([0.1, 0.3], abs=0.01)
    assert strokes[0]["page"] is None
    page.keyboard.press("z")
    until(page, lambda: room.happened("undo_stroke"))
    until(page, lambda: is_near(shown(page, 0.3, 0.3), tuple(board)))


def test_a_part_of_a_slide_is_lit(page: Page, leading: Leading) -> None:
    expect(page.get_by_role("button", name="第 1 页")).to_be_visible()
    page.keyboard.press("1")
    page.keyboard.press("s")
    until(page, lambda: is_near(shown(page), COLOURS[0]))
    drag(page, (0.3, 0.3), (0.6, 0.6))
    until(page, lambda: leading.happened("spotlight"))
    area = leading.happened("spotlight")[0]["area"]
    assert [area["x"], area["width"]] == pytest.approx([0.3, 0.3], abs=0.01)
    assert is_near(shown(page, 0.45, 0.45), COLOURS[0])
    until(page, lambda: not is_near(shown(page, 0.1, 0.1), COLOURS[0]))
    page.get_by_role("button", name="亮回来").click()
    until(page, lambda: is_near(shown(page, 0.1, 0.1), COLOURS[0]))


def test_without_slides_their_layout_goes_to_nobody(
    page: Page, leading: Leading, room: Device
) -> None:
    def bring_a_paper(session: Session) -> None:
        (material,) = session.scalars(select(Material).where(Material.class_id == leading.class_id))
        material.resource_id = paper

    paper = leading.run(leading.house.publish("zhou", [], title="练习卷"))
    leading.run(leading.house.ground.database.write(bring_a_paper))
    page.reload()
    said = "带来的 1 份课件没有页面图，课堂里放不出来，请另存为 PDF 再传"
    expect(page.get_by_text(said)).to_be_visible()
    begin(page)
    page.keyboard.press("1")
    expect(page.get_by_text("没有能放的课件，画面没有换")).to_be_visible()
    page.keyboard.press("4")
    until(page, lambda: leading.happened("layout"))
    assert [each["view"] for each in leading.happened("layout")] == ["room_in_corner"]
    # Whose line carries no picture does not see it.
    room.ask("line", level="slides_and_sound")
    label = page.locator(".lead-frame-label")
    expect(label).to_have_text("各教室正看到这个画面，1 间只有课件和声音")


def test_slides_that_were_forgotten_come_while_the_class_runs(page: Page, leading: Leading) -> None:
    def forget(session: Session) -> None:
        session.query(Material).filter_by(class_id=leading.class_id).delete()
        session.get_one(Resource, leading.deck).medium = Medium.DOCUMENT

    leading.run(leading.house.ground.database.write(forget))
    page.reload()
    expect(page.get_by_text("这节课还没有课件")).to_be_visible()
    begin(page)
    page.get_by_role("button", name="重新加载课件").click()
    expect(page.get_by_text("还没有能放的课件")).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="加课件").click()
    other = opened.value
    other.get_by_role("checkbox", name="有理数的加法").check()
    other.get_by_role("button", name="加到这节课").click()
    expect(other.get_by_text("课件已加好")).to_be_visible()
    other.close()
    # A Chromium without windows gives none of them the focus.
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_role("button", name="第 1 页")).to_be_visible()
    expect(page.get_by_role("button", name="重新加载课件")).to_be_hidden()
    page.keyboard.press("1")
    until(page, lambda: is_near(shown(page), COLOURS[0]))
    assert leading.live().state == State.RUNNING


def test_space_turns_pages_after_what_was_clicked(page: Page, leading: Leading) -> None:
    begin(page)
    page.keyboard.press("1")
    until(page, lambda: len(leading.happened("slide")) == 1)
    more = page.locator(".lead-more summary")
    more.click()
    expect(page.locator(".lead-menu")).to_be_visible()
    page.keyboard.press("Space")
    until(page, lambda: len(leading.happened("slide")) == 2)
    # One that was reached by keys has the space bar until something else is clicked.
    more.focus()
    page.get_by_role("button", name="计时", exact=True).click()
    page.keyboard.press("Space")
    until(page, lambda: len(leading.happened("slide")) == 3)


def test_keys_are_letters_where_one_writes(page: Page, leading: Leading) -> None:
    begin(page)
    page.keyboard.press("q")
    field = page.get_by_role("textbox", name="题目")
    field.type("p1 m?")
    expect(field).to_have_value("p1 m?")
    assert leading.happened("layout") == []


def test_shortcuts_are_told(page: Page) -> None:
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_contain_text("换布局")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
