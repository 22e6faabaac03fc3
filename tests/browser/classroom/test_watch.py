"""Watching a class unseen, with notes; and the teacher who is with the pupils."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.classroom import lead_page
from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import SOON_MS
from tests.browser.classroom.world import World
from tests.browser.windows import keep
from tests.services.live.kept_rows import kept_rows
from tests.services.live.signalling.test_socket import event_of
from tests.services.live.signalling.test_socket import until as heard
from tests.waiting import until
from tongke.classes.models import Seat
from tongke.people.models import Room

pytestmark = pytest.mark.browser


def watched(world: World, open_page: Open, name: str, **booked: Any) -> tuple[int, Page]:
    """A class that runs, and somebody's page of it that is in step."""
    class_id = world.book(**booked)
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", name)
    expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)
    return class_id, page


def test_an_observer_notes_what_was_seen_at_its_moment(world: World, open_page: Open) -> None:
    class_id, page = watched(world, open_page, "county")
    page.keyboard.press("n")
    page.keyboard.type("导入自然")
    page.keyboard.press("Enter")
    until(lambda: world.told(class_id)["notes"], what="the note is kept")
    page.get_by_role("button", name="改", exact=True).click()
    page.fill("textarea", "导入自然，三分钟")
    page.click("text=改好了")
    expect(page.locator(".watch-notes li")).to_have_count(1)
    until(
        lambda: [note["text"] for note in world.told(class_id)["notes"]] == ["导入自然，三分钟"],
        what="the same note says more",
    )
    expect(page.locator(".watch-note-head .key")).to_have_text("N")
    (note,) = world.told(class_id)["notes"]
    begun = world.told(class_id)["begun_ms"]
    assert begun <= note["shown_ms"] <= note["media_ms"]
    keep(page, "watch")
    page.keyboard.press("Tab")
    page.locator("h1").click()
    page.keyboard.press(" ")
    expect(page.locator(".watch-state")).to_contain_text("正在回看", timeout=SOON_MS)
    page.keyboard.press("End")
    expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)


def test_an_observer_leaves_a_note_as_it_is_or_takes_it_back(world: World, open_page: Open) -> None:
    class_id, page = watched(world, open_page, "county")
    expect(page.locator(".watch-note-panel .watch-hint").first).to_contain_text("主讲老师")
    field, rows = page.locator("textarea"), page.locator(".watch-notes li > span")

    def kept() -> list[str]:
        return [note["text"] for note in world.told(class_id)["notes"]]

    page.keyboard.press("n")
    page.keyboard.type("导入自然")
    page.keyboard.press("Enter")
    until(lambda: kept() == ["导入自然"], what="the note is kept")
    page.get_by_role("button", name="改", exact=True).click()
    field.fill("导入")
    keep(page, "watch-note-changed")
    page.keyboard.press("Escape")
    expect(field).to_have_value("")
    expect(field).not_to_be_focused()
    page.keyboard.press("?")
    expect(field).to_have_value("")
    expect(rows).to_have_text(["导入自然"])
    page.get_by_role("button", name="删除").click()
    expect(rows).to_have_count(0)
    until(lambda: kept() == [], what="the note is taken back")
    keep(page, "watch-note-erased")
    page.get_by_role("button", name="撤销").click()
    expect(rows).to_have_text(["导入自然"])
    until(lambda: kept() == ["导入自然"], what="it is there again")
    # Emptied, there is nothing left of it.
    page.get_by_role("button", name="改", exact=True).click()
    field.fill("")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(0)
    until(lambda: kept() == [], what="the note is taken back")


