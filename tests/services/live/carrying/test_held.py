"""Who waits for what a class will not bring is told so when it ends, and holds nobody up."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from sqlalchemy import delete

from services.live import origin
from services.live.carrying import sound
from services.live.carrying.broadcast import Broadcast
from services.live.carrying.carrier import CARRIER, Carrier
from services.live.carrying.kept_chunks import KeptChunks
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import playlist, publishing
from tests.waiting import LIMIT_S, until_true
from tongke.classes import queries
from tongke.live import packager
from tongke.people.models import ApiToken

pytestmark = pytest.mark.media


def carrier_of(house: House) -> Carrier:
    return house.client.server.app[CARRIER]  # type: ignore[attr-defined, no-any-return]


async def held(house: House, path: str) -> asyncio.Task[aiohttp.ClientResponse]:
    """A request that waits."""
    asking = asyncio.create_task(house.ask("xiang", "GET", path))
    await asyncio.wait([asking], timeout=0.3)
    assert not asking.done()
    return asking


@contextlib.asynccontextmanager
async def going_on(broadcast: Broadcast) -> AsyncIterator[None]:
    """Something comes of the class all the time, as from a camera."""

    async def go_on() -> None:
        while True:
            broadcast.news.tell_all()
            await asyncio.sleep(0.02)

    going = asyncio.create_task(go_on())
    try:
        yield
    finally:
        going.cancel()


async def published(
    house: House, running: int, camera: Camera, *, silent: bool = False
) -> Broadcast:
    socket = await publishing(house, running)
    last = (await socket.receive_json())["hello"]["highest"]
    said = json.loads(camera.configuration())
    if silent:
        del said["sound"]
    await socket.send_str(json.dumps(said))
    filmed = camera.filmed(round(time.time() * 1e6), 0, 4)
    chunks = [replace(chunk, number=chunk.number + last) for chunk in filmed]
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, chunks[-1].number)
    await socket.close()
    broadcast = carrier_of(house).carried(running)
    assert broadcast is not None
    # What was left when the line went is in parts.
    await broadcast.interrupt()
    return broadcast


@pytest.mark.parametrize("name", ["program.m3u8", "hls/source/live.m3u8", "hls/sound/live.m3u8"])
async def test_of_a_class_that_brought_nothing(house: House, running: int, name: str) -> None:
    asking = await held(house, f"/live/{running}/{name}")
    answer = await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")
    assert answer.status == 200
    async with asyncio.timeout(LIMIT_S):
        assert (await asking).status == 503
    assert (await house.ask("xiang", "GET", f"/live/{running}/{name}")).status in (404, 409)


async def test_who_has_lost_the_right_is_not_given_what_was_waited_for(
    house: House, running: int, camera: Camera
) -> None:
    broadcast = await published(house, running, camera)
    stream = broadcast.streams["source"]
    latest = stream.playlist.latest
    assert latest is not None
    folder = f"/live/{running}/hls/source"
    paths = [
        f"{folder}/{stream.next_part}",
        f"{folder}/live.m3u8?_HLS_msn={latest[0] + 1}&_HLS_part=0",
        f"{folder}/live.m3u8?_HLS_skip=YES",
    ]
    asking = [await held(house, path) for path in paths]
    ended = delete(ApiToken).where(ApiToken.account_id == house.ids["xiang"])
    await house.ground.database.write(lambda session: session.execute(ended))
    await published(house, running, camera)
    async with asyncio.timeout(LIMIT_S):
        assert {(await each).status for each in asking} == {401}


@pytest.mark.parametrize("ended", [True, False], ids=["it ends", "another process has it"])
async def test_of_the_part_that_would_have_come_next(
    house: House, running: int, camera: Camera, ended: bool
) -> None:
    broadcast = await published(house, running, camera)
    stream = broadcast.streams["source"]
    pieces = [await held(house, f"/live/{running}/hls/source/{stream.next_part}")]
    latest = stream.playlist.latest
    assert latest is not None
    query = f"?_HLS_msn={latest[0] + 1}&_HLS_part=0"
    path = f"/live/{running}/hls/source/live.m3u8"
    text = await (await house.ask("xiang", "GET", path)).text()
    assert stream.next_part in text and "#EXT-X-ENDLIST" not in text
    pieces.append(await held(house, path + query))
    if ended:
        assert (await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")).status == 200
    else:
        await carrier_of(house).lose(running)
    async with asyncio.timeout(LIMIT_S):
        answers = [await asking for asking in pieces]
    assert [answer.status for answer in answers] == ([503, 200] if ended else [503, 503])
    if ended:
        # What has ended is played to its end.
        text = await answers[1].text()
        assert text.endswith("#EXT-X-ENDLIST\n") and stream.next_part not in text


async def test_while_it_is_being_ended_players_are_told_of_the_end(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that is away holds the end up; no part comes any more that would have it told."""
    path = f"/live/{running}/hls/source/live.m3u8"
    goes, put = asyncio.Event(), house.ground.objects.put

    async def slowly(*args: Any) -> object:
        await goes.wait()
        return await put(*args)

    monkeypatch.setattr(house.ground.objects, "put", slowly)
    await published(house, running, camera)
    assert "#EXT-X-ENDLIST" not in await playlist(house, running)
    ending = asyncio.create_task(house.ask("zhou", "POST", f"/api/v1/classes/{running}/end"))
    await until_true(
        lambda: (broadcast := carrier_of(house).carried(running)) and broadcast.has_ended,
        what="it is being ended",
    )
    for query in ("", "?_HLS_skip=YES"):
        answer = await house.ask("xiang", "GET", path + query)
        assert (await answer.text()).endswith("#EXT-X-ENDLIST\n")
    assert not ending.done()
    goes.set()
    async with asyncio.timeout(LIMIT_S):
        assert (await ending).status == 200


