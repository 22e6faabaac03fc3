"""A class is ended and its recording filled, whatever its publisher has sent again."""

from __future__ import annotations

import itertools
import json
import tracemalloc
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from services.live.carrying import broadcast, filling
from services.live.carrying.carrier import CARRIER, Carrier
from services.live.carrying.filling import Filling
from tests.live.playlist_reader import read
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import fetched, packets, playlist, publishing
from tongke.classes import queries
from tongke.live import filling as cutting
from tongke.live.packager import MOST_WAITING
from tongke.live.stream import Whole
from tongke.live.wire import Chunk, ChunkTrack
from tongke.publishing import recording
from tongke.storage.journal import Journal

pytestmark = pytest.mark.media


async def began_us(house: House, running: int) -> int:
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    return (await carrier.broadcast(running)).origin_us  # type: ignore[no-any-return]


async def sent_again(house: House, running: int, said: str, chunks: Iterable[Chunk]) -> None:
    """What a break held up comes, and is kept."""
    socket = await publishing(house, running)
    first = (await socket.receive_json())["hello"]["highest"] + 1
    await socket.send_str(said)
    stream = json.loads(said)["stream"]
    for number, chunk in enumerate(chunks, first):
        again = replace(chunk, number=number, stream=stream, sent_again=True)
        await socket.send_bytes(again.encode())
    await until_durable(socket, number)
    await socket.close()


async def ended(house: House, running: int) -> float:
    """End the class as its teacher does; how many seconds of it were recorded."""
    answer = await house.ask("zhou", "POST", f"/api/v1/classes/{running}/end")
    assert answer.status == 200, await answer.text()
    rows = await house.ground.database.read(queries.lesson, running, "source")
    return sum(row.duration_us for row in rows) / 1e6


async def test_a_sound_that_was_gone_for_long_costs_neither_pictures_nor_the_sound_after_it(
    house: House, running: int, tmp_path: Path
) -> None:
    camera = Camera(house.ground.programs, seconds=40, size="160x90")
    since_us = await began_us(house, running)
    chunks = [
        chunk
        for chunk in camera.filmed(since_us)
        if chunk.track is ChunkTrack.PICTURE or not 2e6 <= chunk.at_us - since_us < 37e6
    ]
    pictures = sum(chunk.track is ChunkTrack.PICTURE for chunk in chunks)
    assert pictures > MOST_WAITING, "more than may wait for their sound"
    await sent_again(house, running, camera.configuration(), chunks)
    assert await ended(house, running) == pytest.approx(40, abs=0.2)
    path = tmp_path / "lesson.mp4"
    path.write_bytes(await fetched(house, running, await playlist(house, running)))
    found = packets(house, path)
    assert found["h264"] == pictures
    assert 48_000 / 1024 * 5 - 6 < found["aac"] < 48_000 / 1024 * 5 + 6


async def test_pictures_that_no_camera_gives_are_left_out_alone(
    house: House, running: int, camera: Camera
) -> None:
    since_us = await began_us(house, running)
    at_once = [
        Chunk(ChunkTrack.PICTURE, 0, 1, since_us + number, 0, b"x", keyframe=not number)
        for number in range(3 * MOST_WAITING)
    ]
    film = [replace(chunk, at_us=chunk.at_us + 1_000_000) for chunk in camera.filmed(since_us)]
    await sent_again(house, running, camera.configuration(), [*at_once, *film])
    assert await ended(house, running) == pytest.approx(camera.seconds, abs=1.5)


