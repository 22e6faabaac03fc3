"""The lead classroom in a real Chromium, on the real service: from its devices to the recording."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.services.live.ingest.test_publishing import PIECE, packets
from tongke.classes.vocabulary import State
from web.tests.browser.lead.desk import begin, is_near, shown, until, window
from web.tests.browser.lead.leading import COLOURS, Device, Leading

pytestmark = pytest.mark.browser


def test_devices_and_the_rule_are_shown_before_the_class(page: Page, room: Device) -> None:
    expect(page.get_by_text("开始后，各教室看到这个画面")).to_be_visible()
    for name in ("摄像头", "麦克风"):
        device = page.get_by_role("combobox", name=name, exact=True)
        expect(device).not_to_have_value("none")
    expect(page.get_by_text("听得到", exact=True)).to_be_visible()
    expect(page.get_by_text("录像里看得到、也听得到听讲教室的学生")).to_be_visible()
    assert room.told[0]["hello"]["role"] == "room"
    row = page.get_by_role("listitem").filter(has_text="桐木溪中学")
    expect(row).to_contain_text("好")
    expect(row.get_by_role("button", name="请发言")).to_be_hidden()
    # The fake camera's picture is green but for its clock.
    until(page, lambda: shown(page, 0.9, 0.1)[1] > 100)


def test_a_class_that_is_far_ahead_is_not_begun_by_a_slip_of_the_hand(
    page: Page, leading: Leading
) -> None:
    leading.book(minutes=95)
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    expect(page.get_by_text(re.compile(r"^1 小时 [345] 分.*后可以开始上课$"))).to_be_visible()
    expect(page.get_by_role("button", name="开始上课")).to_be_disabled()


def test_a_class_goes_out_until_it_is_ended(page: Page, leading: Leading) -> None:
    begin(page)
    assert leading.live().state == State.RUNNING
    (began,) = leading.happened("begin")
    expect(page.get_by_text("正在上课")).to_be_visible()
    # The second where the computer that runs the tests is as busy as it says.
    expect(page.get_by_text(re.compile("发送正常|这台电脑太忙"))).to_be_visible()

    address = f"{leading.url}/live/{leading.class_id}/hls/source/live.m3u8"

    def published() -> bool:
        answer = page.request.get(address, timeout=20_000)
        return answer.ok and "EXT-X-PART" in answer.text()

    until(page, published, 20)
    page.get_by_role("button", name="下课").click()
    page.get_by_role("dialog").get_by_role("button", name="下课").click()
    page.wait_for_url(f"**/classes/{leading.class_id}", timeout=20_000)
    live = leading.live()
    assert live.state == State.ENDED
    assert live.resource_id is not None
    assert leading.happened("end")[0]["media_ms"] > began["media_ms"]


def test_a_page_that_is_loaded_anew_is_back_in_the_class(page: Page, leading: Leading) -> None:
    begin(page)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)
    assert len(leading.happened("begin")) == 1


def test_a_class_is_led_in_one_window(page: Page, leading: Leading) -> None:
    begin(page)
    other = page.context.new_page()
    other.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    expect(other.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("这节课正在另一个窗口主讲")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="回到这里主讲").click()
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)
    expect(other.get_by_text("这节课正在另一个窗口主讲")).to_be_visible(timeout=15_000)


def test_where_the_script_does_not_come_the_page_says_so(
    equipped: Browser, leading: Leading
) -> None:
    page = window(equipped, leading, [])
    page.route("**/build/lead-*.js", lambda route: route.abort())
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    said = page.get_by_text("页面没有装全，请刷新")
    expect(said).to_be_hidden()
    page.evaluate("document.getAnimations().forEach((animation) => animation.finish())")
    expect(said).to_be_visible()
    page.unroute("**/build/lead-*.js")
    page.reload()
    expect(page.get_by_role("button", name="开始上课")).to_be_visible()
    expect(said).to_have_count(0)
    page.context.close()


def test_a_class_is_led_without_a_camera(browser: Browser, leading: Leading) -> None:
    errors: list[str] = []
    page = window(browser, leading, errors)
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    expect(page.get_by_text(re.compile("没有找到摄像头|浏览器不让用摄像头"))).to_be_visible()
    begin(page)
    page.keyboard.press("1")
    until(page, lambda: is_near(shown(page), COLOURS[0]))
    page.context.close()
    assert errors == []


def test_a_browser_that_cannot_code_says_what_to_do(equipped: Browser, leading: Leading) -> None:
    errors: list[str] = []
    page = window(equipped, leading, errors)
    page.add_init_script(
        "delete window.VideoEncoder; MediaRecorder.isTypeSupported = (type) => !/h264/.test(type)"
    )
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    expect(page.get_by_role("heading", name="这个浏览器不能主讲")).to_be_visible()
    expect(page.get_by_text("Chrome、Edge 86 及以上")).to_be_visible()
    expect(page.get_by_text("录播主机")).to_be_visible()
    page.context.close()
    assert errors == []


def test_a_browser_without_webcodecs_is_seen_in_a_room_and_recorded(
    equipped: Browser, leading: Leading, tmp_path: Path
) -> None:
    errors: list[str] = []
    page = window(equipped, leading, errors)
    page.add_init_script("delete window.VideoEncoder; delete window.AudioEncoder")
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    begin(page)
    page.keyboard.press("1")
    until(page, lambda: is_near(shown(page), COLOURS[0]))
    room = window(equipped, leading, errors, "room")
    room.goto(f"{leading.url}/room")
    until(room, lambda: is_near(played(room), COLOURS[0], 40), 30)
    room.context.close()
    page.get_by_role("button", name="下课").click()
    page.get_by_role("dialog").get_by_role("button", name="下课").click()
    page.wait_for_url(f"**/classes/{leading.class_id}", timeout=20_000)
    found = packets(leading.house, whole(page, leading, tmp_path))
    page.context.close()
    assert found["h264"] > 20
    assert found["aac"] > 2 * 48_000 / 1024
    assert errors == []


def whole(page: Page, leading: Leading, folder: Path) -> Path:
    """The segments of a class that has ended, as one file."""
    address = f"{leading.url}/live/{leading.class_id}/hls/source/"
    names = [a or b for a, b in PIECE.findall(page.request.get(address + "live.m3u8").text())]
    path = folder / "lesson.mp4"
    path.write_bytes(b"".join(page.request.get(address + name).body() for name in names))
    return path


def played(page: Page) -> list[int]:
    """The colour in the middle of the lesson that a page plays; nothing while it plays none."""
    found = page.evaluate("""() => {
        const video = [...document.querySelectorAll("video")].find((each) => each.currentTime > 1);
        if (!video) return [];
        const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 9 });
        const pen = canvas.getContext("2d");
        pen.drawImage(video, 0, 0, 16, 9);
        return [...pen.getImageData(8, 4, 1, 1).data].slice(0, 3);
    }""")
    return [int(each) for each in found]
