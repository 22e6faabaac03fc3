"""A recording appliance that pushes RTMP: ffmpeg's own publisher, which nobody here wrote."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from prometheus_client import REGISTRY
from sqlalchemy.orm import Session

from tests.live.rtmp.test_dialogue import GREETING, commanded
from tests.services.house import House, person
from tests.waiting import LIMIT_S
from tongke import clock
from tongke.classes import queries
from tongke.classes.plan import booking
from tongke.classes.plan.booking import Wanted
from tongke.media.rendition import SOURCE
from tongke.people.models import Room
from tongke.people.secret import digest

KEY = "sk_of-the-lead-room"


def rooms(session: Session) -> None:
    """The lead room, whose key this is, and the one that is to see it."""
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


async def let_in(house: House, key: str = KEY) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection with the right key, which pushes nothing."""
    port = house.ground.settings.rtmp_port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GREETING + commanded("connect", 1.0, {"app": "live"}))
    writer.write(commanded("publish", 2.0, None, key, "live"))
    async with asyncio.timeout(LIMIT_S):
        await reader.readuntil(b"NetStream.Publish.Start")
    return reader, writer


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
