"""A class is ended and its recording filled, whatever its publisher has sent again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from services.live.carrying import broadcast
from services.live.carrying.carrier import CARRIER
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import fetched, packets, playlist, publishing
from tongke.classes import queries
from tongke.live.packager import MOST_WAITING
from tongke.live.wire import Chunk, ChunkTrack

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
