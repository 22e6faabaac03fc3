"""The lead classroom in a training: teachers at desks of their own raise a hand, and the lead puts
it down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from aiohttp import ClientWebSocketResponse
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from tongke.classes.models import ClassToken, LiveClass
from web.tests.browser.lead.desk import begin, until
from web.tests.browser.lead.leading import Leading

pytestmark = pytest.mark.browser


@pytest.fixture
def colleague(leading: Leading) -> Iterator[ClientWebSocketResponse]:
    """The line of a teacher of the lead's own school, which the training was opened to."""

    def open_it(session: Session) -> None:
        live = session.get_one(LiveClass, leading.class_id)
        live.purpose, live.seats = "training", []
        session.add(ClassToken(class_id=leading.class_id, token="school:1"))

    leading.run(leading.house.ground.database.write(open_it))
    headers = leading.house.bearer("tang")
    path = f"/live/{leading.class_id}/socket"

    async def enter() -> tuple[ClientWebSocketResponse, asyncio.Task[None]]:
        socket = await leading.client.ws_connect(path, headers=headers)
        return socket, asyncio.create_task(_read(socket))

    socket, reading = leading.run(enter())
    yield socket
    reading.cancel()
    leading.run(socket.close())


async def _read(socket: ClientWebSocketResponse) -> None:
    """One that is not read answers none of the service's pings."""
    async for _ in socket:
        pass


def test_a_colleagues_hand_is_seen_with_her_name_and_put_down(
    page: Page, leading: Leading, colleague: ClientWebSocketResponse
) -> None:
    panel = page.get_by_role("region", name="参加研修的老师")
    expect(panel).to_contain_text("1 人在线")
    expect(panel).to_contain_text("没有人举手")
    begin(page)
    asked = {"command": "hand_up", "ref": 1, "trainee": str(leading.house.ids["tang"])}
    leading.run(colleague.send_json(asked))
    row = panel.get_by_role("listitem")
    expect(row).to_contain_text("tang")
    expect(row).to_contain_text("橘洲路中学")
    expect(row.get_by_role("button")).to_have_count(1)
    row.get_by_role("button", name="放下").click()
    expect(panel).to_contain_text("没有人举手")
    until(page, lambda: leading.happened("hand_down"))


@pytest.fixture
def training(leading: Leading, colleague: ClientWebSocketResponse, page: Page) -> Page:
    """The lead's page of a training without rooms."""
    page.reload()
    return page


def test_of_a_training_without_rooms_nothing_is_said_of_rooms(training: Page) -> None:
    expect(training.get_by_text("开始后，参加研修的老师看到这个画面")).to_be_visible()
    expect(training.get_by_text("录像规则")).to_be_visible()
    for untrue in ("听讲教室", "点名", "没有教室在课堂里", "各教室"):
        expect(training.get_by_text(untrue).filter(visible=True)).to_have_count(0)
    training.get_by_role("button", name="开始上课").click()
    expect(training.get_by_text("参加研修的老师正看到这个画面")).to_be_visible(timeout=15_000)
    training.get_by_role("button", name="留言", exact=True).click()
    expect(training.get_by_role("textbox", name="写给参加研修的老师")).to_be_visible()
    for untrue in ("听讲教室", "点名", "没有教室在课堂里", "各教室"):
        expect(training.get_by_text(untrue).filter(visible=True)).to_have_count(0)
