"""A class on one of several web processes: whichever is asked, the same lesson is answered."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from dataclasses import replace

import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType

from services.live.access import unread
from services.live.carrying import carrier as carriers
from services.live.carrying.carrier import CARRIER, Carrier
from services.live.carrying.lease import CarriedElsewhere
from tests.live.playlist_reader import read
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.conftest import Node
from tests.services.live.deaf import deaf
from tests.services.live.ingest.test_publishing import playlist, publishing
from tests.waiting import LIMIT_S, until_true
from tongke.classes import queries
from tongke.demo_library.live_feed import play


def carrier(house: House) -> Carrier:
    return house.client.server.app[CARRIER]  # type: ignore[attr-defined, no-any-return]


def dies(carrier: Carrier) -> None:
    """Its leases are renewed no more, and nothing that is open is stored."""
    for _, renewing in carrier._leases._held.values():
        renewing.cancel()


async def until_carried(house: House, class_id: int) -> None:
    async def is_carried() -> bool:
        try:
            await carrier(house).broadcast(class_id)
        except CarriedElsewhere:
            return False
        return True

    await until_true(is_carried, what="it is carried there")


async def test_a_lesson_is_published_watched_and_ended_at_a_process_that_does_not_carry_it(
    node: Node, running: int, camera: Camera
) -> None:
    assert camera.chunks, "made beforehand"
    here, there = await node(), await node()
    await carrier(here).broadcast(running)
    socket = await publishing(there, running)
    assert (await socket.receive_json(timeout=LIMIT_S))["hello"]["durable"] == 0
    assert carrier(there).carried(running) is None
    await socket.send_str(camera.configuration())
    playing = asyncio.create_task(play(socket, camera.filmed(round(time.time() * 1e6), until_s=6)))
    answers = [
        await playlist(each, running, query="?_HLS_msn=1&_HLS_part=1") for each in (here, there)
    ]
    newest = [re.findall(r'#EXT-X-PART:.*URI="([^"]+)"', text)[-1] for text in answers]
    parts = [
        await each.ask("xiang", "GET", f"/live/{running}/hls/source/{newest[0]}")
        for each in (here, there)
    ]
    assert [part.status for part in parts] == [200, 200]
    assert await parts[0].read() == await parts[1].read()
    stranger = await there.ask("long", "GET", f"/live/{running}/hls/source/{newest[0]}")
    assert stranger.status == 404
    await playing
    await until_durable(socket, 100)
    await socket.close()
    ended = await there.json("zhou", "POST", f"/api/v1/classes/{running}/end")
    assert ended["state"] == "ended"
    rows = await here.ground.database.read(queries.segments, running, "source")
    assert len({row.name.split("-")[0] for row in rows}) == 1, "one process carried it"


async def test_when_its_process_dies_the_next_that_is_asked_carries_it(
    node: Node, running: int
) -> None:
    here, there = await node(), await node()
    await carrier(here).broadcast(running)
    with pytest.raises(CarriedElsewhere):
        await carrier(there).broadcast(running)
    dies(carrier(here))
    await until_carried(there, running)
    with pytest.raises(CarriedElsewhere):
        await carrier(await node()).broadcast(running)


async def test_one_that_ends_in_good_order_hands_it_over_at_once(node: Node, running: int) -> None:
    here, there = await node(), await node()
    await carrier(here).broadcast(running)
    await carrier(here).close()
    await carrier(there).broadcast(running)


async def test_it_is_let_go_for_who_publishes_elsewhere_unless_somebody_publishes_here(
    node: Node, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An appliance is connected to one process, and a viewer may have asked another before."""
    here, there = await node(), await node()
    await carrier(here).broadcast(running)
    socket = await publishing(here, running)
    await socket.receive_json(timeout=LIMIT_S)
    asked, is_published = list[bool](), carrier(here).is_published

    def is_published_here(class_id: int) -> bool:
        asked.append(is_published(class_id))
        return asked[-1]

    monkeypatch.setattr(carrier(here), "is_published", is_published_here)
    await carrier(there).want(running)
    await until_true(lambda: len(asked) > 1, what="it is wanted, and the lease renewed after that")
    assert all(asked)
    with pytest.raises(CarriedElsewhere):
        await carrier(there).broadcast(running)
    await socket.close()
    await carrier(there).want(running)
    async with asyncio.timeout(LIMIT_S):
        while carrier(here).carried(running) is not None:
            await asyncio.sleep(0.05)
    await carrier(there).broadcast(running)


