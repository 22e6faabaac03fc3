"""A room is pushed its playlists, and plays in step without that as well."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, WebSocket, WebSocketRoute

from tests.browser.classroom.conftest import Open
from tests.browser.classroom.in_class import in_a_class, in_step
from tests.browser.classroom.world import World
from tests.waiting import until

pytestmark = pytest.mark.browser

PARTS = 40


class Asked:
    """What a page asks the origin for, from now on."""

    def __init__(self, page: Page) -> None:
        self.playlists, self.parts = 0, 0
        page.on("request", self._count)

    def _count(self, request: Request) -> None:
        self.playlists += "/live.m3u8" in request.url
        self.parts += "-p" in request.url and ".m4s" in request.url


def test_who_plays_asks_for_the_parts_alone(world: World, open_page: Open) -> None:
    _, page = in_a_class(world, open_page)
    asked = Asked(page)
    until(lambda: (page.wait_for_timeout(100), asked.parts >= PARTS)[1], what="it plays on")
    # On a machine that stands still for a moment it may ask now and then.
    assert asked.playlists < PARTS / 2
    in_step(page)


def test_without_the_line_it_asks_for_each_playlist_and_is_in_step(
    world: World, open_page: Open
) -> None:
    def refused(line: WebSocketRoute) -> None:
        line.close()

    _, page = in_a_class(world, open_page)
    page.route_web_socket("**/playlists/**", refused)
    page.reload()
    in_step(page)
    asked = Asked(page)
    until(lambda: (page.wait_for_timeout(100), asked.parts >= PARTS)[1], what="it plays on")
    assert asked.playlists > PARTS / 2
    in_step(page)


def test_a_line_that_says_nothing_any_more_is_done_without(world: World, open_page: Open) -> None:
    lines: list[WebSocketRoute] = []

    def silent(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        lines.append(line)
        # The first of them falls silent after a while, and stays open.
        count = iter(range(20)) if len(lines) == 1 else None
        server.on_message(
            lambda said: line.send(said) if count is None or next(count, None) is not None else None
        )

    _, page = in_a_class(world, open_page)
    page.route_web_socket("**/playlists/**", silent)
    page.reload()
    in_step(page)
    until(lambda: (page.wait_for_timeout(100), len(lines) > 1)[1], what="it has another line")
    in_step(page)
    asked = Asked(page)
    until(lambda: (page.wait_for_timeout(100), asked.parts >= PARTS)[1], what="it plays on")
    assert asked.playlists < PARTS / 2


def test_another_line_is_opened_when_the_network_has_changed(world: World, open_page: Open) -> None:
    lines: list[WebSocket] = []
    _, page = in_a_class(world, open_page)
    page.on("websocket", lambda line: "/playlists/" in line.url and lines.append(line))
    page.evaluate("dispatchEvent(new Event('online'))")
    until(lambda: (page.wait_for_timeout(100), len(lines) > 0)[1], what="it has another line")
    in_step(page)
