"""A room whose browser has a network of its own talks, and is sent to its seat while it is cut off.

`test_talk_line.py` puts doors between the ends, and has lines of several kinds and their breaks.
Here the addresses are true, and the page's line to the service loses packets as TCP does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from playwright.sync_api import Browser, Page, Playwright

from bench.live.shaped_network import ShapedNetwork, shaped_network
from tests.browser.classroom.conftest import FAKE_DEVICES, Open
from tests.browser.classroom.talk_line import PEERS, heard, stands
from tests.browser.classroom.world import World
from tests.browser.conftest import ARGUMENTS
from tests.servers.process import Missing, or_skip
from tests.waiting import until

pytestmark = pytest.mark.browser

ROUND_TRIP_MS, LOSS = 200, 0.05
# Of its sound, which a page should get: two seconds, at 48 kHz.
SAMPLES = 96_000


@pytest.fixture
def network(world: World) -> Iterator[ShapedNetwork]:
    port = world.house.client.port
    assert port is not None
    stack = AsyncExitStack()
    try:
        laid = stack.enter_async_context(shaped_network(port, ROUND_TRIP_MS, LOSS))
        yield world.do(laid)
    except Missing as missing:
        or_skip(missing)
    finally:
        world.do(stack.aclose())


@pytest.fixture
def behind(playwright: Playwright, network: ShapedNetwork) -> Iterator[Browser]:
    """A browser there."""
    browser = playwright.chromium.launch(
        executable_path=network.browser, args=[*ARGUMENTS, *FAKE_DEVICES]
    )
    yield browser
    browser.close()


def hears(page: Page) -> None:
    """Wait until much was received of the other end in its newest call."""

    def enough() -> bool:
        now = heard(page)
        return now is not None and now.samples - now.concealed > SAMPLES

    until(enough, what="sound comes")


def test_a_room_talks_by_a_network_of_its_own_and_is_sent_to_its_seat_in_a_break(
    world: World, open_page: Open, network: ShapedNetwork, behind: Browser
) -> None:
    class_id = world.book()
    room = open_page(f"/room/in?code={world.slip()}", browser=behind)
    room.add_init_script(PEERS)
    room.click("text=登录这间教室")
    until(lambda: world.room(class_id)["present"], what="the room is there")
    lead = open_page(f"/classes/{class_id}/lead", "zhou")
    lead.add_init_script(PEERS)
    lead.reload()
    lead.get_by_role("button", name="开始上课").click()
    lead.get_by_role("button", name="请发言").click()
    stands(room, "talking")
    for page in (lead, room):
        hears(page)
    at_lead = heard(lead)
    assert at_lead is not None
    assert {host for host, _ in at_lead.addresses} == {network.address}
    assert at_lead.round_trip_s >= ROUND_TRIP_MS / 1000

    # What the room is told now comes late, or with the next line of its page.
    network.cut()
    lead.get_by_role("button", name="正在发言").click()
    stands(room, "broken")
    network.restore()
    stands(room, "in-step")
    until(lambda: world.room(class_id)["playing"] == "lesson", what="the lead knows")
