"""The lead classroom in a real Chromium, on the real service: what the teacher does, and what
reaches a receiving room and stays in the log."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.services.live.ingest.test_publishing import PIECE, packets
from tongke.classes.models import Material
from tongke.classes.vocabulary import State
from tongke.library.models import Resource
from tongke.library.vocabulary import Medium
from tongke.storage.bus import embedded
from web.tests.browser.leading import COLOURS, Device, Leading

pytestmark = pytest.mark.browser

# What a lossless picture and a canvas agree on.
NEAR = 12


@pytest.fixture(scope="module")
def service(browser: Browser) -> Iterator[Leading]:
    with (
        tempfile.TemporaryDirectory(prefix="tk") as folder,
        embedded.running(embedded.find_server(None), Path(folder)) as valkey,
    ):
        leading = Leading(valkey)
        yield leading
        leading.stop()


@pytest.fixture
def leading(service: Leading) -> Leading:
    service.book()
    return service


def window(browser: Browser, leading: Leading, errors: list[str], name: str = "zhou") -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.add_cookies([leading.cookie(name)])  # type: ignore[list-item]  # a dict is one
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page


@pytest.fixture
def page(equipped: Browser, leading: Leading) -> Iterator[Page]:
    """The lead teacher's page, before the class."""
    errors: list[str] = []
    page = window(equipped, leading, errors)
    page.goto(f"{leading.url}/classes/{leading.class_id}/lead")
    yield page
    page.context.close()
    assert errors == []


@pytest.fixture
def room(leading: Leading) -> Iterator[Device]:
    device = Device(leading)
    yield device
    device.leave()


def until(page: Page, condition: Callable[[], object], seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not come about"
        page.wait_for_timeout(50)


def begin(page: Page) -> None:
    page.get_by_role("button", name="开始上课").click()
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)


def shown(page: Page, x: float = 0.5, y: float = 0.5) -> list[int]:
    """The colour at a place of the picture that goes out, in shares of it."""
    found = page.evaluate(
        """([x, y]) => {
            const canvas = document.querySelector(".lead-frame canvas");
            const data = canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data;
            return [...data].slice(0, 3);
        }""",  # noqa: E501
        [x, y],
    )
    return [int(each) for each in found]


def is_near(found: list[int], wanted: tuple[int, ...], near: int = NEAR) -> bool:
    return len(found) == len(wanted) and all(
        abs(a - b) <= near for a, b in zip(found, wanted, strict=True)
    )


def drag(page: Page, *places: tuple[float, float]) -> None:
    """With the mouse over the picture, in shares of it."""
    box = page.locator(".lead-frame canvas").bounding_box()
    assert box
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*at[0])
    page.mouse.down()
    for x, y in at[1:]:
        page.mouse.move(x, y, steps=8)
    page.mouse.up()


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


def test_a_class_goes_out_until_it_is_ended(page: Page, leading: Leading) -> None:
    begin(page)
    assert leading.live().state == State.RUNNING
    (began,) = leading.happened("begin")
    expect(page.get_by_text("正在上课")).to_be_visible()
    expect(page.get_by_text("发送正常")).to_be_visible()

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
    expect(page.get_by_text("这节课正在另一个窗口主讲")).to_be_visible()
    page.get_by_role("button", name="回到这里主讲").click()
    expect(page.get_by_text("各教室正看到这个画面")).to_be_visible(timeout=15_000)
    expect(other.get_by_text("这节课正在另一个窗口主讲")).to_be_visible()


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


def test_a_room_asks_is_called_up_and_sits_down(page: Page, room: Device) -> None:
    begin(page)
    row = page.get_by_role("listitem").filter(has_text="桐木溪中学")
    room.ask("head_count", heads=31)
    expect(row).to_contain_text("七（2）班　31 人")
    expect(page.get_by_text("1 间，31 人")).to_be_visible()
    room.ask("raise_hand", count=2)
    expect(row).to_contain_text("举手 2")
    row.get_by_role("button", name="请发言").click()
    until(page, lambda: room.happened("call_up"))
    row.get_by_role("button", name="正在发言").click()
    until(page, lambda: room.happened("sit_down"))
    room.ask("line", level="sound_only")
    expect(row).to_contain_text("只有声音")
    row.get_by_text("更多").click()
    row.get_by_role("button", name="静音").click()
    until(page, lambda: room.happened("mute"))
    room.leave()
    expect(row).to_contain_text("已离开")


