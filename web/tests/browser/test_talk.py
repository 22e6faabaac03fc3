"""A talk of real browsers: who hears and sees whom, and how soon."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

import hatch_build
from tongke.live.vocabulary import LessonKind, Playing
from web.tests.browser import talking
from web.tests.browser.conftest import ARGUMENTS, CHROMIUM
from web.tests.browser.fake_api import Running
from web.tests.browser.talking import Talking

pytestmark = pytest.mark.browser

# Pages without a camera's permission hide their addresses behind names of the local network.
PLAIN_ADDRESSES = "--disable-features=WebRtcHideLocalIpsWithMdns"
TEACHER, ROOM_2, ROOM_3 = 440, 800, 1300
RED, GREEN = "rgb(200, 0, 0)", "rgb(0, 200, 0)"
# The loudspeaker of an end, which no mix tells of.
SOUNDS = "() => voices.some(({ currentTime, muted }) => currentTime > 0.5 && !muted)"
EVERY_TONE = f"hears({TEACHER}, {ROOM_2}, {ROOM_3})"
# live.md: asked to speak until heard everywhere, and one way between two pages of a quiet machine.
HEARD_WITHIN_S = 2.0
BUSY_MACHINE_MS = 400


@pytest.fixture(scope="module")
def talking_browser(browser: Browser) -> Iterator[Browser]:
    chromium = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, PLAIN_ADDRESSES]
    )
    yield chromium
    chromium.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Talking:
    folder = tmp_path_factory.mktemp("talk")
    scripts = [f"classroom/{name}" for name in talking.SCRIPTS]
    hatch_build.node(hatch_build.WEB, "build.ts", str(folder), *scripts)
    return Talking(folder)


@pytest.fixture
def running(service: Talking) -> Iterator[Running]:
    found = Running(service)  # type: ignore[arg-type]  # all it asks for is an app
    yield found
    found.stop()


@pytest.fixture
def page_of(talking_browser: Browser) -> Iterator[Callable[[], Page]]:
    context = talking_browser.new_context()
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context.new_page
    context.close()
    assert errors == []


def wait(page: Page, condition: str, seconds: float = 15) -> None:
    page.wait_for_function(condition, timeout=seconds * 1000, polling=50)


def plays(service: Talking, playing: Playing) -> bool:
    """What the room has told of itself."""
    return service.state.rooms["2"].playing is playing


def hears(page: Page, *frequencies: int) -> None:
    """Wait until these are all that is heard."""
    wait(page, f"() => `${{{EVERY_TONE}}}` === '{','.join(map(str, frequencies))}'")


def test_each_hears_the_others_and_not_itself(
    service: Talking, running: Running, page_of: Callable[[], Page]
) -> None:
    service.begin(LessonKind.INTERACTIVE, "2", "3")
    lead = talking.lead(page_of(), running.url)
    second = talking.room(page_of(), running.url, "2", ROOM_2, RED)
    third = talking.room(page_of(), running.url, "3", ROOM_3, GREEN)
    hears(lead, TEACHER, ROOM_2, ROOM_3)
    hears(second, TEACHER, ROOM_3)
    hears(third, TEACHER, ROOM_2)
    wait(lead, "() => talk.picture('2') && talk.picture('3')")
    red, green, _ = lead.evaluate("() => look(talk.picture('2')).colour")
    assert red > 150 and green < 80
    red, green, _ = lead.evaluate("() => look(talk.picture('3')).colour")
    assert red < 80 and green > 150
    lesson = second.evaluate("() => look(video).colour")
    assert lesson[2] > 150

    ages = []
    for _ in range(20):
        ages.append(second.evaluate("() => look(video).age"))
        second.wait_for_timeout(60)
    assert statistics.median(ages) < BUSY_MACHINE_MS, ages

    lead.evaluate("() => session.command('mute', { room: '2', on: true })")
    hears(third, TEACHER)
    hears(lead, TEACHER, ROOM_3)
    wait(lead, "() => voices.filter(({ muted, srcObject }) => muted && srcObject).length === 1")
    lead.evaluate("() => session.command('mute', { room: '2', on: false })")
    hears(third, TEACHER, ROOM_2)


def test_who_is_called_up_is_heard_within_two_seconds_until_it_sits_down(
    service: Talking, running: Running, page_of: Callable[[], Page]
) -> None:
    service.begin(LessonKind.BROADCAST, "2", "3")
    lead = talking.lead(page_of(), running.url)
    second = talking.room(page_of(), running.url, "2", ROOM_2, RED)
    wait(lead, "() => session.hello")
    wait(second, "() => session.hello")
    hears(lead, TEACHER)

    asked = time.monotonic()
    lead.evaluate("() => session.command('call_up', { room: '2' })")
    hears(lead, TEACHER, ROOM_2)
    assert time.monotonic() - asked < HEARD_WITHIN_S
    hears(second, TEACHER)
    wait(second, "() => talk.state === 'talking'")
    assert plays(service, Playing.TALK)

    lead.evaluate("() => session.command('sit_down', { room: '2' })")
    hears(lead, TEACHER)
    wait(lead, "() => talk.picture('2') === null")
    wait(second, "() => talk.state === 'out' && video.srcObject === null")
    wait(second, "() => states.join() === 'connecting,talking,out'")
    ends = time.monotonic() + 5
    while not plays(service, Playing.LESSON):
        assert time.monotonic() < ends
        second.wait_for_timeout(50)


def test_the_talk_outlives_a_page_of_either_end(
    service: Talking, running: Running, page_of: Callable[[], Page]
) -> None:
    service.begin(LessonKind.INTERACTIVE, "2")
    lead = talking.lead(page_of(), running.url)
    second = talking.room(page_of(), running.url, "2", ROOM_2, RED)
    hears(lead, TEACHER, ROOM_2)
    talking.lead(lead, running.url)
    hears(lead, TEACHER, ROOM_2)
    hears(second, TEACHER)
    talking.room(second, running.url, "2", ROOM_3, GREEN)
    hears(lead, TEACHER, ROOM_3)
    hears(second, TEACHER)


def say_level(room: Page, level: str) -> None:
    room.evaluate(f"() => session.command('line', {{ room: '2', level: '{level}' }})")


def stands(page: Page, video: str) -> None:
    """Wait until nothing new is seen."""
    wait(page, f"() => look({video}).age > 2000")


def test_a_weak_line_gets_a_smaller_picture_and_at_last_the_voices_alone(
    service: Talking, running: Running, page_of: Callable[[], Page]
) -> None:
    service.begin(LessonKind.INTERACTIVE, "2")
    lead = talking.lead(page_of(), running.url)
    second = talking.room(page_of(), running.url, "2", ROOM_2, RED)
    wait(second, "() => video.videoWidth === 320")
    wait(lead, "() => talk.picture('2')?.videoWidth === 320")
    say_level(second, "small_picture")
    wait(second, "() => video.videoWidth === 160")
    wait(lead, "() => talk.picture('2').videoWidth === 160")
    say_level(second, "slides_and_sound")
    stands(second, "video")
    assert lead.evaluate("() => look(talk.picture('2')).age") < 2000
    say_level(second, "sound_only")
    stands(lead, "talk.picture('2')")
    hears(lead, TEACHER, ROOM_2)
    hears(second, TEACHER)
    say_level(second, "full")
    wait(second, "() => video.videoWidth === 320 && look(video).age < 2000")
    wait(lead, "() => look(talk.picture('2')).age < 2000")


def test_who_comes_with_sound_alone_is_heard_and_hears(
    service: Talking, running: Running, page_of: Callable[[], Page]
) -> None:
    service.begin(LessonKind.BROADCAST, "2")
    lead = talking.lead(page_of(), running.url)
    second = talking.room(page_of(), running.url, "2", ROOM_2, RED)
    wait(second, "() => session.hello")
    say_level(second, "sound_only")
    lead.evaluate("() => session.command('call_up', { room: '2' })")
    hears(lead, TEACHER, ROOM_2)
    hears(second, TEACHER)
    for end in (lead, second):
        wait(end, SOUNDS)


def test_a_room_without_a_camera_is_heard(
    service: Talking, running: Running, page_of: Callable[[], Page]
) -> None:
    service.begin(LessonKind.INTERACTIVE, "2")
    lead = talking.lead(page_of(), running.url)
    second = talking.room(page_of(), running.url, "2", ROOM_2, "")
    hears(lead, TEACHER, ROOM_2)
    wait(lead, SOUNDS)
    hears(second, TEACHER)