async def test_whoever_has_lost_it_sends_its_publisher_away(node: Node, running: int) -> None:
    """Its clock stood still, say, and another has taken it meanwhile."""
    here, there = await node(), await node()
    await carrier(here).broadcast(running)
    socket = await publishing(here, running)
    await socket.receive_json(timeout=LIMIT_S)
    held, _ = carrier(here)._leases._held[running]
    await here.ground.bus.release(held)
    await carrier(there).broadcast(running)
    async with asyncio.timeout(LIMIT_S):
        said = await socket.receive()
    # Its own answer may find the line closed already, and then counts as how it was closed.
    assert (said.type, said.data) == (WSMsgType.CLOSE, WSCloseCode.SERVICE_RESTART)
    assert carrier(here).carried(running) is None


async def test_a_carrier_that_does_not_answer_is_waited_for(node: Node, running: int) -> None:
    """A player asks again after a 503; the lease of a process that died ends within seconds."""
    here, there = await node(), await node()
    await carrier(here).broadcast(running)
    await here.client.server.runner.sites.copy().pop().stop()  # type: ignore[union-attr]
    answer = await there.ask("xiang", "GET", f"/live/{running}/program.m3u8")
    assert answer.status == 503
    assert "几秒后会接着放" in (await answer.json())["detail"]


async def filming(
    house: House, class_id: int, camera: Camera, seconds: float
) -> ClientWebSocketResponse:
    """The line of a publisher that has sent so much, which is durable."""
    socket = await publishing(house, class_id)
    await socket.receive_json(timeout=LIMIT_S)
    await socket.send_str(camera.configuration())
    chunks = list(camera.filmed(round(time.time() * 1e6), 0, seconds))
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, chunks[-1].number)
    return socket


async def test_the_next_lists_the_newest_in_parts_as_the_first_did(
    node: Node, running: int, camera: Camera
) -> None:
    """A player that has them goes on with the first part that comes, and waits for no segment."""
    here, there = await node(), await node()
    socket = await filming(here, running, camera, seconds=6)
    await socket.close()
    broadcast = carrier(here).carried(running)
    assert broadcast is not None
    await broadcast.interrupt()
    before = await parts_of(here, running)
    await carrier(here).close()
    program = await there.ask("xiang", "GET", f"/live/{running}/program.m3u8")
    assert 'CODECS="avc1' in await program.text(), "before there is a publisher again"
    after = await parts_of(there, running)
    assert [data for _, data in after] == [data for _, data in before]
    assert {name for name, _ in after}.isdisjoint(name for name, _ in before)


async def test_when_a_segment_was_open_its_number_comes_again_behind_a_break(
    node: Node, running: int, camera: Camera
) -> None:
    """What had been shown of it has other names: nobody has the one for the other."""
    here, there = await node(), await node()
    film = list(camera.filmed(round(time.time() * 1e6)))
    half = [chunk for chunk in film if chunk.at_us < film[0].at_us + 5_000_000]
    socket = await publishing(here, running)
    await socket.receive_json(timeout=LIMIT_S)
    await socket.send_str(camera.configuration())
    for chunk in half:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, half[-1].number)
    broadcast = carrier(here).carried(running)
    assert broadcast is not None
    shown = broadcast.streams["source"].playlist
    await until_true(lambda: shown.edge.closed == 1 and shown.edge.open_parts, what="one is open")
    was = read(await playlist(here, running))
    assert was.open_parts
    dies(carrier(here))
    await until_carried(there, running)
    again = await publishing(there, running)
    await again.receive_json(timeout=LIMIT_S)
    await again.send_str(camera.configuration(1))
    for chunk in film[len(half) :]:
        await again.send_bytes(replace(chunk, stream=1).encode())
    number = was.last + 1
    now = read(await playlist(there, running, query=f"?_HLS_msn={number + 1}&_HLS_part=0"))
    await again.close()
    (behind,) = (each for each in now.segments if each.sequence == number)
    before = now.segments[now.segments.index(behind) - 1]
    assert (before.name, behind.turn) == (was.segments[-1].name, before.turn + 1)
    assert behind.parts
    names = {name for each in now.segments for name, _, _ in each.parts}
    assert names.isdisjoint(name for name, _, _ in was.open_parts)


