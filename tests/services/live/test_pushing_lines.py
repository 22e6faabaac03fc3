"""Who has a line of playlists, and what it is ended for."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from aiohttp import WSCloseCode, WSMsgType, WSServerHandshakeError

from services.http.kept_rights import KEPT_RIGHTS
from services.live import pushing
from services.live.access.closing import Close
from tests.services.house import House
from tests.services.live.camera import Camera
from tests.services.live.carrying.test_held import published
from tests.services.live.deaf import deaf
from tests.services.live.pushed_line import closed, cookie, go_on, line, line_of, lines_of, pushed
from tests.services.live.signalling.away import Away
from tests.services.live.signalling.test_socket import ask, entered
from tests.waiting import LIMIT_S, until_true
from tongke import clock
from tongke.classes import queries
from tongke.people.models import Account
from tongke.storage.retrying import DatabaseAway

pytestmark = pytest.mark.media

LONG_TEXT, LONG_TEXTS = bytes(60_000), 20
# What stands before a message.
FRAME_BYTES = 10


def most_unread(found: pushing.Pushing) -> int:
    return max(each._transport.get_write_buffer_size() for each in found._listeners)


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


@pytest.mark.parametrize("by_token", [False, True])
async def test_nobody_has_more_lines_by_other_headers(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch, by_token: bool
) -> None:
    monkeypatch.setattr(pushing, "MOST_LINES", 1)
    await published(house, running, camera)
    if by_token:
        token = house.bearer("xiang")["Authorization"].partition(" ")[2]
        first, other = ({"Authorization": f"{kind} {token}"} for kind in ("Bearer", "bearer  "))
    else:
        first = await cookie(house, "xiang")
        other = first | {"Authorization": "Nothing known"}
    path = line_of(running)
    only = await house.client.ws_connect(path, headers=first)
    await pushed(only)
    second = await house.client.ws_connect(path, headers=other)
    assert await closed(second) == WSCloseCode.TRY_AGAIN_LATER
    await only.close()


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
    with suppress(ConnectionError):
        for _ in range(1000):
            await told.pong()
    async with asyncio.timeout(LIMIT_S):
        while (await told.receive()).type is WSMsgType.PING:
            pass
    # What is still said on a line that is closed may break it before the reason is heard.
    assert told.close_code in {Close.DAMAGED, WSCloseCode.ABNORMAL_CLOSURE}


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
            await pushing_it._give_all(pushing.framed(LONG_TEXT))
            while (await told.receive_bytes(timeout=LIMIT_S)) != LONG_TEXT:
                pass
            return most_unread(pushing_it) > pushing.MOST_UNREAD_BYTES

        await until_true(is_left_out)
        for _ in range(LONG_TEXTS):
            assert await is_left_out()
        assert most_unread(pushing_it) <= pushing.MOST_UNREAD_BYTES + len(LONG_TEXT) + FRAME_BYTES
        kept.transport.abort()
