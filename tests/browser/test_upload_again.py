"""Uploads that are begun twice: after a reload, on a line that loses an answer, in a second window;
and one that is taken back while it is worked on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Route, TimeoutError, expect

from tests.browser import files
from tests.browser.conftest import PageOf, PersonOf
from tests.browser.files import MIB
from tests.browser.service import Service
from tests.browser.uploading import Line, begun, choose, describe, drop, open_uploads, row
from tests.browser.windows import keep
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.media]

AUTHOR = "xiangyuhe"
READY = "仅自己可见"


def numbers_of(person: PersonOf, title: str) -> list[int]:
    """The author's works of this title."""
    items = person(AUTHOR).get("/resources?mine=1&limit=100")["items"]
    return [item["id"] for item in items if item["title"] == title]


def test_what_had_not_begun_is_there_after_a_reload_with_what_was_said_of_it(
    library: Service, page_of: PageOf, person: PersonOf, tmp_path: Path
) -> None:
    heavy = [files.garbled(tmp_path / f"慢慢传{n}.mp4", 6 * MIB) for n in range(2)]
    waiting = files.plain(tmp_path / "a1.txt", "值日安排\n\n每组一天。\n")
    page = page_of(AUTHOR)
    open_uploads(page)
    Line(page).at(4)
    choose(page, *heavy, waiting)
    describe(page, waiting)
    page.get_by_label("题目").fill("排队时改的题目")
    page.get_by_label("简介").fill("简介不跟着请求头走。")
    expect(row(page, waiting)).to_have_attribute("data-phase", "queued")
    expect(row(page, heavy[0])).to_contain_text("%")

    page.reload()
    expect(row(page, waiting)).to_contain_text("还没开始传，再选一次这个文件就行")
    expect(page.get_by_text("上次有 3 个文件没传完")).to_be_visible()
    keep(page, "upload-not-begun")
    uploads = begun(page)
    choose(page, *heavy, waiting)
    expect(row(page, waiting)).to_contain_text(READY, timeout=60_000)
    for path in heavy:
        expect(row(page, path)).to_contain_text("认不出这是什么文件", timeout=60_000)
    assert len(uploads) == 1, "the others go on where they were"
    (number,) = numbers_of(person, "排队时改的题目")

    # It is sent when the file is there, and a pause after.
    def summary() -> bool:
        page.wait_for_timeout(100)
        said: str = person(AUTHOR).get(f"/resources/{number}")["summary"]
        return said == "简介不跟着请求头走。"

    until(summary, what="the summary")


def test_a_creation_whose_answer_is_lost_makes_one_resource(
    library: Service, page_of: PageOf, person: PersonOf, tmp_path: Path
) -> None:
    paper = files.paper(tmp_path / "只有一份.docx", "只有一份", "第一条　只有一份。")
    page = page_of(AUTHOR)
    open_uploads(page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if not lost:
            lost.append(route.fetch().headers["tongke-resource"])
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/uploads", lose)
    choose(page, paper)
    expect(row(page, paper)).to_contain_text("网断了，自动续传")
    expect(row(page, paper)).to_contain_text(READY, timeout=60_000)
    assert numbers_of(person, "只有一份") == [int(lost[0])]


def test_a_refused_creation_says_why_and_goes_on_once_it_is_mended(
    library: Service, page_of: PageOf, tmp_path: Path
) -> None:
    slow = [files.garbled(tmp_path / f"占着线{n}.mp4", 2 * MIB) for n in range(2)]
    paper = files.plain(tmp_path / "a2.txt", "值日安排\n\n每组一天。\n")
    page = page_of(AUTHOR)
    open_uploads(page)
    Line(page).at(4)
    choose(page, *slow, paper)
    describe(page, paper)
    page.get_by_label("题目").fill("长" * 201)
    row(page, paper).get_by_role("button", name="先传这个").click()
    expect(row(page, paper)).to_contain_text("有几处填得不对")
    expect(row(page, paper)).to_contain_text("太长了，最多 200 个字")
    page.get_by_label("题目").fill("题目不长")
    row(page, paper).get_by_role("button", name="重试").click()
    expect(row(page, paper)).to_contain_text(READY, timeout=60_000)
    for path in slow:
        expect(row(page, path)).to_contain_text("认不出这是什么文件", timeout=60_000)


def test_a_second_window_does_not_send_it_too(
    library: Service, page_of: PageOf, person: PersonOf, tmp_path: Path
) -> None:
    heavy = files.garbled(tmp_path / "两个窗口.mp4", 6 * MIB)
    page = page_of(AUTHOR)
    open_uploads(page)
    Line(page).at(4)
    choose(page, heavy)
    expect(row(page, heavy)).to_contain_text("%")
    second = page.context.new_page()
    uploads = begun(second)
    open_uploads(second)
    choose(second, heavy)
    expect(second.get_by_text("“两个窗口.mp4”正在另一个窗口里传")).to_be_visible()
    expect(row(second, heavy)).to_have_count(0)
    assert uploads == []
    page.close()

    # A window that is being closed may answer once more.
    def offered() -> bool:
        second.reload()
        with suppress(TimeoutError):
            row(second, heavy).wait_for(timeout=5000)
        return row(second, heavy).count() == 1

    until(offered, what="the closed window's file")
    row(second, heavy).get_by_role("button", name="移除").click()
    expect(row(second, heavy)).to_have_count(0)
    second.goto("about:blank")
    until(lambda: not person(AUTHOR).get("/uploads")["items"], what="it is ended")


def test_a_renamed_file_goes_on_at_its_byte(
    library: Service, page_of: PageOf, tmp_path: Path
) -> None:
    heavy = files.garbled(tmp_path / "旧名.mp4", 6 * MIB)
    page = page_of(AUTHOR)
    open_uploads(page)
    Line(page).at(8)
    choose(page, heavy)
    expect(row(page, heavy)).to_contain_text("%")
    page.reload()
    expect(row(page, heavy)).to_contain_text("上次没传完")
    uploads = begun(page)
    choose(page, heavy.rename(tmp_path / "新名.mp4"))
    expect(row(page, heavy)).to_contain_text("认不出这是什么文件", timeout=60_000)
    assert uploads == []


def test_what_is_worked_on_can_be_cancelled_and_brought_back(
    library: Service, page_of: PageOf, person: PersonOf, tmp_path: Path
) -> None:
    lesson = files.lesson(tmp_path / "传错了的课.mp4", seconds=5, size="640x360")
    page = page_of(AUTHOR)
    page.goto("/upload")
    with library.without_encoders():
        drop(page, lesson)
        cancel = row(page, lesson).get_by_role("button", name="取消")
        expect(row(page, lesson)).to_have_attribute("data-phase", "playable", timeout=60_000)
        keep(page, "upload-cancel")
        cancel.click()
        page.get_by_role("button", name="撤销").click()
        expect(row(page, lesson)).to_have_attribute("data-phase", "playable")
        cancel.click()
        expect(row(page, lesson)).to_have_count(0)
        # A page that is left has decided.
        page.goto("about:blank")
        until(lambda: not numbers_of(person, "传错了的课"), what="it is gone")
