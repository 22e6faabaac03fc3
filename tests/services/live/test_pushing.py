"""Who has a line is pushed what the origin would answer, for as long as it would answer."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientWebSocketResponse, WSCloseCode, WSMsgType, WSServerHandshakeError

from services.http.kept_rights import KEPT_RIGHTS
from services.live import pushing
from services.live.access.closing import Close
from services.live.carrying.carrier import CARRIER
from tests.live.playlist_reader import read
from tests.services.house import House, session_cookie
from tests.services.live.camera import Camera, until_durable
from tests.services.live.carrying.test_held import carrier_of, published
from tests.services.live.conftest import Node
from tests.services.live.deaf import deaf
from tests.services.live.ingest.test_publishing import playlist, publishing
from tests.services.live.signalling.away import Away
from tests.services.live.signalling.test_socket import ask, entered
from tests.waiting import LIMIT_S, until_true
from tongke import clock
from tongke.classes import queries
from tongke.demo_library.live_feed import play
from tongke.people.models import Account
from tongke.storage.retrying import DatabaseAway

pytestmark = pytest.mark.media

LONG_TEXT, LONG_TEXTS = bytes(60_000), 20
# What stands before a message.
FRAME_BYTES = 10


def line_of(class_id: int, rendition: str = "source") -> str:
    return f"/live/{class_id}/playlists/{rendition}"


@asynccontextmanager
async def line(
    house: House, class_id: int, name: str = "xiang", rendition: str = "source"
) -> AsyncIterator[ClientWebSocketResponse]:
    """As a browser has it: by a session."""
    path = line_of(class_id, rendition)
    async with house.client.ws_connect(path, headers=await cookie(house, name)) as socket:
        yield socket


async def cookie(house: House, name: str) -> dict[str, str]:
    """Of a new session."""
    cookies = await session_cookie(house, name)
    return {"Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items())}


def most_unread(found: pushing.Pushing) -> int:
    return max(each._transport.get_write_buffer_size() for each in found._listeners)


def lines_of(house: House) -> int:
    return house.client.server.app[pushing.LINES].total()  # type: ignore[attr-defined, no-any-return]


async def pushed(socket: ClientWebSocketResponse) -> str:
    return gzip.decompress(await socket.receive_bytes(timeout=LIMIT_S)).decode()


async def closed(socket: ClientWebSocketResponse) -> int | None:
    """With which code a line is closed, after all that is still pushed."""
    async with asyncio.timeout(LIMIT_S):
        while (await socket.receive()).type is WSMsgType.BINARY:
            pass
    return socket.close_code


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


async def test_a_foreign_page_has_none_in_somebodys_name(house: House, running: int) -> None:
    headers = {**house.bearer("xiang"), "Origin": "https://elsewhere.example"}
    with pytest.raises(WSServerHandshakeError) as refused:
        await house.client.ws_connect(line_of(running), headers=headers)
    assert refused.value.status == 403


async def go_on(house: House, running: int, camera: Camera) -> None:
    """The film goes on where it was."""
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    for chunk in camera.filmed(round(time.time() * 1e6), 4, 8):
        await socket.send_bytes(chunk.encode())


async def test_who_is_shut_out_has_no_more(house: House, running: int, camera: Camera) -> None:
    await published(house, running, camera)

    def shut(session) -> None:  # type: ignore[no-untyped-def]
        session.get_one(Account, house.ids["xiang"]).disabled_at = clock.now()

    async with line(house, running) as told, line(house, running, "county") as other:
        await pushed(told)
        await pushed(other)
        await house.ground.database.write(shut)
        # Though nothing comes meanwhile.
        assert await closed(told) == Close.NO_CLASS
        await go_on(house, running, camera)
        await pushed(other)


async def test_a_room_that_is_sent_out_has_no_more(
    house: House, running: int, camera: Camera
) -> None:
    await published(house, running, camera)
    lead, _ = await entered(house, running, "zhou")
    async with line(house, running, "room") as told:
        await pushed(told)
        await ask(lead, "remove", room="2")
        assert await closed(told) == Close.NO_CLASS


async def test_nobody_is_sent_away_because_a_database_is(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    await published(house, running, camera)
    away = Away(house, monkeypatch, queries.may_follow)
    async with line(house, running) as told:
        await pushed(told)
        away.leave(DatabaseAway())
        house.client.server.app[KEPT_RIGHTS].forget()  # type: ignore[attr-defined]
        await until_true(lambda: away.refusals > 1, what="it is asked, and asked again")
        away.come_back()
        await go_on(house, running, camera)
        await pushed(told)


async def test_a_session_has_so_many_lines_and_no_more(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "MOST_LINES", 2)
    await published(house, running, camera)
    for headers in (house.bearer("xiang"), await cookie(house, "xiang")):
        path = line_of(running)
        two = [await house.client.ws_connect(path, headers=headers) for _ in range(2)]
        for each in two:
            await pushed(each)
        third = await house.client.ws_connect(path, headers=headers)
        assert await closed(third) == WSCloseCode.TRY_AGAIN_LATER
        await two[0].close()
        await until_true(lambda: lines_of(house) == 1)
        again = await house.client.ws_connect(path, headers=headers)
        await pushed(again)
        await again.close()
        await two[1].close()
        await until_true(lambda: lines_of(house) == 0)


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


async def test_who_says_anything_is_no_player(house: House, running: int, camera: Camera) -> None:
    """Reading it would keep us busy."""
    await published(house, running, camera)
    async with line(house, running) as told, line(house, running) as pinging:
        await pushed(told)
        await told.send_str("")
        assert await closed(told) == Close.DAMAGED
        await pushed(pinging)
        await pinging.ping()
        assert await closed(pinging) == Close.DAMAGED


async def test_it_answers_whether_it_holds_and_no_more_often_than_it_is_asked(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "HEARTBEAT_S", 0.2)
    await published(house, running, camera)
    headers = await cookie(house, "xiang")
    told = await house.client.ws_connect(line_of(running), headers=headers, autoping=False)
    await pushed(told)
    for _ in range(3 * pushing.MOST_ANSWERS):
        async with asyncio.timeout(LIMIT_S):
            assert (await told.receive()).type is WSMsgType.PING
        await told.pong()
    for _ in range(10_000):
        await told.pong()
    async with asyncio.timeout(LIMIT_S):
        while (await told.receive()).type is WSMsgType.PING:
            pass
    assert told.close_code == Close.DAMAGED


async def test_who_reads_nothing_is_left_out_and_holds_nobody_up(
    house: House, running: int, camera: Camera
) -> None:
    await published(house, running, camera)
    kept = await deaf(house.client, line_of(running), await cookie(house, "xiang"))
    async with line(house, running) as told:
        await pushed(told)
        await until_true(lambda: lines_of(house) == 2)
        (pushing_it,) = house.client.server.app[pushing.PUSHING].values()  # type: ignore[attr-defined]

        async def is_left_out() -> bool:
            await pushing_it._give_all(LONG_TEXT)
            while (await told.receive_bytes(timeout=LIMIT_S)) != LONG_TEXT:
                pass
            return most_unread(pushing_it) > pushing.MOST_UNREAD_BYTES

        await until_true(is_left_out)
        for _ in range(LONG_TEXTS):
            assert await is_left_out()
        assert most_unread(pushing_it) <= pushing.MOST_UNREAD_BYTES + len(LONG_TEXT) + FRAME_BYTES
        kept.transport.abort()


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
