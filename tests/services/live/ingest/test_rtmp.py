"""A recording appliance pushes RTMP: here ffmpeg's own publisher, which nobody here wrote."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from pytest_aiohttp.plugin import AiohttpClient
from sqlalchemy.orm import Session

from services.app import create_app
from services.live.ingest.rtmp import server
from tests.live.rtmp.test_dialogue import GREETING, commanded
from tests.services.house import House, person
from tests.services.live.ingest.test_publishing import publishing
from tongke import clock
from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.media.programs import Programs
from tongke.media.rendition import SOURCE
from tongke.people.models import Room
from tongke.people.secret import digest

KEY = "sk_of-the-lead-room"


@pytest.fixture
async def door(house: House, aiohttp_client: AiohttpClient) -> House:
    """The service with its door for appliances open, and a class that should begin now."""
    await house.client.close()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        house.ground.settings.rtmp_port = probe.getsockname()[1]
    house.client = await aiohttp_client(create_app(house.ground))
    await house.ground.database.write(_rooms)
    return house


def _rooms(session: Session) -> None:
    session.add(Room(id=1, school_id=1, name="录播教室", stream_key_hash=digest(KEY)))
    session.add(Room(id=2, school_id=2, name="七（2）班"))


def booked(session: Session, house: House, begins_in_s: float) -> int:
    begins = clock.now() + timedelta(seconds=begins_in_s)
    teacher = person(session, house, "zhou")
    wanted = Wanted(
        title="有理数的加法", mode="broadcast", purpose="lesson", begins_at=begins,
        ends_at=begins + timedelta(minutes=40), teacher_id=teacher.account_id, school_id=1,
        room_id=1, seats=((2, None),),
    )  # fmt: skip
    return booking.book(session, teacher, wanted).id


def address(house: House, key: str = KEY) -> str:
    return f"rtmp://127.0.0.1:{house.ground.settings.rtmp_port}/live/{key}"


@asynccontextmanager
async def pushing(
    house: House, key: str = KEY, *, seconds: int = 60
) -> AsyncIterator[asyncio.subprocess.Process]:
    """With pictures that are coded by later ones, as publishers do unless they are told not to."""
    process = await asyncio.create_subprocess_exec(
        house.ground.programs.ffmpeg, "-hide_banner", "-loglevel", "error", "-re",
        "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25",
        "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100",
        "-c:v", "libx264", "-preset", "veryfast", "-threads", "1", "-bf", "2", "-g", "25",
        "-c:a", "aac", "-ac", "2", "-t", str(seconds), "-f", "flv", address(house, key),
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(happens: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await happens():
            await asyncio.sleep(0.1)


def has_segments(house: House, number: int, count: int) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        rows = await house.ground.database.read(queries.segments, number, SOURCE)
        return len(rows) >= count

    return look


def outcome(name: str) -> float:
    return REGISTRY.get_sample_value("tongke_rtmp_pushes_total", {"outcome": name}) or 0.0


async def test_a_class_begins_by_itself_and_is_recorded_as_it_was_coded(
    door: House, tmp_path: Path
) -> None:
    number = await door.ground.database.write(booked, door, -1.0)
    async with pushing(door):
        await until(has_segments(door, number, 2))
        playlist = await door.ask("zhou", "GET", f"/live/{number}/program.m3u8")
        assert "mp4a.40.2" in await playlist.text()
    live = await door.ground.database.read(lambda s: s.get_one(LiveClass, number))
    assert live.started_at is not None
    log = await door.ground.database.read(queries.log, number)
    (begun_ms,) = [row.media_ms for row in log if row.kind == "begin"]
    assert abs(begun_ms - live.started_at.timestamp() * 1000) < 5000
    await door.json("zhou", "POST", f"/api/v1/classes/{number}/end")
    film = await whole(door, number, tmp_path)
    said = await probed(door.ground.programs, film)
    assert "h264" in said and "aac" in said and "44100" in said
    # In the order of showing, no picture is twice, missing, or at another's time; but for the last,
    # without those that are coded by it and were cut off.
    times = sorted(float(each) for each in re.findall(r"^p(\d+\.\d+)", said, re.MULTILINE))
    steps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) > 40
    assert [step for step in steps[:-1] if abs(step - 0.04) > 0.002] == []


async def test_a_break_goes_on_in_the_same_lesson(door: House) -> None:
    number = await door.ground.database.write(booked, door, -1.0)
    async with pushing(door):
        await until(has_segments(door, number, 1))
    async with pushing(door):
        await until(has_segments(door, number, 3))
    rows = await door.ground.database.read(queries.segments, number, SOURCE)
    # A machine that pauses for long makes another break of it.
    assert sum(row.discontinuity for row in rows) >= 1
    assert [row.sequence for row in rows] == list(range(len(rows)))
    assert all(a.began_us < b.began_us for a, b in pairwise(rows)), [
        (row.began_us, row.duration_us) for row in rows
    ]


async def test_a_class_whose_log_does_not_say_that_it_began_is_begun_there(door: House) -> None:
    """Between the two writes the process died; no teacher sits at a computer to begin it again."""
    number = await door.ground.database.write(booked, door, -1.0)
    await door.json("zhou", "POST", f"/api/v1/classes/{number}/start")

    async def began() -> int:
        rows = await door.ground.database.read(queries.log, number)
        return sum(row.kind == "begin" for row in rows)

    assert await began() == 0
    async with pushing(door):
        await until(has_segments(door, number, 1))
    assert await began() == 1


async def test_before_its_time_nothing_is_recorded_and_nobody_is_sent_away(door: House) -> None:
    number = await door.ground.database.write(booked, door, 300.0)
    before = outcome("accepted")

    async def is_let_in() -> bool:
        return outcome("accepted") > before

    async with pushing(door) as process:
        await until(is_let_in)
        await asyncio.sleep(2.5)
        assert process.returncode is None
        assert not await has_segments(door, number, 1)()
        await door.json("zhou", "POST", f"/api/v1/classes/{number}/start")
        await until(has_segments(door, number, 1))


@pytest.mark.parametrize(("key", "why"), [("sk_guess", "wrong-stream-key"), (KEY, "no-class-now")])
async def test_a_wrong_key_and_one_without_a_class_are_refused_and_counted(
    door: House, key: str, why: str
) -> None:
    before = outcome(why)
    async with pushing(door, key) as process:
        async with asyncio.timeout(10):
            assert await process.wait() != 0
    assert outcome(why) == before + 1


async def test_a_key_that_is_revoked_ends_the_push(door: House) -> None:
    number = await door.ground.database.write(booked, door, -1.0)
    async with pushing(door) as process:
        await until(has_segments(door, number, 1))

        def revoke(session: Session) -> None:
            session.get_one(Room, 1).stream_key_hash = None

        await door.ground.database.write(revoke)
        async with asyncio.timeout(10):
            await process.wait()


async def test_what_the_teachers_page_publishes_goes_first_and_the_appliance_waits(
    door: House,
) -> None:
    number = await door.ground.database.write(booked, door, -1.0)

    async def sources() -> list[tuple[bool, str]]:
        log = await door.ground.database.read(queries.log, number)
        said = [row.payload for row in log if row.kind == "publisher"]
        return [(row["on"], row["source"]) for row in said]

    async def told(*expected: tuple[bool, str]) -> None:
        await until(lambda: _is(sources, list(expected)))

    async with pushing(door) as process:
        await told((True, "appliance"))
        page = await publishing(door, number)
        await told((True, "appliance"), (True, "page"))
        await asyncio.sleep(2.5)
        assert process.returncode is None
        assert len(await sources()) == 2, "it does not take the class back by itself"
        await page.close()
        await until(lambda: _ends_with(sources, (True, "appliance")))
    await until(lambda: _ends_with(sources, (False, "appliance")))


async def _is(ask: Callable[[], Awaitable[object]], expected: object) -> bool:
    return await ask() == expected


async def _ends_with(
    ask: Callable[[], Awaitable[list[tuple[bool, str]]]], expected: tuple[bool, str]
) -> bool:
    return (await ask())[-1] == expected


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


# After it the address of the tests is slowed down for the others.
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


async def whole(house: House, number: int, folder: Path) -> Path:
    """The recording in one file."""
    rows = await house.ground.database.read(queries.lesson, number, SOURCE)
    path = folder / "lesson.mp4"
    with path.open("wb") as file:
        for name in (rows[0].map_name, *(row.name for row in rows)):
            answer = await house.ask("zhou", "GET", f"/live/{number}/hls/source/{name}")
            assert answer.status == 200
            file.write(await answer.read())
    return path


async def probed(programs: Programs, path: Path) -> str:
    """Codecs and rates, and a line `p<seconds>` for each picture."""
    process = await asyncio.create_subprocess_exec(
        programs.ffprobe, "-v", "error", "-show_entries",
        "stream=codec_name,sample_rate:packet=pts_time,codec_type", "-of", "csv=p=0", path,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    return re.sub(r"^video,", "p", out.decode(), flags=re.MULTILINE)
