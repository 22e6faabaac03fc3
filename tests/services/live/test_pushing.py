"""Who has a line is pushed what the origin would answer, for as long as it would answer."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from aiohttp import WSCloseCode, WSServerHandshakeError

from services.live import origin, pushing
from services.live.access.closing import Close
from services.live.carrying.carrier import CARRIER
from tests.live.playlist_reader import read
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.carrying.test_held import carrier_of, held, published
from tests.services.live.conftest import Node
from tests.services.live.ingest.test_publishing import playlist, publishing
from tests.services.live.pushed_line import closed, go_on, line, line_of, pushed
from tests.waiting import LIMIT_S, until_true
from tongke.demo_library.live_feed import play

pytestmark = pytest.mark.media


async def test_each_part_s_playlist_comes_and_is_what_would_be_answered(
    house: House, running: int, camera: Camera
) -> None:
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    playing = asyncio.create_task(play(socket, camera.filmed(round(time.time() * 1e6), until_s=6)))
    await playlist(house, running, query="?_HLS_msn=0&_HLS_part=1")
    had = read(await playlist(house, running))
    async with line(house, running) as told:
        texts = [await pushed(told) for _ in range(8)]
        seen = [read(text, had) for text in texts]
        ends = [(each.last, len(each.open_parts)) for each in seen]
        assert ends == sorted(set(ends))
        # A part more each time.
        closed_parts = [len(each.segments[-1].parts) if each.segments else 0 for each in seen]
        for before, now, parts in zip(ends, ends[1:], closed_parts[1:], strict=False):
            assert now in {(before[0], before[1] + 1), (before[0] + 1, 0), (before[0] + 1, 1)}
            assert now[0] == before[0] or before[1] >= parts - 1
        await playing
        await until_durable(socket, len([*camera.filmed(0, until_s=6)]))
        await socket.close()
        broadcast = carrier_of(house).carried(running)
        assert broadcast is not None
        await broadcast.interrupt()
        answered = await playlist(house, running, query="?_HLS_skip=YES&_HLS_msn=0")
        async with asyncio.timeout(LIMIT_S):
            while texts[-1] != answered:
                texts.append(await pushed(told))


async def test_who_comes_has_what_there_is_at_once(
    house: House, running: int, camera: Camera
) -> None:
    await published(house, running, camera)
    for rendition in ("source", "sound"):
        async with line(house, running, rendition=rendition) as told:
            answered = await playlist(house, running, rendition, "?_HLS_skip=YES&_HLS_msn=0")
            assert await pushed(told) == answered


async def test_after_a_silence_it_is_pushed_before_it_is_answered(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has a line asks after a moment; were the answers first, all would take it for dead."""
    monkeypatch.setattr(pushing, "LOOK_S", 0.02)
    broadcast = await published(house, running, camera)
    order = list[str]()
    give, rendered = pushing.Listener.give, origin.rendered

    def giving(listener: pushing.Listener, message: bytes) -> None:
        order.append("pushed")
        give(listener, message)

    def rendering(*of: Any, **more: Any) -> Any:
        order.append("answered")
        return rendered(*of, **more)

    monkeypatch.setattr(origin, "rendered", rendering)
    async with line(house, running) as told:
        await pushed(told)
        monkeypatch.setattr(pushing.Listener, "give", giving)
        latest = broadcast.streams["source"].playlist.latest
        assert latest is not None
        # So that every task which waits begins to wait again, if it ever does.
        await asyncio.sleep(10 * pushing.LOOK_S)
        query = f"?_HLS_msn={latest[0] + 1}&_HLS_part=0&_HLS_skip=YES"
        asking = await held(house, f"/live/{running}/hls/source/live.m3u8{query}")
        await asyncio.sleep(10 * pushing.LOOK_S)
        await go_on(house, running, camera)
        async with asyncio.timeout(LIMIT_S):
            assert (await asking).status == 200
    assert order[0] == "pushed"
    assert "answered" in order


@pytest.mark.parametrize("ended", [True, False], ids=["it ends", "another process has it"])
async def test_lines_end_with_the_broadcast_and_nothing_is_left(
    house: House, running: int, camera: Camera, ended: bool
) -> None:
    await published(house, running, camera)
    async with line(house, running) as told, line(house, running, rendition="sound") as sound:
        await pushed(told)
        await pushed(sound)
        if ended:
            assert (await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")).status == 200
        else:
            await carrier_of(house).lose(running)
        assert await closed(told) == WSCloseCode.SERVICE_RESTART
        assert await closed(sound) == WSCloseCode.SERVICE_RESTART
    app = house.client.server.app  # type: ignore[attr-defined]
    await until_true(lambda: not app[pushing.PUSHING] and not app[pushing.LINES])


async def test_a_rendition_that_there_is_not_has_no_line(
    house: House, running: int, camera: Camera
) -> None:
    await published(house, running, camera, silent=True)
    async with line(house, running, rendition="sound") as told:
        assert await closed(told) == Close.NO_CLASS
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.client.ws_connect(line_of(running, "huge"), headers=house.bearer("xiang"))
    assert refused.value.status == 404


async def test_at_a_process_that_does_not_carry_it_the_line_is_passed_on(
    node: Node, running: int, camera: Camera
) -> None:
    here, there = await node(), await node()
    await here.client.server.app[CARRIER].broadcast(running)  # type: ignore[attr-defined]
    await published(here, running, camera)
    path, headers = line_of(running), there.bearer("xiang")
    async with there.client.ws_connect(path, headers=headers) as told:
        answered = await playlist(here, running, query="?_HLS_skip=YES&_HLS_msn=0")
        assert await pushed(told) == answered
        await carrier_of(here).lose(running)
        assert await closed(told) == WSCloseCode.SERVICE_RESTART


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 100_000])
async def test_what_is_framed_is_read_by_others(
    house: House, running: int, camera: Camera, length: int
) -> None:
    await published(house, running, camera)
    async with line(house, running) as told:
        await pushed(told)
        (found,) = house.client.server.app[pushing.PUSHING].values()  # type: ignore[attr-defined]
        data = bytes(number % 251 for number in range(length))
        await found._give_all(pushing.framed(data))
        await found._give_all(pushing.framed(b"the next"))
        assert await told.receive_bytes(timeout=LIMIT_S) == data
        assert await told.receive_bytes(timeout=LIMIT_S) == b"the next"
