"""Which appliances are let in: by their keys, by who speaks for them, and how many at once."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from pytest_aiohttp.plugin import AiohttpClient
from sqlalchemy.orm import Session

from services.app import create_app
from services.live.ingest.rtmp import server
from tests.live.rtmp.test_dialogue import EMPTY, GREETING, commanded
from tests.services.house import House
from tests.services.live.ingest.appliance import (
    KEY,
    booked,
    has_segments,
    let_in,
    outcome,
    pushing,
    until,
)
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.classes import queries
from tongke.classes.school import appliances
from tongke.live.rtmp.chunks import Message, encode
from tongke.media.rendition import SOURCE
from tongke.people.models import Room
from tongke.people.secret import digest


@pytest.mark.parametrize(("key", "why"), [("sk_guess", "wrong-stream-key"), (KEY, "no-class-now")])
async def test_a_wrong_key_and_one_without_a_class_are_refused_and_counted(
    door: House, key: str, why: str
) -> None:
    before, seen_before = outcome(why), await appliances.seen(door.ground.bus, digest(key))
    async with pushing(door, key) as process:
        async with asyncio.timeout(10):
            assert await process.wait() != 0
    assert outcome(why) == before + 1
    # Of a guess nothing is kept; of the room's own key, that it is right.
    seen = await appliances.seen(door.ground.bus, digest(key))
    is_known = why == "no-class-now"
    assert (seen.turned_away_at != seen_before.turned_away_at) == is_known
    assert seen.is_turned_away == is_known and seen.pushed_at == seen_before.pushed_at


async def test_who_pushes_is_seen_to_before_the_class_begins(door: House) -> None:
    """So that it can be tried in the break."""
    await door.ground.database.write(booked, door, 300.0)
    began = clock.now()

    async def is_seen() -> bool:
        seen = await appliances.seen(door.ground.bus, digest(KEY))
        return seen.pushed_at is not None and seen.pushed_at > began

    async with pushing(door):
        await until(is_seen)


async def test_a_key_that_is_revoked_ends_the_push(door: House) -> None:
    number = await door.ground.database.write(booked, door, -1.0)
    async with pushing(door) as process:
        await until(has_segments(door, number, 1))

        def revoke(session: Session) -> None:
            session.get_one(Room, 1).stream_key_hash = None

        await door.ground.database.write(revoke)
        async with asyncio.timeout(10):
            await process.wait()


async def test_behind_a_proxy_each_address_is_slowed_down_for_itself(
    behind_a_proxy: House,
) -> None:
    """The proxy's own would be that of every school."""
    before = outcome("too-many-requests")
    for guess in range(13):
        await _ask(behind_a_proxy, f"sk_{guess}", first=b"PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n")
    assert outcome("too-many-requests") > before
    before = outcome("wrong-stream-key")
    await _ask(behind_a_proxy, "sk_guess", first=b"PROXY TCP4 203.0.113.8 10.0.0.1 1 2\r\n")
    assert outcome("wrong-stream-key") == before + 1


async def test_a_proxy_has_to_say_for_whom_it_speaks(behind_a_proxy: House) -> None:
    assert await _ask(behind_a_proxy, KEY) == b""


async def test_nobody_else_is_believed(door: House) -> None:
    assert await _ask(door, KEY, first=b"PROXY TCP4 203.0.113.7 10.0.0.1 1 2\r\n") == b""


async def test_who_does_not_come_to_the_point_is_cut(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "ASKS_WITHIN_S", 0.3)
    reader, writer = await _open(door)
    writer.write(GREETING[:20])
    await asyncio.sleep(0.2)
    writer.write(GREETING[20:40])
    async with asyncio.timeout(2):
        assert await reader.read() == b""
    writer.close()


