"""The upload page as a teacher uses it, and her line."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import CDPSession, Locator, Page, expect

MBIT = 1_000_000 / 8


class Line:
    """What stands between a page and the service: its rate, and whether it is there at all."""

    def __init__(self, page: Page) -> None:
        self._devtools: CDPSession = page.context.new_cdp_session(page)
        self._devtools.send("Network.enable")

    def at(self, mbit_s: float) -> None:
        self._set(offline=False, bytes_s=mbit_s * MBIT)

    def cut(self) -> None:
        self._set(offline=True, bytes_s=0)

    def whole(self) -> None:
        self._set(offline=False, bytes_s=-1)

    def _set(self, *, offline: bool, bytes_s: float) -> None:
        self._devtools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": offline,
                "latency": 0,
                "downloadThroughput": -1,
                "uploadThroughput": bytes_s,
            },
        )


def open_uploads(page: Page) -> None:
    """The page, with the old way of choosing files: a driver cannot click through the pickers."""
    page.add_init_script("delete window.showOpenFilePicker; delete window.showDirectoryPicker;")
    page.goto("/upload")


def choose(page: Page, *paths: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator("button:visible", has_text="选文件").first.click()
    chooser.value.set_files(list(paths))


def drop(page: Page, *paths: Path) -> None:
    """Drag files from a folder onto the page, as the operating system would."""
    devtools = page.context.new_cdp_session(page)
    dragged = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send(
            "Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 400, "data": dragged}
        )


def row(page: Page, path: Path) -> Locator:
    return page.locator(".upload-row", has=page.locator(f'b[title="{path.name}"]'))


def describe(page: Page, path: Path) -> None:
    """Choose a row; the fields beside are of its file a frame later."""
    row(page, path).click()
    expect(page.locator(".upload-panel-head b")).to_have_text(path.name)


def offsets_sent(page: Page) -> list[int]:
    """Fills with the byte at which each part that the page sends begins (tus PATCH)."""
    found: list[int] = []
    page.on(
        "request",
        lambda request: (
            found.append(int(request.headers["upload-offset"]))
            if request.method == "PATCH" and "upload-offset" in request.headers
            else None
        ),
    )
    return found


def begun(page: Page) -> list[str]:
    """Fills with the uploads that the page begins (tus creation)."""
    found: list[str] = []
    page.on(
        "request",
        lambda request: (
            found.append(request.url)
            if request.method == "POST" and request.url.endswith("/api/v1/uploads")
            else None
        ),
    )
    return found
