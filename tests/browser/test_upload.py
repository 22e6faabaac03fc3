"""A teacher drops files on the upload page, on a line that fails (issue list, 3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import files
from tests.browser.conftest import PageOf, PersonOf
from tests.browser.files import MIB
from tests.browser.service import Service
from tests.browser.uploading import Line, begun, choose, drop, offsets_sent, open_uploads, row
from tests.browser.windows import keep

pytestmark = [pytest.mark.browser, pytest.mark.media]

AUTHOR = "xiangyuhe"
# Bytes that are on their way and not yet durable when a line ends: the buffers of two sockets.
IN_FLIGHT = 4 * MIB
ENCODED_LIMIT_MS = 120_000

# What each row said, one after the other.
WATCH_ROWS = """() => {
    window.said = {};
    const look = () => {
        for (const row of document.querySelectorAll(".upload-row")) {
            const name = row.querySelector(".upload-name b").title;
            const said = row.dataset.phase + " " + row.querySelector(".upload-detail").textContent;
            (window.said[name] ??= new Set()).add(said);
        }
    };
    new MutationObserver(look).observe(
        document.querySelector("#upload-app"),
        { subtree: true, childList: true, characterData: true, attributes: true },
    );
}"""


def test_each_dropped_file_goes_through_its_states_to_published(
    library: Service, page_of: PageOf, tmp_path: Path
) -> None:
    lesson = files.lesson(tmp_path / "八年级物理 凸透镜成像.mp4", seconds=10, size="1280x720")
    policy = files.paper(tmp_path / "值周安排.docx", "值周安排", "值周教师七点到校。")
    plain = files.plain(tmp_path / "图书角借阅办法.txt", "图书角借阅办法\n\n每人每次借一本。\n")
    page = page_of(AUTHOR)
    page.goto("/upload")
    page.evaluate(WATCH_ROWS)
    with library.without_encoders():
        drop(page, lesson, policy, plain)
        expect(row(page, lesson)).to_have_attribute("data-phase", "playable", timeout=60_000)
        keep(page, "upload-rows")
        _watch_before_the_ladder(page, row(page, lesson).get_by_role("link", name="去看看"))
    for path in (policy, plain, lesson):
        expect(row(page, path)).to_contain_text("仅自己可见", timeout=ENCODED_LIMIT_MS)
    said = "\n".join(page.evaluate("name => [...window.said[name]]", lesson.name))
    for phase in ("uploading", "checking", "playable", "encoding", "published"):
        assert f"{phase} " in said
    assert re.search(r"encoding 转\S+ \d+%", said)


def _watch_before_the_ladder(page: Page, link: Locator) -> None:
    """Seconds after the last byte it plays, though nothing has been encoded."""
    watching = page.context.new_page()
    watching.goto(link.get_attribute("href") or "")
    watching.wait_for_function("() => document.querySelector('video').readyState > 1")
    watching.keyboard.press(" ")
    watching.wait_for_function("() => document.querySelector('video').currentTime > 1")
    expect(watching.get_by_text("现在就能看，更多清晰度正在做")).to_be_visible()
    keep(watching, "lesson-encoding")
    watching.close()


def test_when_the_line_fails_it_goes_on_by_itself(
    library: Service, page_of: PageOf, person: PersonOf, tmp_path: Path
) -> None:
    heavy = files.lesson(tmp_path / "断线也不怕.mp4", weight=24 * MIB)
    page = page_of(AUTHOR)
    line, parts, uploads = Line(page), offsets_sent(page), begun(page)
    open_uploads(page)
    line.at(64)
    choose(page, heavy)
    _sent(page, heavy, 30)
    line.cut()
    expect(row(page, heavy)).to_contain_text("网断了，自动续传")
    keep(page, "upload-cut")
    line.whole()
    expect(row(page, heavy)).to_contain_text("仅自己可见", timeout=ENCODED_LIMIT_MS)
    assert len(uploads) == 1
    assert max(parts) > 0
    _arrived_whole(person, heavy)


def test_after_the_page_was_closed_the_same_file_goes_on_at_its_byte(
    library: Service, page_of: PageOf, person: PersonOf, tmp_path: Path
) -> None:
    heavy = files.lesson(tmp_path / "关了再来.mp4", weight=24 * MIB)
    page = page_of(AUTHOR)
    open_uploads(page)
    Line(page).at(64)
    choose(page, heavy)
    _sent(page, heavy, 60)
    page.close()

    again = page.context.new_page()
    parts, uploads = offsets_sent(again), begun(again)
    open_uploads(again)
    expect(again.get_by_text("上次有 1 个文件没传完")).to_be_visible()
    expect(row(again, heavy)).to_contain_text("上次没传完")
    keep(again, "upload-unfinished")
    choose(again, heavy)
    expect(row(again, heavy)).to_contain_text("仅自己可见", timeout=ENCODED_LIMIT_MS)
    assert uploads == []
    assert parts[0] >= 0.6 * heavy.stat().st_size - IN_FLIGHT
    _arrived_whole(person, heavy)


def _sent(page: Page, path: Path, percent: int) -> None:
    """Wait until so much of a file has gone out."""
    page.wait_for_function(
        """([name, percent]) => {
            const rows = [...document.querySelectorAll(".upload-row")];
            const row = rows.find((one) => one.querySelector(".upload-name b").title === name);
            return row && parseInt(row.querySelector(".upload-detail").textContent) >= percent;
        }""",
        arg=[path.name, percent],
    )


def _arrived_whole(person: PersonOf, path: Path) -> None:
    """What the service keeps is the file, byte for byte."""
    author = person(AUTHOR)
    (number,) = (
        item["id"]
        for item in author.get("/resources?mine=1&limit=100")["items"]
        if item["title"] == path.stem
    )
    assert author.ask(f"/resources/{number}/download/original").body() == path.read_bytes()


def test_what_cannot_be_published_says_why(
    library: Service, page_of: PageOf, tmp_path: Path
) -> None:
    garbled = files.garbled(tmp_path / "优盘坏了.mp4")
    cut_off = files.cut_off(tmp_path / "没写完.mp4")
    page = page_of(AUTHOR)
    page.goto("/upload")
    drop(page, garbled, cut_off)
    for path, reason, remedy in (
        (garbled, "认不出这是什么文件", "录像存成 MP4"),
        (cut_off, "录像没有写完", "请在录课机上重新导出"),
    ):
        expect(row(page, path)).to_have_attribute("data-phase", "failed", timeout=30_000)
        expect(row(page, path)).to_contain_text(reason)
        expect(row(page, path)).to_contain_text(remedy)
        # The same bytes are refused every time: a retry would only waste her time.
        expect(row(page, path).get_by_role("button", name="重试")).to_have_count(0)
    keep(page, "upload-failed")
    page.goto("/mine?tab=failed")
    keep(page, "mine-failed")
    expect(page.locator(".work", has_text="没写完").first).to_contain_text("录像没有写完")


def test_without_script_a_form_sends_a_file_with_all_that_is_said_of_it(
    library: Service, page_of: PageOf, tmp_path: Path
) -> None:
    plain = files.plain(tmp_path / "a1.txt", "晚自习值班安排\n\n每班一人。\n")
    page = page_of(AUTHOR, java_script_enabled=False)
    page.goto("/upload")
    page.get_by_label("题目").fill("晚自习值班办法")
    page.get_by_label("种类").select_option(label="管理制度")
    page.get_by_label("本校", exact=True).check()
    page.get_by_label("文件", exact=True).set_input_files(plain)
    page.get_by_role("button", name="上传这个文件").click()
    work = page.get_by_role("listitem").filter(has_text="晚自习值班办法")
    expect(work).to_contain_text("管理制度")
    expect(work).to_contain_text("谁能看到：龙山县桐木溪中学")
