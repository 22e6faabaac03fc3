"""Uploading as a teacher on a bad line does it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from web.tests.browser.fake_api import FakeApi, Running, Upload

pytestmark = pytest.mark.browser

MIB = 1024 * 1024
LESSON = "七年级数学上册 5.3 实际问题与一元一次方程（第2课时）.mp4"


def make(folder: Path, name: str, size: int) -> Path:
    path = folder / name
    path.write_bytes(bytes(range(256)) * (size // 256))
    return path


def open_page(page: Page, server: Running) -> None:
    # Without the pickers Playwright can hand files over; the old way is what Firefox has too.
    page.add_init_script("delete window.showOpenFilePicker; delete window.showDirectoryPicker;")
    page.goto(f"{server.url}/upload")


def choose(page: Page, *paths: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("button:visible", has_text="选文件").first.click()
    chooser.value.set_files([str(path) for path in paths])


def row(page: Page, name: str) -> Locator:
    return page.locator(".upload-row", has=page.locator(f'b[title="{name}"]'))


def test_a_file_is_sent_whole_with_what_its_name_says(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    path = make(tmp_path, LESSON, 2 * MIB)
    open_page(page, server)
    choose(page, path)
    expect(row(page, LESSON)).to_have_attribute("data-phase", "checking")
    (upload,) = api.uploads.values()
    assert bytes(upload.data) == path.read_bytes()
    assert upload.fields == {
        "filename": LESSON,
        "title": "5.3 实际问题与一元一次方程（第2课时）",
        "kind": "lesson_recording",
        "stage": "junior",
        "grade": "7",
        "subject": "math",
        "unit": "上册 第五章",
        "lesson": "5.3",
        "audience": "user:7",
    }
    assert api.csrf_missing == 0
    expect(page.get_by_label("年级", exact=True)).to_have_value("7")
    expect(page.locator(".upload-panel")).to_contain_text("从“七年级”")


def test_a_row_follows_its_resource_to_the_end(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    open_page(page, server)
    choose(page, make(tmp_path, "课.mp4", MIB))
    line = row(page, "课.mp4")
    expect(line).to_contain_text("正在检查")
    (resource,) = api.resources.values()
    progress = {"step": "ladder", "percent": 43, "eta_s": 120}
    resource.update(state="encoding", viewable=True, progress=progress)
    expect(line).to_contain_text("可以看了，转码中")
    expect(line).to_contain_text("转各档清晰度 43%，还要 2 分钟")
    expect(line.get_by_role("link", name="去看看")).to_have_attribute("href", "/resources/100")
    failure = {"code": "x", "message": "录像没有写完", "remedy": "请重新导出", "may_retry": True}
    resource.update(state="failed", failure=failure)
    expect(line).to_contain_text("录像没有写完")
    resource.update(state="published", failure=None)
    line.get_by_role("button", name="重试").click()
    expect(line).to_contain_text("做好了")
    expect(line).to_contain_text("仅自己可见")


def test_what_is_deleted_elsewhere_leaves_the_list(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    open_page(page, server)
    choose(page, make(tmp_path, "课.mp4", MIB))
    expect(row(page, "课.mp4")).to_contain_text("正在检查")
    api.resources.clear()
    expect(row(page, "课.mp4")).to_have_count(0)


def test_a_cut_line_is_taken_up_again_at_its_byte(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    path = make(tmp_path, "课.mp4", 4 * MIB)
    api.cut_after = MIB
    open_page(page, server)
    choose(page, path)
    line = row(page, "课.mp4")
    expect(line).to_contain_text("网断了，自动续传")
    expect(line).to_contain_text("次重连在")
    api.cut_after = None
    line.get_by_role("button", name="现在重连").click()
    expect(line).to_have_attribute("data-phase", "checking")
    (upload,) = api.uploads.values()
    assert bytes(upload.data) == path.read_bytes(), "one upload, nothing twice"


def test_when_the_service_is_down_it_goes_on_by_itself_and_never_starts_over(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    path = make(tmp_path, "课.mp4", 4 * MIB)
    api.bytes_per_s = 2 * MIB
    open_page(page, server)
    choose(page, path)
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "uploading")
    page.wait_for_function("document.querySelector('.upload-detail').textContent !== '0%'")
    api.cut_after, api.down = 1, True
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "cut")
    api.cut_after, api.down, api.bytes_per_s = None, False, 0
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "checking", timeout=20_000)
    assert len(api.uploads) == 1
    assert [method for method, path in api.seen if path == "/api/v1/uploads"].count("POST") == 1


def test_after_the_page_was_closed_the_same_file_goes_on_at_its_byte(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    path = make(tmp_path, "课.mp4", 4 * MIB)
    api.cut_after = 2 * MIB
    open_page(page, server)
    choose(page, path)
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "cut")
    kept = len(next(iter(api.uploads.values())).data)
    page.goto("about:blank")
    api.cut_after = None
    open_page(page, server)
    expect(page.get_by_text("上次有 1 个文件没传完")).to_be_visible()
    expect(row(page, "课.mp4")).to_contain_text("上次没传完")
    api.seen.clear()
    choose(page, path)
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "checking")
    (upload,) = api.uploads.values()
    assert kept > 0
    assert bytes(upload.data) == path.read_bytes()
    assert "POST" not in {method for method, where in api.seen if where == "/api/v1/uploads"}


def test_another_file_of_the_same_name_is_not_mixed_in(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    path = make(tmp_path, "课.mp4", 4 * MIB)
    api.cut_after = 2 * MIB
    open_page(page, server)
    choose(page, path)
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "cut")
    page.goto("about:blank")
    api.cut_after = None
    path.write_bytes(b"another lesson" * (4 * MIB // 14))
    open_page(page, server)
    expect(row(page, "课.mp4")).to_have_count(1)
    choose(page, path)
    expect(row(page, "课.mp4")).to_have_count(2)


def test_an_upload_whose_last_answer_was_lost_is_only_finished(
    page: Page, server: Running, api: FakeApi
) -> None:
    upload = Upload("u1", 3, {"filename": "课.mp4"}, bytearray(b"abc"))
    api.uploads["u1"] = upload
    open_page(page, server)
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "checking")
    assert upload.resource is not None


def test_an_expired_upload_is_sent_anew(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    path = make(tmp_path, "课.mp4", 4 * MIB)
    api.cut_after = MIB
    open_page(page, server)
    choose(page, path)
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "cut")
    api.uploads.clear()
    api.cut_after = None
    row(page, "课.mp4").get_by_role("button", name="现在重连").click()
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "checking")
    (upload,) = api.uploads.values()
    assert bytes(upload.data) == path.read_bytes()


def test_two_at_a_time_and_one_may_go_first(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    api.bytes_per_s = MIB / 2
    open_page(page, server)
    choose(page, *(make(tmp_path, f"{n}.mp4", 8 * MIB) for n in (1, 2, 3)))
    expect(row(page, "1.mp4")).to_have_attribute("data-phase", "uploading")
    expect(row(page, "3.mp4")).to_have_attribute("data-phase", "queued")
    expect(row(page, "3.mp4")).to_contain_text("前面 2 个文件")
    row(page, "3.mp4").get_by_role("button", name="先传这个").click()
    expect(row(page, "3.mp4")).to_have_attribute("data-phase", "uploading")
    expect(row(page, "2.mp4")).to_have_attribute("data-phase", "queued")
    row(page, "1.mp4").get_by_role("button", name="暂停").click()
    expect(row(page, "1.mp4")).to_contain_text("已暂停")
    expect(row(page, "2.mp4")).to_have_attribute("data-phase", "uploading")


def test_edits_apply_to_all_that_are_selected_and_save_themselves(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    open_page(page, server)
    choose(page, make(tmp_path, "a.mp4", MIB), make(tmp_path, "b.mp4", MIB))
    for name in ("a.mp4", "b.mp4"):
        expect(row(page, name)).to_have_attribute("data-phase", "checking")
    page.get_by_label("全选").check()
    expect(page.locator(".upload-panel")).to_contain_text("选中的 2 个文件")
    page.get_by_label("学科", exact=True).select_option("math")
    page.get_by_label("年级", exact=True).select_option("8")
    page.get_by_role("button", name="橘洲路中学").click()
    page.get_by_role("button", name="全县").click()
    expect(page.locator(".upload-panel")).to_contain_text("要经花垣县教育局审核")
    page.wait_for_function("document.querySelector('.upload-saved').textContent === '改动自动保存'")
    wanted = {"subject": "math", "grade": "8", "stage": "junior"}
    wanted["audience"] = ["agreement:1", "region:430102"]
    saved = {what: {} for what, _ in api.patches}
    for what, body in api.patches:
        saved[what] |= body
    assert saved == {"resource 100": wanted, "resource 101": wanted}


def test_what_is_wrong_is_said_beside_its_field(
    page: Page, server: Running, tmp_path: Path
) -> None:
    open_page(page, server)
    choose(page, make(tmp_path, "a.mp4", MIB))
    expect(row(page, "a.mp4")).to_have_attribute("data-phase", "checking")
    page.get_by_label("题目").fill("")
    field = page.locator(".upload-field", has=page.get_by_label("题目"))
    expect(field).to_contain_text("请写题目")
    expect(page.get_by_label("题目")).to_have_attribute("aria-invalid", "true")


def test_files_that_cannot_be_used_say_so_at_once(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    open_page(page, server)
    choose(page, make(tmp_path, "空.mp4", 0), make(tmp_path, "工具.exe", 512))
    expect(row(page, "空.mp4")).to_contain_text("这个文件是空的")
    expect(row(page, "工具.exe")).to_contain_text("这种文件不收")
    assert api.uploads == {}


def test_the_same_file_is_not_sent_twice(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    path = make(tmp_path, "课.mp4", MIB)
    open_page(page, server)
    choose(page, path)
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "checking")
    open_page(page, server)
    choose(page, path)
    expect(row(page, "课.mp4")).to_contain_text("库里已有")
    expect(row(page, "课.mp4").get_by_role("link")).to_have_attribute("href", "/resources/100")
    assert len(api.uploads) == 1


def test_removing_can_be_undone_and_is_then_final(
    page: Page, server: Running, api: FakeApi, tmp_path: Path
) -> None:
    api.bytes_per_s = MIB / 2
    open_page(page, server)
    choose(page, make(tmp_path, "课.mp4", 8 * MIB))
    line = row(page, "课.mp4")
    line.get_by_role("button", name="暂停").click()
    line.get_by_role("button", name="移除").click()
    expect(line).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(line).to_contain_text("已暂停")
    line.get_by_role("button", name="移除").click()
    page.goto("about:blank")
    open_page(page, server)
    expect(page.get_by_text("把文件或文件夹拖到这里")).to_be_visible()
    assert api.uploads == {}


def test_kept_handles_go_on_with_one_click(page: Page, server: Running, api: FakeApi) -> None:
    """The browser's private file system gives real handles without a picker to click through."""
    page.add_init_script("""
        window.showOpenFilePicker = async () => {
            const folder = await navigator.storage.getDirectory();
            return [await folder.getFileHandle("课.mp4", { create: true })];
        };
        FileSystemFileHandle.prototype.queryPermission ??= async () => "granted";
    """)
    page.goto(f"{server.url}/upload")
    page.evaluate("""async () => {
        const [handle] = await window.showOpenFilePicker();
        const writer = await handle.createWritable();
        await writer.write(new Uint8Array(4 * 1024 * 1024).fill(7));
        await writer.close();
    }""")
    api.cut_after = MIB
    page.locator("button:visible", has_text="选文件").first.click()
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "cut")
    api.cut_after = None
    page.goto(f"{server.url}/upload")
    page.locator(".upload-notice").get_by_role("button", name="接着传").click()
    expect(row(page, "课.mp4")).to_have_attribute("data-phase", "checking")
    (upload,) = api.uploads.values()
    assert bytes(upload.data) == bytes([7]) * (4 * MIB)


def test_a_folder_is_dropped_whole(page: Page, server: Running) -> None:
    page.goto(f"{server.url}/upload")
    page.evaluate("""async () => {
        const root = await navigator.storage.getDirectory();
        const folder = await root.getDirectoryHandle("七年级数学", { create: true });
        for (const name of ["第10课.txt", "第2课.txt", ".DS_Store"]) {
            const file = await folder.getFileHandle(name, { create: true });
            const writer = await file.createWritable();
            await writer.write("text of " + name);
            await writer.close();
        }
        const transfer = new DataTransfer();
        transfer.items.add(new File(["x"], "placeholder.txt"));
        const event = new DragEvent("drop", { dataTransfer: transfer, bubbles: true });
        DataTransferItem.prototype.getAsFileSystemHandle = async () => folder;
        document.body.dispatchEvent(event);
    }""")
    expect(page.locator(".upload-row")).to_have_count(2)
    names = page.locator(".upload-name b").all_text_contents()
    assert names == ["第2课.txt", "第10课.txt"]
    expect(page.get_by_label("年级", exact=True)).to_have_value("7")
    expect(page.locator(".upload-panel")).to_contain_text("从文件夹“七年级数学”")
