"""A classroom's PC after a power cut: its start line brings it back into the class, untouched.

The policy file lies where only an administrator writes. Where the tests are one, it is put there;
elsewhere the browser is told in its place that its camera may be used.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.classroom.conftest import FAKE_DEVICES
from tests.browser.classroom.in_class import SOON_MS, in_step
from tests.browser.classroom.world import World
from tests.browser.conftest import CHROMIUM
from tests.browser.service import ROOT
from tests.servers.process import LEFT_OUT
from tests.waiting import until

pytestmark = pytest.mark.browser

KIOSK = ROOT / "deploy" / "kiosk"
ADDRESS = "https://tongke.example"
# Where a Chromium of Linux has its policies (docs/kiosk.zh-CN.md).
POLICY = Path("/etc/chromium/policies/managed/tongke.json")
STATES = """async () => Promise.all(["camera", "microphone"].map(
  async (name) => (await navigator.permissions.query({ name })).state))"""


class Screen:
    """A PC that has the start line, and no more."""

    def __init__(self, playwright: Playwright, world: World, profile: Path) -> None:
        self._playwright, self._world, self.profile = playwright, world, profile
        self._process: subprocess.Popen[bytes] | None = None

    def switch_on(self, *devices: str) -> Page:
        """Its page, as soon as the browser has one. `devices` are its camera and microphone: those
        that are made up and may be used, unless others are named."""
        assert CHROMIUM
        port = self.profile / "DevToolsActivePort"
        port.unlink(missing_ok=True)
        programs = self.profile.parent / "programs"
        programs.mkdir(exist_ok=True)
        if not (programs / "chromium").exists():
            (programs / "chromium").symlink_to(CHROMIUM)
        self._process = subprocess.Popen(
            [KIOSK / "tongke-room.sh", "--headless=new", "--no-sandbox", "--disable-gpu",
             "--remote-debugging-port=0", *(devices or FAKE_DEVICES)],
            env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}",
                 "TONGKE_ROOM": f"{self._world.url}/room",
                 "TONGKE_ROOM_PROFILE": str(self.profile)},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        return self.page()

    def page(self) -> Page:
        port = self.profile / "DevToolsActivePort"
        until(lambda: port.is_file() and len(port.read_text().split()) == 2, what="a browser")
        address = f"http://127.0.0.1:{port.read_text().split()[0]}"
        browser = self._playwright.chromium.connect_over_cdp(address)
        (context,) = browser.contexts
        return until(lambda: context.pages[0] if context.pages else None, what="a page")  # type: ignore[return-value]

    def cut(self) -> None:
        """The power goes."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@pytest.fixture
def screen(playwright: Playwright, world: World, tmp_path: Path) -> Iterator[Screen]:
    screen = Screen(playwright, world, tmp_path / "profile")
    yield screen
    screen.cut()


@pytest.fixture
def policy(world: World) -> Iterator[None]:
    """The policy file with the service's address, where the browser looks for it."""
    if os.geteuid() != 0:
        pytest.skip(f"{LEFT_OUT}the policy file's folder is root's: run as root, in a container")
    if POLICY.exists():
        pytest.skip(f"{LEFT_OUT}{POLICY} is this machine's own: move it away")
    made = [folder for folder in (POLICY.parent, POLICY.parent.parent) if not folder.exists()]
    POLICY.parent.mkdir(parents=True, exist_ok=True)
    shipped = (KIOSK / "policies.json").read_text("utf-8")
    POLICY.write_text(shipped.replace(ADDRESS, world.url), "utf-8")
    yield
    POLICY.unlink()
    for folder in made:
        folder.rmdir()


@pytest.mark.usefixtures("policy")
def test_with_the_policy_nobody_is_asked_for_the_camera(world: World, screen: Screen) -> None:
    world.book(minutes=5)
    page = screen.switch_on("--use-fake-device-for-media-stream")
    page.fill("[name=code]", world.slip())
    page.click(".door-form button")
    states = page.locator(".room-checks li .state")
    for device in (states.nth(0), states.nth(1)):
        expect(device).to_have_class("state", timeout=SOON_MS)
    expect(page.locator(".room-mirror")).to_be_visible()
    assert page.evaluate(STATES) == ["granted", "granted"]
    # To this address alone: by another name it is another's.
    page.goto(f"{world.url.replace('127.0.0.1', 'localhost')}/login")
    assert page.evaluate(STATES) == ["prompt", "prompt"]


def test_a_power_cut_ends_in_the_class(world: World, screen: Screen) -> None:
    class_id = world.book()
    world.begin(class_id)
    page = screen.switch_on()
    page.fill("[name=code]", world.slip())
    page.click(".door-form button")
    in_step(page)
    page.keyboard.press("Space")
    until(lambda: world.room(class_id)["hand"] == 1, what="a hand is up")
    # Somebody closes the browser: it is there again within seconds, signed in.
    began = time.monotonic()
    (screen.profile / "DevToolsActivePort").unlink()
    browser = page.context.browser
    assert browser
    browser.new_browser_cdp_session().send("Browser.close")
    page = screen.page()
    in_step(page)
    assert time.monotonic() - began < SOON_MS / 1000
    screen.cut()
    until(lambda: not world.room(class_id)["present"], what="the room is missed")
    page = screen.switch_on()
    in_step(page)
    expect(page.locator(".room-hand")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("!document.querySelector('.room-video').paused")
    expect(page.locator(".room-unblock")).to_be_hidden()


def test_the_policy_asks_for_nothing_but_the_service() -> None:
    policy = json.loads((KIOSK / "policies.json").read_text())
    for name in ("AutoplayAllowlist", "VideoCaptureAllowedUrls", "AudioCaptureAllowedUrls"):
        assert policy[name] == [ADDRESS]
    assert policy["RestoreOnStartupURLs"] == [f"{ADDRESS}/room"]
    for name in ("tongke-room.cmd", "tongke-room.sh"):
        said = (KIOSK / name).read_text("utf-8")
        assert f"{ADDRESS}/room" in said
        assert "--kiosk" in said and "--autoplay-policy=no-user-gesture-required" in said
