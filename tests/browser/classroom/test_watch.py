"""Watching a class unseen, with notes; and the teacher who is with the pupils."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.test_room import SOON_MS
from tests.browser.classroom.world import World
from tests.browser.windows import keep
from tests.services.live.signalling.test_socket import event_of
from tests.services.live.signalling.test_socket import until as heard
from tests.waiting import until
from tongke.classes import queries
from tongke.people.models import Room

pytestmark = pytest.mark.browser


def test_an_observer_notes_what_was_seen_at_its_moment(world: World, open_page: Open) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", "county")
    expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)
    page.keyboard.press("n")
    page.keyboard.type("导入自然")
    page.keyboard.press("Enter")
    until(lambda: world.told(class_id)["notes"], what="the note is kept")
    page.click("text=改")
    page.fill("textarea", "导入自然，三分钟")
    page.click("text=改好了")
    expect(page.locator(".watch-notes li")).to_have_count(1)
    until(
        lambda: [note["text"] for note in world.told(class_id)["notes"]] == ["导入自然，三分钟"],
        what="the same note says more",
    )
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


def test_a_teacher_in_a_training_raises_her_own_hand_by_the_space_bar(
    world: World, open_page: Open
) -> None:
    class_id = world.book(purpose="training", seats=(), audience=frozenset({"agreement:1"}))
    world.begin(class_id)
    page = open_page(f"/classes/{class_id}/watch", "xiang")
    expect(page.locator(".watch-head")).to_contain_text("参加研修")
    hand = page.locator(".watch-row .stage-button")
    expect(hand).to_be_enabled()
    expect(hand).to_contain_text("举手")
    page.keyboard.down(" ")
    expect(hand).to_contain_text("放下")
    page.keyboard.down(" ")
    page.keyboard.up(" ")
    raised = world.do(heard(world.lead, event_of("hand_up")))["event"]
    assert raised["trainee"] == str(world.house.ids["xiang"])
    expect(page.locator(".watch-state")).to_contain_text("同步", timeout=SOON_MS)
    keep(page, "watch-training")
    world.ask("hand_down", trainee=raised["trainee"])
    expect(hand).to_contain_text("举手")
    log = world.do(world.house.ground.database.read(queries.log, class_id))
    (put_down,) = [row.payload["by"]["role"] for row in log if row.kind == "hand_down"]
    assert put_down == "lead", "a key that is held raises a hand once"
    hand.click()
    expect(hand).to_contain_text("放下")
    page.close()
    gone = world.do(heard(world.lead, event_of("depart")))["event"]
    assert gone["trainee"] == raised["trainee"]