async def test_a_key_that_is_revoked_ends_who_pushes_nothing_too(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SILENCE_S", 1_000.0)
    await door.ground.database.write(booked, door, -1.0)
    reader, writer = await let_in(door)

    def revoke(session: Session) -> None:
        session.get_one(Room, 1).stream_key_hash = None

    await door.ground.database.write(revoke)
    await _until_ended(reader)
    writer.close()


async def test_who_says_something_and_pushes_nothing_is_silent(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SILENCE_S", 0.5)
    await door.ground.database.write(booked, door, -1.0)
    reader, writer = await let_in(door)

    async def acknowledge() -> None:
        while not writer.is_closing():
            writer.write(encode(Message(3, 0, bytes(4)), 2))
            await asyncio.sleep(0.05)

    saying = asyncio.create_task(acknowledge())
    await _until_ended(reader)
    saying.cancel()
    writer.close()


async def test_of_one_key_the_newest_connections_stay(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else whoever had it once could hold all places, of some addresses."""
    monkeypatch.setattr(server, "SILENCE_S", 1_000.0)
    await door.ground.database.write(booked, door, -1.0)
    lines = [await let_in(door) for _ in range(server.MOST_OF_ONE_KEY + 2)]
    for reader, _ in lines[:2]:
        await _until_ended(reader)
    for reader, writer in lines[2:]:
        # It is heard, and answers nothing.
        writer.write(encode(Message(3, 0, bytes(4)), 2))
        await writer.drain()
        assert not reader.at_eof()
    for _, writer in lines:
        writer.close()


async def test_one_address_holds_so_many_lines_and_no_more(door: House) -> None:
    lines = [await _open(door) for _ in range(server.MOST_OF_ONE_ADDRESS)]
    reader, writer = await _open(door)
    async with asyncio.timeout(2):
        assert await reader.read() == b""
    for _, held in [*lines, (reader, writer)]:
        held.close()

    async def is_let_in() -> bool:
        return await _ask(door, "sk_guess") != b""

    await until(is_let_in)


async def test_when_it_is_full_who_has_shown_no_key_goes_first(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who holds lines, of some addresses, keeps no appliance out."""
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 3)
    lines = [await _open(door) for _ in range(3)]
    number = await door.ground.database.write(booked, door, -1.0)
    async with pushing(door):
        async with asyncio.timeout(server.ASKS_WITHIN_S / 2):
            assert await lines[0][0].read() == b""
        await until(has_segments(door, number, 1))
        lines += [await _open(door) for _ in range(4)]
        # The appliance, which is older than they, stays.
        rows = len(await door.ground.database.read(queries.segments, number, SOURCE))
        await until(has_segments(door, number, rows + 2))
    for _, held in lines:
        held.close()


async def test_when_it_is_full_of_appliances_another_has_to_wait(
    door: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 1)
    number = await door.ground.database.write(booked, door, -1.0)
    async with pushing(door):
        await until(has_segments(door, number, 1))
        before = outcome("too-many-appliances")
        reader, writer = await _open(door)
        async with asyncio.timeout(server.ASKS_WITHIN_S / 2):
            assert await reader.read() == b""
        writer.close()
        assert outcome("too-many-appliances") == before + 1
        rows = len(await door.ground.database.read(queries.segments, number, SOURCE))
        await until(has_segments(door, number, rows + 2))


async def test_between_the_messages_that_have_come_everybody_has_a_turn(door: House) -> None:
    reader, writer = await _open(door)
    appliances = server.Server(door.client.app)
    connection = server._Connection(appliances, server._Line("127.0.0.1", b""), reader, writer)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    connection._dialogue.accept()
    assert await connection._hear(GREETING)
    beside = asyncio.create_task(others())
    assert await connection._hear(EMPTY + b"\xc4" * 9_999)
    assert turns >= 10_000 // 200
    beside.cancel()
    writer.close()


# After it the address of the tests is slowed down for the others, and for those of other files.
async def test_who_tries_many_keys_is_slowed_down(door: House) -> None:
    before = outcome("too-many-requests")
    for guess in range(13):
        await _ask(door, f"sk_{guess}")
    assert outcome("too-many-requests") > before


@pytest.fixture
async def behind_a_proxy(door: House, aiohttp_client: AiohttpClient) -> House:
    await door.client.close()
    door.ground.settings.trusted_proxies = ["127.0.0.0/8"]
    door.client = await aiohttp_client(create_app(door.ground))
    return door


async def _until_ended(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(LIMIT_S):
        with contextlib.suppress(ConnectionResetError):
            await reader.read()


async def _open(house: House) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", house.ground.settings.rtmp_port)


async def _ask(house: House, key: str, *, first: bytes = b"") -> bytes:
    """Ask to publish, without a picture behind it; what was answered."""
    reader, writer = await _open(house)
    writer.write(first + GREETING + commanded("connect", 1.0, {"app": "live"}))
    writer.write(commanded("publish", 2.0, None, key, "live"))
    try:
        return await asyncio.wait_for(reader.read(), 10)
    except ConnectionResetError:
        # It was cut before it had all been read.
        return b""
    finally:
        writer.close()