async def test_a_request_is_not_held_longer_because_something_else_comes(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a slow publisher, the segment after next; of one that begins, what has not begun."""
    monkeypatch.setattr(origin, "HELD_S", 0.5)
    playlists = f"/live/{running}/hls/source/live.m3u8"
    broadcast = await carrier_of(house).broadcast(running)
    async with going_on(broadcast), asyncio.timeout(LIMIT_S):
        for path in (playlists, f"{playlists}?_HLS_skip=YES", f"/live/{running}/program.m3u8"):
            assert (await house.ask("xiang", "GET", path)).status == 503
    broadcast = await published(house, running, camera)
    stream = broadcast.streams["source"]
    latest = stream.playlist.latest
    assert latest is not None
    async with going_on(broadcast), asyncio.timeout(LIMIT_S):
        for path in (
            f"{playlists}?_HLS_msn={latest[0] + 2}",
            f"/live/{running}/hls/source/{stream.next_part}",
        ):
            assert (await house.ask("xiang", "GET", path)).status == 503


async def test_of_a_lesson_without_sound_there_is_no_sound_alone(
    house: House, running: int, camera: Camera
) -> None:
    beforehand = await held(house, f"/live/{running}/hls/sound/live.m3u8")
    broadcast = await published(house, running, camera, silent=True)
    sound = broadcast.streams["sound"]
    async with asyncio.timeout(origin.HELD_S):
        assert (await beforehand).status == 404
        for name in ("live.m3u8", "live.m3u8?_HLS_msn=1", sound.next_part):
            answer = await house.ask("xiang", "GET", f"/live/{running}/hls/sound/{name}")
            assert answer.status == 404
    answer = await house.ask("xiang", "GET", f"/live/{running}/program.m3u8")
    assert "hls/sound" not in await answer.text()
    await published(house, running, camera)
    assert "#EXT-X-PART" in await playlist(house, running, "sound")


async def test_of_a_class_that_was_taken_over_no_picture_has_a_size(
    house: House, running: int, camera: Camera
) -> None:
    """Only its publisher says how large it is; who watches need not wait for that."""
    broadcast = await published(house, running, camera)
    path = f"/live/{running}/program.m3u8"
    known = await (await house.ask("xiang", "GET", path)).text()
    assert ",RESOLUTION=320x180\n" in known
    broadcast.sizes = {}
    bare = await (await house.ask("xiang", "GET", path)).text()
    assert bare == known.replace(",RESOLUTION=320x180", "")


async def test_a_player_that_has_all_and_asks_for_no_part_is_held_until_there_is_one(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As hls.js asks in a break. Its sound going on is nothing new of the picture."""
    before = await published(house, running, camera)
    path = f"/live/{running}/hls/source/live.m3u8?_HLS_skip=YES"
    asking = await held(house, path)
    before.news.tell("source")
    await asyncio.wait([asking], timeout=0.2)
    assert not asking.done()
    latest = before.streams["source"].playlist.latest
    await published(house, running, camera)
    async with asyncio.timeout(LIMIT_S):
        answer = await asking
    assert answer.status == 200
    assert "#EXT-X-DISCONTINUITY\n" in await answer.text()
    assert before.streams["source"].playlist.latest != latest
    with monkeypatch.context() as soon:
        soon.setattr(origin, "HELD_S", 0.5)
        assert (await house.ask("xiang", "GET", path)).status == 200
    asking = await held(house, path)
    assert (await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")).status == 200
    async with asyncio.timeout(LIMIT_S):
        assert (await asking).status == 200


async def test_a_class_that_is_lost_while_it_is_opened_is_carried_by_nobody_here(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal that takes as long to read cannot be had: one that waits until it is told."""
    goes, opened = asyncio.Event(), KeptChunks.open

    async def slowly(*args: Any, **named: Any) -> KeptChunks:
        await goes.wait()
        return await opened(*args, **named)

    monkeypatch.setattr(KeptChunks, "open", slowly)
    carrier = carrier_of(house)
    opening = asyncio.create_task(carrier.broadcast(running))
    await until_true(lambda: running in carrier._carried, what="it is being opened")
    losing = asyncio.create_task(carrier.lose(running))
    await asyncio.wait([losing], timeout=0.2)
    assert not losing.done()
    goes.set()
    async with asyncio.timeout(LIMIT_S):
        await losing
        assert (await opening).is_over
    assert carrier.carried(running) is None


async def test_a_segment_that_cannot_be_stored_keeps_no_class_from_its_end(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, failed = house.ground.objects.put, list[str]()

    async def once_not(key: str, *more: Any) -> object:
        if key.endswith(".m4s") and not failed:
            failed.append(key)
            raise RuntimeError("what nobody foresaw")
        return await put(key, *more)

    monkeypatch.setattr(house.ground.objects, "put", once_not)
    await published(house, running, camera)
    async with asyncio.timeout(LIMIT_S):
        answer = await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")
    assert (answer.status, len(failed)) == (200, 1)
    rows = await house.ground.database.read(queries.lesson, running, "source")
    assert sum(row.duration_us for row in rows) / 1e6 == pytest.approx(4, abs=0.2)


async def test_without_an_encoder_the_picture_goes_on(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that has no more processes cannot be had."""
    tried = list[bool]()

    def nothing(*_: object) -> object:
        tried.append(True)
        raise BlockingIOError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(sound, "encoding", nothing)
    monkeypatch.setattr(packager, "SOUND_WAIT_US", 0)
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    chunks = list(camera.filmed(round(time.time() * 1e6), 0, 6))
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, chunks[-1].number)
    assert "EXT-X-PART" in await playlist(house, running, query="?_HLS_msn=0&_HLS_part=1")
    assert len(tried) == 2, "now, and once more after some seconds"
    await socket.close()