async def test_one_that_ends_in_good_order_loses_nothing_of_what_was_open(
    node: Node, running: int, camera: Camera
) -> None:
    here, there = await node(), await node()
    await filming(here, running, camera, seconds=5)
    await carrier(here).close()
    rows = await here.ground.database.read(queries.segments, running, "source")
    assert sum(row.duration_us for row in rows) / 1e6 == pytest.approx(5, abs=0.1)
    shown = read(await playlist(there, running)).segments
    assert [each.name for each in shown] == [row.name for row in rows]


async def test_a_store_that_does_not_answer_keeps_no_process_from_its_end(
    node: Node, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it could not store is made anew from the journal when the class has ended."""
    monkeypatch.setattr(carriers, "STORED_WITHIN_S", 0.2)
    here, there = await node(), await node()
    asked = asyncio.Event()

    async def silent(*_: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    socket = await publishing(here, running)
    await socket.receive_json(timeout=LIMIT_S)
    await socket.send_str(camera.configuration())
    chunks = list(camera.filmed(round(time.time() * 1e6), 0, 5))
    with monkeypatch.context() as away:
        away.setattr(here.ground.objects, "put", silent)
        for chunk in chunks:
            await socket.send_bytes(chunk.encode())
        await until_durable(socket, chunks[-1].number)
        async with asyncio.timeout(LIMIT_S):
            await carrier(here).close()
    assert asked.is_set()
    assert not await there.ground.database.read(queries.segments, running, "source")
    assert await carrier(there).end(running) is not None
    rows = await there.ground.database.read(queries.lesson, running, "source")
    assert sum(row.duration_us for row in rows) / 1e6 == pytest.approx(5, abs=0.1)


async def parts_of(house: House, class_id: int) -> list[tuple[str, bytes]]:
    """The parts that a playlist lists, and what is in each."""
    found = []
    for name in re.findall(r'#EXT-X-PART:.*URI="([^"]+)"', await playlist(house, class_id)):
        answer = await house.ask("xiang", "GET", f"/live/{class_id}/hls/source/{name}")
        assert answer.status == 200
        found.append((name, await answer.read()))
    assert found
    return found


async def test_the_line_of_who_reads_nothing_ends_where_it_was_passed_on(
    node: Node, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that carries the class has sent it away; the other still has its line."""
    monkeypatch.setattr(unread, "LOOK_S", 0.02)
    here, there = await node(), await node()
    await carrier(here).broadcast(running)
    path = f"/live/{running}/publish"
    through_a_proxy = {"X-Forwarded-For": "10.0.0.9", "X-Forwarded-Proto": "http"}
    kept = await deaf(there.client, path, {**there.bearer("zhou"), **through_a_proxy})
    transport = kept.transport
    # What is said to it waits: it is asked for the time, and asks again.
    # Either process may be the first to find that nothing is taken.
    with contextlib.suppress(ConnectionError):
        while transport.get_write_buffer_size() <= transport.get_write_buffer_limits()[0]:
            await kept.say('{"ping": "' + "x" * 64 + '"}')

    def is_gone() -> bool:
        # One that is closed waits until all was read.
        return transport.is_closing() and not transport.get_write_buffer_size()

    await until_true(is_gone, what="it is broken off")
