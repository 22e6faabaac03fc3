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


def line_of(class_id: int, rendition: str = "source") -> str:
    return f"/live/{class_id}/playlists/{rendition}"


@asynccontextmanager
async def line(
    house: House, class_id: int, name: str = "xiang", rendition: str = "source"
) -> AsyncIterator[ClientWebSocketResponse]:
    """As a browser has it: by a session."""
    cookies = await session_cookie(house, name)
    words = "; ".join(f"{key}={value}" for key, value in cookies.items())
    path = line_of(class_id, rendition)
    async with house.client.ws_connect(path, headers={"Cookie": words}) as socket:
        yield socket


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
        # What there was when the line began, and then a part more each time.
        assert ends == sorted(ends) and len(set(ends)) >= len(ends) - 1
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
        assert not other.closed


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
        socket = await publishing(house, running)
        await socket.receive_json()
        await socket.send_str(camera.configuration())
        # The film goes on where it was.
        for chunk in camera.filmed(round(time.time() * 1e6), 4, 8):
            await socket.send_bytes(chunk.encode())
        await pushed(told)


async def test_a_session_has_so_many_lines_and_no_more(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "MOST_LINES", 2)
    await published(house, running, camera)
    path, headers = line_of(running), house.bearer("xiang")
    first = [await house.client.ws_connect(path, headers=headers) for _ in range(2)]
    for each in first:
        await pushed(each)
    third = await house.client.ws_connect(path, headers=headers)
    assert await closed(third) == WSCloseCode.TRY_AGAIN_LATER
    async with line(house, running, "county") as another:
        await pushed(another)
    await first[0].close()
    lines = house.client.server.app[pushing.LINES]  # type: ignore[attr-defined]
    await until_true(lambda: lines.total() == 1)
    again = await house.client.ws_connect(path, headers=headers)
    await pushed(again)


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