def test_the_way_out_leads_where_one_came_from(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page("/patrol", "county")
    page.get_by_role("link", name="进去看").click()
    page.get_by_role("link", name="回到巡课").click()
    expect(page).to_have_url(re.compile("/patrol$"))
    page.goto(page.url.replace("/patrol", f"/classes/{class_id}/watch"))
    way_out = page.get_by_role("link", name="回到这节课")
    expect(way_out).to_have_attribute("href", f"/classes/{class_id}")


def test_after_the_class_nothing_is_noted_and_what_was_begun_is_not_lost(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    written, idle = (open_page(f"/classes/{class_id}/watch", "county") for _ in range(2))
    for page in (written, idle):
        expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)
    written.fill("textarea", "板书层次清楚")
    world.end(class_id)
    expect(idle.locator(".watch-hint").first).to_contain_text("要补的话写进听课评课表")
    expect(idle.locator("textarea")).to_be_hidden()
    keep(idle, "watch-notes-over")
    left = written.locator("textarea")
    expect(written.locator(".watch-hint").first).to_contain_text("复制到听课评课表里")
    expect(left).to_have_value("板书层次清楚")
    expect(left).to_have_attribute("readonly", "")
    expect(written.get_by_role("button", name="记下")).to_have_count(0)
    written.get_by_role("button", name="复制").click()
    expect(written.get_by_role("button", name="复制好了")).to_be_visible()
    expect(written.get_by_role("link", name="填听课评课表")).to_be_visible()
    keep(written, "watch-notes-left")


def test_an_observer_on_a_weak_line_has_less_of_the_picture(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", "county")
    state = page.locator(".watch-state")
    expect(page.locator(".watch-rooms strong")).to_have_text("桐木溪中学 七（2）班")
    expect(state).to_contain_text("同步", timeout=SOON_MS)
    page.select_option(".watch-line-choice", "sound_only")
    expect(page.locator(".watch-veil >> text=现在只听声音")).to_be_visible()
    expect(state).to_contain_text("同步", timeout=SOON_MS)
    assert page.evaluate("document.querySelector('video').videoWidth") == 0
    # It is remembered for the device, and is nobody else's affair.
    page.reload()
    expect(page.locator(".watch-line-choice")).to_have_value("sound_only")
    expect(state).to_contain_text("同步", timeout=SOON_MS)
    assert page.evaluate("document.querySelector('video').videoWidth") == 0
    assert world.room(class_id)["level"] == "full"
    page.select_option(".watch-line-choice", "auto")
    expect(page.locator(".watch-line-choice option:checked")).to_have_text("自动，现在：只听声音")
    page.select_option(".watch-line-choice", "full")
    expect(page.locator(".watch-veil").first).to_be_hidden()
    expect(state).to_contain_text("同步", timeout=SOON_MS)
    assert page.evaluate("document.querySelector('video').videoWidth") > 0


def test_the_teacher_with_the_pupils_raises_a_hand_for_them(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", "xiang")
    page.click("text=替本班举手")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    page.fill("input[type=number]", "31")
    page.click("text=改人数")
    until(lambda: world.room(class_id)["heads"] == 31, what="the count is set")
    expect(page.locator("text=放下")).to_be_visible()
    world.ask("end")
    expect(page.locator(".watch-veil >> text=去看这节课")).to_be_visible(timeout=SOON_MS)
    # Nothing is offered any more, and no room is said to be away.
    expect(page.locator("#watch button:visible, #watch input:visible")).to_have_count(0)
    expect(page.locator(".watch-rooms li")).to_have_text(["桐木溪中学 七（2）班"])
    keep(page, "watch-over")


def test_the_teacher_with_the_pupils_and_the_lead_write_to_each_other(
    world: World, open_page: Open, filming: Browser
) -> None:
    class_id = world.book()
    lead = lead_page.begin(open_page, class_id, filming)
    beside = open_page(f"/classes/{class_id}/watch", "xiang")
    field = beside.get_by_label("给主讲老师留言")
    field.fill("后排听不清")
    beside.get_by_role("button", name="发出").click()
    expect(field).to_have_value("")
    # Whatever the lead has open.
    said = "桐木溪中学 七（2）班：后排听不清"
    expect(lead.locator(".page-toast")).to_have_text(said)
    tab = lead.locator(".lead-tab", has_text="留言")
    expect(tab).to_have_text("留言 1")
    tab.click()
    expect(tab).to_have_text("留言")
    expect(lead.locator(".lead-messages li")).to_have_text([said])
    lead.get_by_label("写给各教室的老师").fill("好，我大声一点")
    lead.get_by_role("button", name="发出").click()
    expect(lead.locator(".lead-messages li")).to_have_text([said, "我：好，我大声一点"])
    own = beside.locator(".watch-messages:visible li")
    expect(own).to_have_text(["你后排听不清", "主讲好，我大声一点"])
    beside.reload()
    expect(own).to_have_text(["你后排听不清", "主讲好，我大声一点"])


def test_the_teacher_with_the_pupils_reads_of_no_other_room_that_it_is_away(
    world: World, open_page: Open
) -> None:
    """She is told how her own room is doing, and no other."""
    other = Room(id=3, school_id=2, name="七（1）班")
    world.do(world.house.ground.database.write(lambda session: session.add(other)))
    class_id = world.book(seats=((2, world.house.ids["xiang"]), (3, None)))
    world.begin(class_id)
    rooms = open_page(f"/classes/{class_id}/watch", "xiang").locator(".watch-rooms li")
    expect(rooms).to_have_text(["桐木溪中学 七（2）班不在线", "桐木溪中学 七（1）班"])
    observed = open_page(f"/classes/{class_id}/watch", "county").locator(".watch-rooms li")
    expect(observed).to_have_text(["桐木溪中学 七（2）班不在线", "桐木溪中学 七（1）班不在线"])


def test_the_teacher_of_a_room_that_is_sent_out_sees_no_more_until_it_is_let_in(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", "xiang")
    state, veil = page.locator(".watch-state"), page.locator(".watch-veil").first
    expect(state).to_contain_text("同步", timeout=SOON_MS)
    world.ask("remove", room="2")
    expect(veil).to_contain_text("主讲老师请你们先离开了课堂")
    expect(state).to_have_text("在课堂外")
    expect(page.locator("#watch button:visible, #watch input:visible")).to_have_count(0)
    expect(page.locator(".stage-overlay")).to_be_hidden()
    window = page.evaluate("innerWidth")
    assert page.locator(".watch-stage").evaluate("(stage) => stage.clientWidth") == window
    keep(page, "watch-sent-out")
    world.ask("admit", room="2")
    expect(state).to_contain_text("同步", timeout=SOON_MS)
    expect(veil).to_be_hidden()
    # Opened while the room is outside, the page waits with it.
    world.ask("remove", room="2")
    page.reload()
    expect(veil).to_contain_text("主讲老师请你们先离开了课堂")
    world.ask("admit", room="2")
    expect(state).to_contain_text("同步", timeout=SOON_MS)
    expect(page.get_by_role("button", name="替本班举手")).to_be_visible()


def test_who_is_named_the_teacher_with_the_pupils_during_the_class_has_her_page(
    world: World, open_page: Open
) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", "county")
    expect(page.locator(".watch-head")).to_contain_text("课堂里看不到你")
    expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)

    def name_her(session: Session) -> None:
        seat = session.scalars(select(Seat).where(Seat.class_id == class_id)).one()
        seat.teacher_id = world.house.ids["county"]

    world.do(world.house.ground.database.write(name_her))
    expect(page.locator(".watch-head")).to_contain_text("和学生一起", timeout=SOON_MS)
    expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)
    page.click("text=替本班举手")
    expect(page.get_by_role("button", name="放下")).to_be_visible()


def test_a_teacher_in_a_training_raises_her_own_hand_by_the_space_bar(
    world: World, open_page: Open
) -> None:
    class_id = world.book(purpose="training", seats=(), audience=frozenset({"agreement:1"}))
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", "xiang")
    expect(page.locator(".watch-head")).to_contain_text("参加研修")
    observed = open_page(f"/classes/{class_id}/watch", "county")
    expect(observed.locator(".watch-tag")).to_have_text("研修")
    expect(observed.locator(".watch-total")).to_have_text("到 1 位老师", timeout=SOON_MS)
    hand = page.locator(".watch-row .stage-button")
    expect(hand).to_be_enabled()
    expect(hand).to_contain_text("举手")
    page.keyboard.down(" ")
    expect(hand).to_contain_text("已举手 · 放下")
    page.keyboard.down(" ")
    page.keyboard.up(" ")
    raised = world.do(heard(world.lead, event_of("hand_up")))["event"]
    assert raised["trainee"] == str(world.house.ids["xiang"])
    expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)
    keep(page, "watch-training")
    world.ask("hand_down", trainee=raised["trainee"])
    expect(hand).to_contain_text("举手")
    log = world.do(world.house.ground.database.read(kept_rows, class_id))
    (put_down,) = [row.payload["by"]["role"] for row in log if row.kind == "hand_down"]
    assert put_down == "lead", "a key that is held raises a hand once"
    hand.click()
    expect(hand).to_contain_text("已举手 · 放下")
    page.close()
    gone = world.do(heard(world.lead, event_of("depart")))["event"]
    assert gone["trainee"] == raised["trainee"]


def test_what_the_lead_of_a_training_asks_and_says_is_at_each_desk(
    world: World, open_page: Open
) -> None:
    class_id, page = watched(
        world, open_page, "xiang", purpose="training", seats=(), audience=frozenset({"agreement:1"})
    )
    panel = page.locator(".watch-from-lead")
    expect(panel).to_be_hidden()
    world.ask("timer", seconds=600)
    expect(panel).to_contain_text("计时 09:5", timeout=SOON_MS)
    world.ask("text", id="m1", text="请看第二题")
    expect(panel.locator(".watch-messages")).to_have_text("主讲请看第二题")
    question = {"kind": "single", "text": "7 + 5 =", "options": ["11", "12"], "right": ["B"]}
    world.ask("open_quiz", quiz="q1", question=question, seconds=300)
    expect(panel.locator(".watch-quiz li")).to_have_text(["A11", "B12"], timeout=SOON_MS)
    expect(panel.locator(".is-right")).to_have_count(0)
    expect(panel.locator(".watch-phones")).to_contain_text(world.phone_code(class_id))
    keep(page, "watch-training-quiz")
    with page.expect_popup() as opened:
        panel.get_by_role("link", name="就在这里答").click()
    phone = opened.value
    keep(phone, "phone-training")
    phone.get_by_label("你的姓名").fill("向雨禾")
    phone.get_by_role("button", name="开始").click()
    phone.get_by_role("button", name="12").click()
    expect(phone.get_by_text("收到了")).to_be_visible()
    world.ask("show_answer", quiz="q1")
    expect(panel.locator(".is-right")).to_contain_text("12", timeout=SOON_MS)
    expect(panel.locator(".watch-phones")).to_be_hidden()
    # Who comes late is told of all of it.
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.reload()
    expect(panel.locator(".is-right")).to_contain_text("12", timeout=SOON_MS)
    expect(panel.locator(".watch-messages")).to_have_text("主讲请看第二题")
    expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)
    assert not [words for words in said if "Content Security Policy" in words]


