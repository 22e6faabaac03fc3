"""Bulk writing: parts that a request can carry, and a node that refuses for a while.

A real node cannot be made to refuse on demand, so one that does is played here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from search import elastic_write
from search.elastic_client import Client
from search.elastic_mapping import Change, deletion
from search.index import IndexUnavailable

Statuses = list[int | list[int]]


def test_parts_hold_all_in_order_and_no_more_than_a_request_carries() -> None:
    changes = [Change(id, 1, "x" * 3_000_000) for id in range(5)]
    changes += [Change(id, 1, "{}") for id in range(5, 1500)]
    found = list(elastic_write.parts(changes))
    assert [change for part in found for change in part] == changes
    assert max(map(len, found)) <= elastic_write.CHANGES_AT_ONCE
    assert [len(part) for part in found[:2]] == [2, 2]


class Node:
    """Answers bulk requests with these statuses: of a whole request, or of each line."""

    def __init__(self, statuses: Statuses) -> None:
        self.statuses = statuses
        self.asked: list[list[str]] = []

    async def bulk(self, request: web.Request) -> web.Response:
        lines = (await request.text()).splitlines()[::2]
        self.asked.append([json.loads(line)["index"]["_id"] for line in lines])
        status = self.statuses.pop(0)
        headers = {"X-Elastic-Product": "Elasticsearch"}
        if isinstance(status, int):
            return web.json_response({"error": {"type": "busy"}}, status=status, headers=headers)
        items = [{"index": {"status": each, "error": {"reason": "no"}}} for each in status]
        return web.json_response({"errors": max(status) > 201, "items": items}, headers=headers)


@pytest.fixture
async def written(
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Callable[[Statuses], Awaitable[Node]]]:
    """Writes three deletions to a node that answers so."""
    monkeypatch.setattr(elastic_write, "FIRST_PAUSE_S", 0.0)
    servers: list[TestServer] = []

    async def write(statuses: Statuses) -> Node:
        node, app = Node(statuses), web.Application()
        app.router.add_put("/_bulk", node.bulk)
        app.router.add_post("/_bulk", node.bulk)
        server = TestServer(app)
        await server.start_server()
        servers.append(server)
        client = Client(str(server.make_url("")), None)
        try:
            await elastic_write.write(client, [deletion(id, 1) for id in (1, 2, 3)], "alias")
        finally:
            await client.close()
        return node

    yield write
    for server in servers:
        await server.close()


async def test_what_was_refused_is_sent_again_and_nothing_else(
    written: Callable[[Statuses], Awaitable[Node]],
) -> None:
    node = await written([429, [201, 429, 409], [503], [201]])
    assert node.asked == [["1", "2", "3"], ["1", "2", "3"], ["2"], ["2"]]


@pytest.mark.parametrize(
    "statuses",
    [
        [429] * elastic_write.ATTEMPTS,
        [[429] * 3] * elastic_write.ATTEMPTS,
        [[201, 400, 201]],
        [403],
    ],
)
async def test_what_stays_refused_is_no_success(
    written: Callable[[Statuses], Awaitable[Node]], statuses: Statuses
) -> None:
    with pytest.raises(IndexUnavailable):
        await written(list(statuses))


async def test_an_alias_that_is_gone_is_told(
    written: Callable[[Statuses], Awaitable[Node]],
) -> None:
    with pytest.raises(elastic_write.Missing):
        await written([[404, 404, 404]])
