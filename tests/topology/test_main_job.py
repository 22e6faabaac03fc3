"""The main job on the parts of a city: what came in by one node is found and watched by all."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.chaos import census
from tests.chaos.client import Uploader
from tests.chaos.files import lesson, word
from tests.services.house import begin_class
from tests.services.live.camera import Camera, until_durable
from tests.topology.conftest import City
from tests.waiting import until_true
from tongke.bootstrap import Ground
from tongke.classes import queries
from tongke.demo_library.live_feed import play
from tongke.library.vocabulary import State

REST_LIMIT_S = 120.0


@pytest.fixture
async def session(city: City) -> AsyncIterator[ClientSession]:
    """A client that goes through nginx as a teacher."""
    headers = {"Authorization": f"Bearer {city.tokens['zhou']}"}
    async with ClientSession(city.url, headers=headers) as found:
        yield found


async def told(session: ClientSession, path: str, **query: str) -> Any:
    async with session.get(path, params=query) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def test_a_lesson_and_a_policy_go_in_are_found_and_watched(
    city: City, ground: Ground, session: ClientSession, tmp_path: Path
) -> None:
    recording = await lesson(ground.programs, tmp_path, "同课.mp4", 4, 240)
    paper = word("考勤.docx")
    uploader = Uploader(session, city.url, city.tokens["zhou"])
    numbers = [
        await uploader.upload(file.name, file.content, file.title) for file in (recording, paper)
    ]

    async def at_rest() -> bool:
        return await ground.database.read(census.at_rest)

    await until_true(at_rest, REST_LIMIT_S, "all is published and indexed")
    rows = {row.id: row for row in await ground.database.read(census.resources)}
    assert [rows[number].state for number in numbers] == [State.PUBLISHED] * 2
    for words, number in (("同课", numbers[0]), ("教研计划", numbers[1])):
        for _node in city.topology.ports:  # nginx takes them in turn
            found = await told(session, "/api/v1/search", q=words)
            assert number in [item["resource"]["id"] for item in found["items"]]
    media = await told(session, f"/api/v1/resources/{numbers[0]}/media")
    async with session.get(media["hls"]) as answer:
        assert "#EXT-X-STREAM-INF" in await answer.text()
    for file in await census.files_named(ground):
        assert (await ground.objects.info(file)).size > 0


async def test_a_class_is_watched_at_the_node_that_does_not_carry_it(
    city: City, ground: Ground, session: ClientSession
) -> None:
    """nginx asks one node for all of a class; when it asks the other, as after a death, that one
    passes it on."""
    number = await ground.database.write(begin_class, city.ids)
    camera = Camera(ground.programs)
    assert camera.chunks, "made beforehand"
    # As nginx would say it.
    viewer = {
        "Authorization": f"Bearer {city.tokens['xiang']}",
        "X-Forwarded-For": "192.0.2.7",
        "X-Forwarded-Proto": "http",
    }
    path, part = f"/live/{number}/hls/source", ""
    async with session.ws_connect(f"/live/{number}/publish") as socket:
        await socket.receive_json()
        await socket.send_str(camera.configuration())
        playing = asyncio.create_task(play(socket, camera.filmed(round(time.time() * 1e6))))
        answers = []
        for name in city.topology.ports:
            async with ClientSession(city.topology.address(name), headers=viewer) as node:
                playlist = (await asked(node, f"{path}/live.m3u8?_HLS_msn=1&_HLS_part=1")).decode()
                part = part or re.findall(r'#EXT-X-PART:.*URI="([^"]+)"', playlist)[-1]
                answers.append((part in playlist, await asked(node, f"{path}/{part}")))
        assert answers[0] == answers[1]
        await playing
        await until_durable(socket, len(camera.chunks))
    async with session.post(f"/api/v1/classes/{number}/end") as answer:
        assert (await answer.json())["state"] == "ended"
    rows = await ground.database.read(queries.segments, number, "source")
    assert len({row.name.split("-")[0] for row in rows}) == 1, "one node carried it"


async def asked(node: ClientSession, path: str) -> bytes:
    async with node.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()
