"""The patrol's pictures: what a class sees now, for who patrols and sees it, and made seldom."""

from __future__ import annotations

import asyncio
import io
import time

import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from services.live import stills
from tests.services.house import PEOPLE, House, session_cookie
from tests.services.live.camera import Camera, until_durable
from tests.services.live.carrying.test_nodes import carrier
from tests.services.live.conftest import Node
from tests.services.live.ingest.test_publishing import publishing
from tests.services.live.kept_rows import kept_rows
from tests.services.live.test_audience import Plan, _book, plans, seen_by
from tests.waiting import until_true
from tongke.demo_library.live_feed import play
from tongke.media.rendition import SOURCE

PATROL = {"head", "county", "othercounty", "city", "province"}


@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=plans)
async def test_it_is_for_who_patrols_and_sees_the_class(house: House, plan: Plan) -> None:
    number = await house.ground.database.write(_book, house, plan)
    device = await session_cookie(house, "room")
    for name in PEOPLE:
        asked, cookies = ("", device) if name == "room" else (name, None)
        answer = await house.ask(asked, "GET", f"/live/{number}/still", cookies=cookies)
        # Nothing is on the air: there is no picture for who may see one.
        expected = 403 if name not in PATROL else 409 if name in seen_by(plan) else 404
        assert answer.status == expected, name
    assert (await house.ask("", "GET", f"/live/{number}/still")).status in {401, 303}


@pytest.mark.media
async def test_a_still_is_small_made_once_in_a_while_and_leaves_no_trace(
    node: Node, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = await node(), await node()
    made = _counted(monkeypatch)
    broadcast = await carrier(here).broadcast(running)
    socket = await publishing(here, running)
    await socket.send_str(camera.configuration())
    await play(socket, camera.filmed(round(time.time() * 1e6), until_s=3))
    await until_durable(socket, 60)
    # What is durable is on the air a moment later, with its sound.
    await until_true(lambda: broadcast.streams[SOURCE].newest_picture, what="a picture")
    answers = await asyncio.gather(
        *(
            each.ask(name, "GET", f"/live/{running}/still")
            for each in (here, there)
            for name in ("county", "head")
        )
    )
    assert {answer.status for answer in answers} == {200}
    (body,) = {await answer.read() for answer in answers}
    assert Image.open(io.BytesIO(body)).size == (320, 180)
    assert len(body) < 40_000
    assert {answer.headers["Cache-Control"] for answer in answers} == {"private, no-store"}
    assert len(made) == 1, "however many look"
    log = await here.ground.database.read(kept_rows, running)
    assert {row.kind for row in log} <= {"prepare", "publisher"}
    await socket.close()


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a still is drawn, in any process."""
    made: list[int] = []
    drawn = stills.still

    async def counting(program: object, fragment: bytes) -> bytes:
        made.append(len(fragment))
        return await drawn(program, fragment)  # type: ignore[arg-type]

    monkeypatch.setattr(stills, "still", counting)
    return made
