"""A rolling restart: node after node is stopped and started again while people work.

Nobody who watches or searches sees a failure: a node that is asked to end takes nothing new and
finishes what it has, and nginx asks the other. Whoever uploads goes on at the durable byte by
itself. The next node is stopped only when nginx has gone back to the one before: until then there
would be none that nginx believes in. An operator does the same.
"""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from aiohttp import ClientError, ClientSession

from services.admin import metrics
from tests.chaos import census
from tests.chaos.files import Sent, paper
from tests.topology import account
from tests.topology.conftest import City
from tests.topology.load import KINDS, WATCHING, Notes, under_load
from tests.topology.stack import WEB, WORKERS
from tests.waiting import until_true
from tongke.bootstrap import Ground

ROLLED = (*WEB, *WORKERS, "scheduler")
# Requests of each kind before and after the restarts: everybody is at work.
AT_WORK = 3
# In what a node tells of itself.
SEARCHED = 'tongke_requests_total{method="GET",route="/api/v1/search"'


# Of twenty requests: every restart meets uploads in their middle.
LONG = 30


def long_paper(name: str) -> Sent:
    return Sent(name, paper(name).content * LONG)


@pytest.mark.media
async def test_nobody_sees_the_nodes_restart(city: City, ground: Ground, tmp_path: Path) -> None:
    token = city.tokens["zhou"]
    media = await account.playable_lesson(ground, city.url, token, tmp_path)
    before = set(await account.originals(ground))
    async with under_load(city.url, token, media, "结对学校", long_paper) as notes:
        await _all_at_work(notes)
        for name in ROLLED:
            await _restart(city, name)
        await _all_at_work(notes)
    await account.until_at_rest(ground)
    assert city.topology.proxy is not None
    # nginx had a node to ask for every one. (A search may still take too long on a busy machine.)
    told = city.topology.proxy.server.log.read_text().splitlines()
    assert not [line for line in told if "no live upstreams" in line and '"GET ' in line]
    assert notes.failed(WATCHING) == 0
    assert len(notes.acknowledged) == len(notes.sent) > len(ROLLED)
    assert await account.lost(ground, notes) == set()
    there = {row.id for row in await ground.database.read(census.resources)}
    assert there - before == set(notes.acknowledged.values())


async def _all_at_work(notes: Notes) -> None:
    """Wait until each kind of request was answered some times more."""
    asked = {kind: notes.asked(kind) for kind in KINDS}
    await until_true(
        lambda: all(notes.asked(kind) >= asked[kind] + AT_WORK for kind in KINDS),
        what="people are at work",
    )


async def _restart(city: City, name: str) -> None:
    """As an orderly operator does: the load goes on, in this same loop, meanwhile."""
    node = city.topology.nodes[name]
    process = psutil.Process(node.pid)
    process.terminate()
    await until_true(lambda: not _lives(process), what=f"{name} ends when asked to")
    # Takes note of the end, in no time; begins it from this thread, with which it would end.
    node.stop()
    node.begin()
    if name in WEB:
        address = f"{city.topology.address(name)}{metrics.PATH}"
        await until_true(lambda: _is_asked(address), what=f"nginx asks {name} again")


def _lives(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _is_asked(address: str) -> bool:
    """Whether the node counts a search since it began: nobody but nginx sends it any."""
    try:
        async with ClientSession() as session, session.get(address) as answer:
            return SEARCHED in await answer.text()
    except ClientError:
        return False