async def test_a_stream_of_which_nothing_can_be_made_is_left_out_alone(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its sounds are further apart than the format can say. They would not be let in now; a journal
    may hold what nobody foresaw."""
    monkeypatch.setattr(broadcast, "AHEAD_S", 1e9)
    since_us = await began_us(house, running)
    await sent_again(house, running, camera.configuration(), camera.filmed(since_us))
    said = json.loads(camera.configuration(1))
    said["sound"] = {"codec": "aac", "channels": 2, "rate": 96_000, "description": "EBA="}
    last_us = since_us + 30_000_000
    apart = [
        Chunk(ChunkTrack.PICTURE, 1, 1, last_us, 0, b"x", keyframe=True),
        Chunk(ChunkTrack.SOUND, 1, 1, last_us, 20_000, b"x"),
        Chunk(ChunkTrack.SOUND, 1, 1, last_us + 72_000_000_000, 20_000, b"x"),
        Chunk(ChunkTrack.SOUND, 1, 1, last_us + 72_000_020_000, 20_000, b"x"),
    ]
    await sent_again(house, running, json.dumps(said), apart)
    assert await ended(house, running) == pytest.approx(camera.seconds, abs=0.2)


async def test_sound_that_says_it_is_shorter_than_any_is_in_the_recording_all_the_same(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would not be let in now; an old journal may hold it."""
    monkeypatch.setattr(broadcast, "shortest_sound_us", lambda _: 1)
    since_us = await began_us(house, running)
    said = {
        "stream": 0,
        "sound": {"codec": "aac", "channels": 1, "rate": 48_000, "description": "EYg="},
    }
    at_once = [Chunk(ChunkTrack.SOUND, 0, 1, since_us + at, 1, b"x") for at in range(3_000)]
    steady = [
        Chunk(ChunkTrack.SOUND, 0, 1, since_us + 10_000 + number * 20_000, 20_000, b"x")
        for number in range(100)
    ]
    await sent_again(house, running, json.dumps(said), [*at_once, *steady])
    assert await ended(house, running) == pytest.approx(2, abs=0.1)


async def test_a_class_whose_process_died_while_it_was_filled_is_ended_by_the_next(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The segments that were made anew have numbers behind all others, and one is nobody's."""
    since_us = await began_us(house, running)
    socket = await publishing(house, running)
    await socket.receive_json()
    for number, (since_s, until_s) in enumerate([(0.0, 4.7), (8.0, 99.0)]):
        await socket.send_str(camera.configuration(number))
        for chunk in camera.filmed(since_us, since_s, until_s):
            await socket.send_bytes(replace(chunk, stream=number).encode())
    held_back = list(camera.filmed(since_us, 4.7, 8.0))
    for chunk in held_back:
        await socket.send_bytes(replace(chunk, sent_again=True).encode())
    await until_durable(socket, len(camera.chunks))
    await socket.close()

    def dies(_session: Session, _class_id: int, _words: str) -> None:
        raise ConnectionAbortedError

    with monkeypatch.context() as dying:
        dying.setattr(recording, "finish", dies)
        with pytest.raises(ConnectionAbortedError):
            await house.client.server.app[CARRIER].end(running)  # type: ignore[attr-defined]
    rows = await house.ground.database.read(queries.segments, running, "source")
    assert [row.sequence for row in rows] != list(range(len(rows))), "one is missing"
    following = Carrier(house.ground)
    stream = (await following.broadcast(running)).streams["source"]
    shown = read(stream.playlist.render(next_part_name=stream.next_part)).segments
    assert [each.name for each in shown] == [
        row.name for row in sorted(rows, key=lambda row: row.began_us)
    ]
    assert await following.end(running) is not None
    rows = await house.ground.database.read(queries.lesson, running, "source")
    assert sum(row.duration_us for row in rows) / 1e6 == pytest.approx(camera.seconds, abs=0.2)


WINDOW = 2**20
SAID = b'{"stream":0,"picture":{"width":320,"height":180,"description":"AUIAHv/hAA=="}}'
PICTURE_BYTES = 10_000


def kept_pictures(path: Path, seconds: int, *, has_keyframes: bool = True) -> Path:
    """A journal of ten pictures a second, the last of every two seconds standing longer."""
    records = [SAID]
    for tenth in (t for t in range(seconds * 10) if t % 20 < 14):
        keyframe = not tenth % 20 if has_keyframes else not tenth
        at_us, data = tenth * 100_000, bytes(PICTURE_BYTES)
        chunk = Chunk(ChunkTrack.PICTURE, 0, tenth + 1, at_us, 0, data, keyframe)
        records.append(chunk.encode())
    journal = Journal(path)
    journal.append(records)
    journal.close()
    return path


class Filled(NamedTuple):
    wholes: list[Whole]
    peak_bytes: int


async def filled(journal: Path) -> Filled:
    """What is made of a journal, and how much memory that took."""
    found, wholes = Filling(journal, 0, Path("no sound is encoded")), list[Whole]()
    tracemalloc.start()
    try:
        for epoch, windows in enumerate(found.lacking([])):
            async for _, made in found.made_anew(windows, epoch):
                wholes += [replace(whole, data=b"") for whole in made]
                made.clear()
        return Filled(wholes, tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "WINDOW_COSTS", WINDOW)
    monkeypatch.setattr(filling, "MOST_COSTS", 2 * WINDOW)


@pytest.mark.usefixtures("small_windows")
async def test_a_long_lesson_is_filled_in_the_memory_of_a_few_windows(tmp_path: Path) -> None:
    journal = kept_pictures(tmp_path / "journal", 240)
    assert journal.stat().st_size > 15 * WINDOW
    long = await filled(journal)
    assert long.peak_bytes < 5 * WINDOW, "with whatever else this process did meanwhile"
    assert sum(whole.duration_us for whole in long.wholes) / 1e6 == pytest.approx(240, abs=1)
    for one, two in itertools.pairwise(long.wholes):
        assert one.began_us + one.duration_us == two.began_us, "also where a window ends"
    assert len({whole.segment.name for whole in long.wholes}) == len(long.wholes)


@pytest.mark.usefixtures("small_windows")
async def test_of_pictures_without_end_and_without_a_keyframe_some_are_left_out(
    tmp_path: Path,
) -> None:
    with capture_logs() as logs:
        found = await filled(kept_pictures(tmp_path / "journal", 120, has_keyframes=False))
    assert found.peak_bytes < 6 * WINDOW
    assert 0 < sum(whole.duration_us for whole in found.wholes) / 1e6 < 60
    assert [log["event"] for log in logs] == ["chunks-left-out"]