def test_an_observer_sees_the_question_and_not_its_answer_before_the_class_does(
    world: World, open_page: Open
) -> None:
    _, page = watched(world, open_page, "county")
    panel = page.locator(".watch-from-lead")
    expect(panel).to_be_hidden()
    world.ask("timer", seconds=600)
    long = "一辆客车和一辆货车同时从两地相向而行，几小时后相遇？先想一想等量关系，再选一个算式。"
    question = {"kind": "single", "text": long * 4, "options": ["11", "12"], "right": ["B"]}
    world.ask("open_quiz", quiz="q1", question=question, seconds=300)
    world.ask("text", id="m1", text="二班先别说话")
    expect(panel).to_contain_text("计时 09:5", timeout=SOON_MS)
    expect(panel.locator(".watch-quiz li")).to_have_text(["A11", "B12"], timeout=SOON_MS)
    expect(panel.locator(".is-right")).to_have_count(0)
    # However long it is, the notes have their place.
    for part in ("textarea", "text=填听课评课表", "text=记下"):
        expect(page.locator(part).last).to_be_in_viewport(ratio=1)
    keep(page, "watch-quiz")
    world.ask("show_answer", quiz="q1")
    expect(panel.locator(".is-right")).to_contain_text("12", timeout=SOON_MS)
    # Who observes has no phone to answer by, and teachers write to each other alone.
    expect(panel.locator(".watch-phones")).to_be_hidden()
    expect(panel.locator(".watch-messages li")).to_have_count(0)


def test_the_form_is_filled_in_beside_the_class_and_asks_when_nothing_is_missing(
    world: World, open_page: Open
) -> None:
    _, page = watched(world, open_page, "county")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="填听课评课表").click()
    expect(page.locator(".watch-state")).to_contain_text("同步")
    form = opened.value
    send, dialog = form.get_by_role("button", name="交给老师"), form.get_by_role("dialog")
    send.click()
    expect(form.locator("input[type=radio]:invalid").first).to_be_focused()
    expect(dialog).to_have_count(0)
    form.get_by_role("button", name="存草稿").click()
    expect(form.get_by_text("存的草稿")).to_be_visible()
    for row in form.locator(".star-row").all():
        row.get_by_text("4 星").click()
    send.click()
    expect(dialog).to_contain_text("不能再改")
    dialog.get_by_role("button", name="交给老师").click()
    expect(form).to_have_url(re.compile(r"/observations/"))