def test_a_question_is_asked_answered_and_resolved(page: Page, room: Device) -> None:
    begin(page)
    room.ask("head_count", heads=31)
    page.keyboard.press("q")
    page.get_by_role("textbox", name="题目").fill("哪个方程对？")
    for key, text in (("A", "3x = 20(24 − x)"), ("B", "4 × 3x = 20(24 − x)")):
        page.get_by_role("textbox", name=f"选项 {key}").fill(text)
    for _ in range(2):
        page.get_by_role("button", name="去掉最后一项").click()
    page.get_by_role("checkbox", name="B 对").check()
    page.get_by_role("button", name="出题", exact=True).click()
    until(page, lambda: room.happened("open_quiz"))
    (asked,) = room.happened("open_quiz")
    assert asked["question"]["options"] == ["3x = 20(24 − x)", "4 × 3x = 20(24 − x)"]
    assert "right" not in asked["question"], "a room does not know it beforehand"
    expect(page.get_by_text("小测进行中")).to_be_visible()
    page.get_by_role("button", name="再加 30 秒").click()
    until(page, lambda: room.happened("extend_quiz"))
    answer = {"quiz": asked["quiz"], "given": ["B"], "shown_ms": asked["media_ms"] + 900}
    room.ask("answer", **answer)
    expect(page.get_by_text("/ 31 人已答")).to_be_visible()
    bar = page.get_by_role("listitem").filter(has_text="4 × 3x")
    expect(bar).to_have_text(re.compile("1$"))
    page.get_by_role("button", name="停止作答，公布答案").click()
    until(page, lambda: room.happened("show_answer"))
    assert room.happened("show_answer")[0]["right"] == ["B"]
    expect(page.get_by_text("答对 1 人，共 1 人作答")).to_be_visible()
    page.get_by_role("button", name="再出一道").click()
    expect(page.get_by_role("textbox", name="题目")).to_be_focused()


def test_options_left_empty_are_not_asked(page: Page, leading: Leading, room: Device) -> None:
    begin(page)
    page.keyboard.press("q")
    ask = page.get_by_role("button", name="出题", exact=True)
    page.get_by_role("textbox", name="选项 A").fill("是")
    ask.click()
    second = page.get_by_role("textbox", name="选项 B")
    assert second.evaluate("(field) => field.validationMessage") == "至少写两个选项"
    page.get_by_role("textbox", name="选项 D").fill("否")
    page.get_by_role("checkbox", name="D 对").check()
    ask.click()
    until(page, lambda: room.happened("open_quiz"))
    (asked,) = leading.happened("open_quiz")
    assert (asked["question"]["options"], asked["question"]["right"]) == (["是", "否"], ["B"])
    page.get_by_role("button", name="停止作答，公布答案").click()
    page.get_by_role("button", name="再出一道").click()
    # Without any words they are on the screen already; without one that is right it is an opinion.
    ask.click()
    until(page, lambda: len(leading.happened("open_quiz")) == 2)
    assert leading.happened("open_quiz")[1]["question"]["options"] == ["A", "B", "C", "D"]
    page.get_by_role("button", name="停止作答", exact=True).click()
    page.get_by_role("button", name="公布结果", exact=True).click()
    until(page, lambda: len(leading.happened("show_answer")) == 2)


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


def test_a_countdown_that_is_over_says_so(page: Page, leading: Leading) -> None:
    async def start() -> None:
        """From another window of hers: the page's own are of a minute at least."""
        path, headers = f"/live/{leading.class_id}/socket", leading.house.bearer("zhou")
        async with leading.client.ws_connect(path, headers=headers) as socket:
            await socket.receive_json(timeout=10)
            await socket.send_json({"command": "timer", "seconds": 1, "ref": 1})
            while "done" not in await socket.receive_json(timeout=10):
                pass

    begin(page)
    page.get_by_role("button", name="计时", exact=True).click()
    leading.run(start())
    expect(page.locator(".lead-timer-left")).to_have_text("时间到")
    expect(page.locator(".lead-countdown")).to_have_text("时间到")


def test_a_countdown_and_a_message(page: Page, leading: Leading, room: Device) -> None:
    begin(page)
    page.get_by_role("button", name="计时", exact=True).click()
    page.get_by_role("button", name="3 分钟").click()
    until(page, lambda: room.happened("timer"))
    assert room.happened("timer")[0]["seconds"] == 180
    expect(page.locator(".lead-countdown")).to_contain_text("02:5")
    page.get_by_role("button", name="留言", exact=True).click()
    page.get_by_role("textbox", name="写给各教室的老师").fill("请第三组准备")
    page.keyboard.press("Enter")
    until(page, lambda: leading.happened("text"))
    expect(page.get_by_text("我：请第三组准备")).to_be_visible()


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
