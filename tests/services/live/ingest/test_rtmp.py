"""What a recording appliance pushes becomes the recording of its room's class."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest

from services.live.ingest.rtmp import lesson as lessons
from services.live.ingest.rtmp.lesson import Lesson
from tests.services.house import House
from tests.services.live.ingest.appliance import (
    booked,
    has_segments,
    let_in,
    outcome,
    pushing,
    until,
)
from tests.services.live.ingest.test_publishing import publishing
from tests.services.live.kept_rows import kept_rows
from tests.waiting import until_true
from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.media.programs import Programs
from tongke.media.rendition import SOURCE


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
    log = await door.ground.database.read(kept_rows, number)
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
        rows = await door.ground.database.read(kept_rows, number)
        return sum(row.kind == "begin" for row in rows)

    assert await began() == 0
    async with pushing(door):
        await until(has_segments(door, number, 1))
    assert await began() == 1


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int | None]:
    """The class that each look of an appliance found for it."""
    found, look = list[int | None](), Lesson._look

    async def looking(lesson: Lesson) -> None:
        await look(lesson)
        found.append(lesson._class_id)

    monkeypatch.setattr(Lesson, "_look", looking)
    monkeypatch.setattr(lessons, "LOOK_S", 0.2)
    return found


async def test_before_its_time_nothing_is_recorded_and_nobody_is_sent_away(
    door: House, looked: list[int | None]
) -> None:
    number = await door.ground.database.write(booked, door, 300.0)
    before = outcome("accepted")

    async def is_let_in() -> bool:
        return outcome("accepted") > before

    async with pushing(door) as process:
        await until(is_let_in)
        await until_true(lambda: len(looked) > 3, what="it is looked for a class")
        assert process.returncode is None
        assert not any(looked)
        assert not await has_segments(door, number, 1)()
        await door.json("zhou", "POST", f"/api/v1/classes/{number}/start")
        await until(has_segments(door, number, 1))


async def test_who_has_the_key_and_pushes_nothing_begins_no_class(
    door: House, looked: list[int | None]
) -> None:
    number = await door.ground.database.write(booked, door, -1.0)
    _, writer = await let_in(door)
    await until_true(lambda: len(looked) > 3, what="it is looked for a class")
    live = await door.ground.database.read(lambda s: s.get_one(LiveClass, number))
    assert live.started_at is None
    writer.close()
    async with pushing(door):
        await until(has_segments(door, number, 1))


async def test_what_the_teachers_page_publishes_goes_first_and_the_appliance_waits(
    door: House, looked: list[int | None]
) -> None:
    number = await door.ground.database.write(booked, door, -1.0)

    async def sources() -> list[tuple[bool, str]]:
        log = await door.ground.database.read(kept_rows, number)
        said = [row.payload for row in log if row.kind == "publisher"]
        return [(row["on"], row["source"]) for row in said]

    async def told(*expected: tuple[bool, str]) -> None:
        await until(lambda: _is(sources, list(expected)))

    async with pushing(door) as process:
        await told((True, "appliance"))
        page = await publishing(door, number)
        await told((True, "appliance"), (True, "page"))
        del looked[:]
        await until_true(lambda: len(looked) > 3, what="it is looked whether it may")
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
