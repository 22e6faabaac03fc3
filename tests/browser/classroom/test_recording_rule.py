"""A school's rule of its recordings, from a room's camera and microphone to what is recorded: what
is not to be seen or heard there is not, though the lead sees and hears the room all the while."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.classroom import lead_page, made_up
from tests.browser.classroom.conftest import FAKE_DEVICES, Launch, Open
from tests.browser.classroom.lead_page import composed, row
from tests.browser.classroom.made_up import Colour, is_near, until_it_shows
from tests.browser.classroom.test_room_talk import talks
from tests.browser.classroom.world import World
from tests.services.live.ingest.test_publishing import fetched, playlist
from tests.waiting import until
from tongke.classes.school.recording_rule import RecordingRule

pytestmark = [pytest.mark.browser, pytest.mark.media]

YELLOW, PINK = (230, 200, 30), (220, 40, 200)
PANEL = (23, 34, 30)
TEACHER_HZ, ROOM_HZ = 500, 1300
# What is there has some −15 dB; of what is not, a filter leaves some −70 of the rest.
HEARD_DB, SILENT_DB = -40.0, -55.0
# What is looked at of the recording, in pictures of this size.
RATE, WIDTH, HEIGHT = 4, 32, 18

# How loud a pitch is in what a room sends, at its loudest in a second, in dB of full.
LOUDNESS = """async (video, hertz) => {
  const context = new AudioContext();
  const meter = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
  context.createMediaStreamSource(video.srcObject).connect(meter);
  const found = new Float32Array(meter.frequencyBinCount);
  let loudest = -200;
  for (const until = performance.now() + 1000; performance.now() < until;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    meter.getFloatFrequencyData(found);
    loudest = Math.max(loudest, found[Math.round(hertz * 4096 / context.sampleRate)]);
  }
  await context.close();
  return Math.max(loudest, -200);
}"""


@pytest.fixture(scope="module")
def lead_browser(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return launch(*devices(tmp_path_factory.mktemp("lead"), YELLOW, TEACHER_HZ))


@pytest.fixture(scope="module")
def room_browser(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return launch(*devices(tmp_path_factory.mktemp("room"), PINK, ROOM_HZ))


def devices(folder: Path, colour: Colour, hertz: int) -> tuple[str, ...]:
    camera = made_up.camera(folder / "camera.mjpeg", colour, colour)
    return *FAKE_DEVICES, camera, made_up.microphone(folder / "microphone.wav", hertz)


@pytest.mark.parametrize(("seen", "heard"), [(True, False), (False, True)])
def test_a_recording_has_of_a_room_that_speaks_what_the_rule_lets_in(
    world: World, open_page: Open, lead_browser: Browser, room_browser: Browser, tmp_path: Path,
    seen: bool, heard: bool,
) -> None:  # fmt: skip
    rule = RecordingRule(rooms_seen=seen, rooms_heard=heard)
    class_id = world.book(recording=rule)
    room = open_page("/room", "room", browser=room_browser)
    page = lead_page.begin(open_page, class_id, lead_browser)
    until_it_shows(composed(page), {YELLOW: [(0.5, 0.5)]})
    row(page).get_by_role("button", name="请发言").click()
    talks(room)
    speaks(page)
    # Its picture takes the whole of the lesson's, or its name does.
    page.keyboard.press("5")
    until_it_shows(composed(page), {PINK if seen else PANEL: [(0.05, 0.05), (0.95, 0.95)]})
    for _ in range(3):
        speaks(page)
    lead_page.end(page, class_id)
    recording = recorded(world, class_id, tmp_path / "recording.mp4")
    assert loudness(world, recording, TEACHER_HZ) > HEARD_DB
    in_pictures = colours(world, recording)
    assert has(in_pictures, YELLOW)
    assert has(in_pictures, PINK) is seen
    room_db = loudness(world, recording, ROOM_HZ)
    assert room_db > HEARD_DB if heard else room_db < SILENT_DB, room_db


def speaks(page: Page) -> None:
    """Wait until the lead sees the room and hears it."""
    video = row(page).locator("video")
    until_it_shows(video, {PINK: [(0.5, 0.5)]})
    until(lambda: video.evaluate(LOUDNESS, ROOM_HZ) > HEARD_DB, what="the lead hears the room")


def recorded(world: World, class_id: int, path: Path) -> Path:
    """The recording, as one file."""

    async def fetch() -> bytes:
        return await fetched(world.house, class_id, await playlist(world.house, class_id))

    path.write_bytes(world.do(fetch()))
    return path


def loudness(world: World, recording: Path, hertz: int) -> float:
    """How loud a pitch is on the whole, in dB of full."""
    narrow = f"bandpass=f={hertz}:width_type=h:width=60"
    sound = ["-vn", "-af", f"{narrow},{narrow},{narrow},volumedetect"]
    told = ffmpeg(world, recording, *sound, "-f", "null", "-").stderr.decode()
    (found,) = re.findall(r"mean_volume: (\S+) dB", told)
    return float(found)


def colours(world: World, recording: Path) -> set[Colour]:
    """All colours of its pictures, looked at in small."""
    small = ["-an", "-vf", f"fps={RATE},scale={WIDTH}:{HEIGHT}", "-pix_fmt", "rgb24"]
    data = ffmpeg(world, recording, *small, "-f", "rawvideo", "-").stdout
    return set(zip(data[::3], data[1::3], data[2::3], strict=True))


def has(found: set[Colour], wanted: Colour) -> bool:
    return any(is_near(colour, wanted) for colour in found)


def ffmpeg(world: World, recording: Path, *wanted: str) -> subprocess.CompletedProcess[bytes]:
    program = world.house.ground.programs.ffmpeg
    command = [program, "-hide_banner", "-nostdin", "-i", recording, *wanted]
    return subprocess.run(command, check=True, capture_output=True)
