"""The lead classroom where something is missing: a device, the line when the class began, the
rooms' pictures in a broadcast; and what stays on the computer when the class is over."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tongke.classes.vocabulary import State
from web.tests.browser.lead.desk import begin, until, window
from web.tests.browser.lead.leading import Device, Leading

pytestmark = pytest.mark.browser

# Another program holds it: no browser has that with its fake devices.
BUSY = """() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (wanted) => window.isBusy
        ? Promise.reject(new DOMException("", "NotReadableError")) : open(wanted);
    window.isBusy = true;
}"""


def test_without_a_microphone_none_is_said_to_be_on(browser: Browser, leading: Leading) -> None:
    errors: list[str] = []
    page = window(browser, leading, errors)
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    begin(page)
    expect(page.get_by_role("button", name="麦克风开着")).to_be_hidden()
    page.get_by_role("button", name="没有麦克风").click()
    expect(page.get_by_role("dialog", name="设备")).to_be_visible()
    page.context.close()
    assert errors == []


def test_a_refusal_leaves_the_buttons_in_the_window(page: Page) -> None:
    detail = "现在离上课还有四十多分钟，最早提前半小时开始。" * 4
    problem = {"type": "about:blank", "title": "", "status": 409, "code": "too-early"}
    answer = json.dumps({**problem, "detail": detail})
    page.route(
        "**/start",
        lambda route: route.fulfill(
            status=409, content_type="application/problem+json", body=answer
        ),
    )
    begin = page.get_by_role("button", name="开始上课")
    begin.click()
    expect(page.get_by_text(detail)).to_be_visible()
    bar, box = page.locator(".lead-top").bounding_box(), begin.bounding_box()
    assert bar
    assert box
    assert box["x"] + box["width"] <= 1366
    assert bar["height"] <= 60


def test_a_rooms_menu_closes_when_one_looks_elsewhere(page: Page) -> None:
    row = page.get_by_role("listitem").filter(has_text="桐木溪中学")
    mute = row.get_by_role("button", name="静音")
    row.get_by_text("更多").click()
    expect(mute).to_be_visible()
    page.keyboard.press("Escape")
    expect(mute).to_be_hidden()
    row.get_by_text("更多").click()
    expect(mute).to_be_visible()
    page.get_by_role("button", name="板书").click()
    expect(mute).to_be_hidden()


def test_a_second_camera_that_is_busy_says_so(page: Page) -> None:
    second = page.get_by_role("combobox", name="第二路摄像头")
    expect(second.get_by_role("option", name="fake_device_0")).to_be_attached()
    page.evaluate(BUSY)
    second.select_option(label="fake_device_0")
    expect(page.get_by_text("摄像头被别的程序占着")).to_be_visible()
    page.evaluate("() => { window.isBusy = false; }")
    second.select_option(label="fake_device_0")
    expect(page.get_by_text("摄像头被别的程序占着")).to_be_hidden()


def test_a_class_that_began_in_a_break_has_its_code(page: Page, leading: Leading) -> None:
    lines: list[WebSocketRoute] = []
    heard: list[str] = []
    is_away = False

    def route(line: WebSocketRoute) -> None:
        lines.append(line)
        if is_away:
            line.close()
            return
        server = line.connect_to_server()

        def pass_on(said: str | bytes) -> None:
            line.send(said)
            heard.append(str(said))

        server.on_message(pass_on)

    page.route_web_socket(re.compile("/socket$"), route)
    page.reload()
    until(page, lambda: any('"hello"' in said for said in heard))
    expect(page.get_by_text("还没有上课")).to_be_visible()
    is_away = True
    lines[0].close()
    other = page.context.new_page()
    other.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    begin(other)
    code = other.locator(".lead-code")
    expect(code).to_have_text(re.compile(r"^手机数字码 \d{6}$"))
    is_away = False
    expect(page.locator(".lead-code")).to_have_text(code.inner_text(), timeout=15_000)
    # It does not take the class from the window that began it.
    expect(page.get_by_role("button", name="换到这里主讲")).to_be_visible()
    expect(page.get_by_text("各教室看的是另一个窗口的画面；这里能翻页、出题")).to_be_visible()
    expect(page.get_by_role("button", name="小测")).to_be_visible()
    expect(other.get_by_text("各教室正看到这个画面")).to_be_visible()


def test_a_computer_that_has_no_time_for_the_picture_says_so(
    browser: Browser, leading: Leading
) -> None:
    """Its line is free, and nothing waits."""
    errors: list[str] = []
    page = window(browser, leading, errors)
    page.add_init_script(
        "Object.defineProperty(VideoEncoder.prototype, 'encodeQueueSize', { get: () => 9 });"
    )
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    begin(page)
    expect(page.get_by_text(re.compile("^这台电脑太忙，画面(和声音)?有丢失$"))).to_be_visible()
    page.context.close()
    assert errors == []


def test_the_lead_changes_the_code_that_strangers_have(page: Page, leading: Leading) -> None:
    change = page.get_by_role("button", name="换一个", exact=True)
    expect(change).to_be_hidden()
    begin(page)
    code = page.locator(".lead-code")
    expect(code).to_have_text(re.compile(r"^手机数字码 \d{6}$"))
    before = code.inner_text()
    change.click()
    dialog = page.get_by_role("dialog", name=re.compile("^换一个数字码"))
    dialog.get_by_role("button", name="先不").click()
    expect(code).to_have_text(before)
    change.click()
    dialog.get_by_role("button", name="换一个数字码").click()
    expect(code).not_to_have_text(before)
    expect(code).to_have_text(f"手机数字码 {leading.live().phone_code}")


def test_a_room_that_follows_is_seen_by_the_lead(
    page: Page, equipped: Browser, leading: Leading
) -> None:
    begin(page)
    errors: list[str] = []
    room = window(equipped, leading, errors, "room")
    room.context.grant_permissions(["camera", "microphone"])
    room.goto(f"{leading.url}/room")
    picture = page.get_by_role("listitem").filter(has_text="桐木溪中学").locator("img")
    expect(picture).to_be_visible(timeout=30_000)
    size = picture.evaluate("(image) => [image.naturalWidth, image.naturalHeight]")
    assert size == [320, 180]
    # It is in no picture that goes out, and gives way to the talk's own.
    page.get_by_role("button", name="请发言").click()
    row = page.get_by_role("listitem").filter(has_text="桐木溪中学")
    expect(row.locator("video")).to_be_visible(timeout=15_000)
    expect(picture).to_be_hidden()
    room.context.close()
    assert errors == []


def test_a_class_ends_though_the_service_keeps_no_more_of_it(
    page: Page, leading: Leading, room: Device
) -> None:
    """Its disk is full: the line is well, and nothing is acknowledged."""

    sent: list[str | bytes] = []

    def route(line: WebSocketRoute) -> None:
        server = line.connect_to_server()

        def send(said: str | bytes) -> None:
            sent.append(said)
            server.send(said)

        def pass_on(said: str | bytes) -> None:
            if '"durable"' not in str(said) or '"hello"' in str(said):
                line.send(said)

        line.on_message(send)
        server.on_message(pass_on)

    page.route_web_socket(re.compile("/publish$"), route)
    page.reload()
    begin(page)
    until(page, lambda: len(sent) > 30)
    page.get_by_role("button", name="下课").click()
    page.get_by_role("dialog").get_by_role("button", name="下课").click()
    expect(page.get_by_text("剩下没传的录像正在传")).to_be_visible()
    # The rooms have seen that it is over: nothing here says that it goes on.
    until(page, lambda: room.happened("end"))
    expect(page.get_by_text("已下课，各教室看不到这个画面了")).to_be_visible()
    clock = page.locator(".lead-clock")
    expect(clock).to_have_text(re.compile(r"^00:\d\d$"))
    stood = clock.inner_text()
    for region in ("听讲教室", "课堂工具", "课件"):
        expect(page.get_by_role("region", name=region)).to_be_hidden()
    rest = page.get_by_role("button", name="不等了，没传的不要了")
    expect(rest).to_be_hidden()
    expect(rest).to_be_visible(timeout=20_000)
    assert clock.inner_text() == stood
    rest.click()
    page.wait_for_url(f"**/classes/{leading.class_id}", timeout=20_000)
    assert leading.live().state == State.ENDED


def test_nothing_of_a_class_that_is_over_stays_on_the_computer(
    page: Page, leading: Leading
) -> None:
    begin(page)
    names = "async () => (await indexedDB.databases()).map(({ name }) => name)"
    assert page.evaluate(names) == [f"tongke-live-{leading.class_id}"]
    page.get_by_role("button", name="下课").click()
    page.get_by_role("dialog").get_by_role("button", name="下课").click()
    page.wait_for_url(f"**/classes/{leading.class_id}", timeout=20_000)
    assert page.evaluate(names) == []
