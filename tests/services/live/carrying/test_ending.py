"""A class that has ended is in the library at once, whole, for whom it was."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.http.kept_rights import KEPT_RIGHTS
from services.live.carrying.carrier import CARRIER
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import packets, publishing
from tests.waiting import until_true
from tongke import clock
from tongke.classes import queries
from tongke.classes.models import LiveClass
from tongke.library.models import Job, Resource
from tongke.library.vocabulary import QUEUE_OF, State, Step
from tongke.live import filling
from tongke.live.wire import Chunk, ChunkTrack
from tongke.publishing import recording, sweeping
from tongke.publishing.runner import run_step

pytestmark = pytest.mark.media


async def given(house: House, running: int, camera: Camera, *, broken: bool) -> int:
    """A class that was given and ended, perhaps with a break in its middle; its recording."""
    chunks = list(camera.filmed(round(time.time() * 1e6)))
    half = [chunk for chunk in chunks if chunk.at_us < chunks[0].at_us + 6_000_000]
    pieces = [half, chunks[len(half) :]] if broken else [chunks]
    for stream, piece in enumerate(pieces):
        socket = await publishing(house, running)
        await socket.receive_json()
        await socket.send_str(camera.configuration(stream))
        for chunk in piece:
            await socket.send_bytes(replace(chunk, stream=stream).encode())
        await until_durable(socket, piece[-1].number)
        await socket.close()
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    number = await carrier.end(running)
    assert number is not None
    assert isinstance(number, int)
    return number


@pytest.mark.parametrize("broken", [False, True], ids=["in one", "with a break"])
async def test_it_is_watched_at_once_and_then_becomes_a_lesson_like_any(
    house: House, running: int, camera: Camera, tmp_path: Path, broken: bool
) -> None:
    number = await given(house, running, camera, broken=broken)
    for name, status in (
        ("zhou", 200),
        ("xiang", 200),
        ("head", 200),
        ("long", 404),
        ("tang", 404),
    ):
        assert (await house.ask(name, "GET", f"/api/v1/resources/{number}")).status == status, name
    media = await house.json("zhou", "GET", f"/api/v1/resources/{number}/media")
    assert media["state"] == "playable"
    assert media["duration_s"] == pytest.approx(camera.seconds, abs=0.2)
    await _played(house, media["hls"])
    assert await sweeping.remove_orphans(house.ground) == 0
    await _work(house, number)
    media = await house.json("xiang", "GET", f"/api/v1/resources/{number}/media")
    assert media["state"] == "published"
    assert media["poster"]
    await _played(house, media["hls"])
    key = await house.ground.database.read(lambda s: s.get_one(Resource, number).original_key)
    async with house.ground.objects.local_copy(key) as path:
        found = packets(house, path)
    assert found["h264"] == sum(chunk.duration_us == 0 for chunk in camera.chunks)


async def test_a_lesson_whose_first_moment_was_its_sound_alone_is_whole(
    house: House, running: int, camera: Camera, tmp_path: Path
) -> None:
    """A computer that is slow to give its first picture; nothing of what follows is lost."""
    chunks = list(camera.filmed(round(time.time() * 1e6)))
    until_us = chunks[0].at_us + 2_000_000
    alone = [c for c in chunks if c.track is ChunkTrack.SOUND and c.at_us < until_us]
    rest = [replace(chunk, stream=1) for chunk in chunks if chunk.at_us >= until_us]
    said = json.loads(camera.configuration(0))
    del said["picture"]
    socket, sent = await publishing(house, running), 0
    await socket.receive_json()
    for text, piece in ((json.dumps(said), alone), (camera.configuration(1), rest)):
        await socket.send_str(text)
        for chunk in piece:
            sent += 1
            await socket.send_bytes(replace(chunk, number=sent).encode())
    await until_durable(socket, sent)
    await socket.close()
    number = await house.client.server.app[CARRIER].end(running)  # type: ignore[attr-defined]
    media = await house.json("zhou", "GET", f"/api/v1/resources/{number}/media")
    assert media["medium"] == "video"
    await _work(house, number)
    media = await house.json("zhou", "GET", f"/api/v1/resources/{number}/media")
    assert media["medium"] == "video"
    assert media["duration_s"] == pytest.approx(camera.seconds, abs=0.3)
    key = await house.ground.database.read(lambda s: s.get_one(Resource, number).original_key)
    async with house.ground.objects.local_copy(key) as path:
        found = packets(house, path)
    assert found["h264"] >= sum(chunk.track is ChunkTrack.PICTURE for chunk in rest)


async def test_after_its_end_its_pictures_are_only_for_whom_the_recording_is_for(
    house: House, running: int, camera: Camera
) -> None:
    number = await given(house, running, camera, broken=False)
    rows = await house.ground.database.read(queries.segments, running, "source")
    piece = f"/live/{running}/hls/source/{rows[0].name}"
    playlist = f"/live/{running}/hls/source/live.m3u8"

    async def seen(name: str) -> set[int]:
        return {(await house.ask(name, "GET", path)).status for path in (piece, playlist)}

    def long_ago(session: Session) -> None:
        session.get_one(LiveClass, running).ended_at = clock.now() - queries.WATCHED_TO_THE_END

    narrowed = {"audience": [f"user:{house.ids['zhou']}"]}
    await house.json("zhou", "PATCH", f"/api/v1/resources/{number}", json=narrowed)
    assert await seen("xiang") == {200}, "who still watches sees it to the end"
    await house.ground.database.write(long_ago)
    # As after the minute for which a verdict is kept.
    house.client.server.app[KEPT_RIGHTS].forget()  # type: ignore[attr-defined]
    assert await seen("xiang") == {404}
    assert await seen("zhou") == {200}


async def test_ended_twice_it_is_one_recording(house: House, running: int, camera: Camera) -> None:
    number = await given(house, running, camera, broken=False)

    def again(session: Session) -> list[int]:
        recording.finish(session, running)
        return list(session.scalars(select(Job.id).where(Job.resource_id == number)))

    assert len(await house.ground.database.write(again)) == 1
    state = await house.ground.database.read(lambda s: s.get_one(LiveClass, running).state)
    assert state == "ended"


async def test_an_initialisation_is_put_once_for_all_its_segments(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, keys = house.ground.objects.put, list[str]()

    async def counted(key: str, *more: Any) -> object:
        keys.append(key)
        return await put(key, *more)

    monkeypatch.setattr(house.ground.objects, "put", counted)
    await given(house, running, camera, broken=True)
    maps = [key for key in keys if key.endswith(".mp4")]
    segments = [key for key in keys if key.endswith(".m4s")]
    assert len(segments) > len(maps)
    assert sorted(maps) == sorted(set(maps))


async def test_what_is_on_air_is_no_orphan(house: House, running: int, camera: Camera) -> None:
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    chunks = list(camera.filmed(round(time.time() * 1e6), 0, 8))
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, chunks[-1].number)
    without_grace = replace(
        house.ground, settings=house.ground.settings.model_copy(update={"orphan_grace_h": 0})
    )

    async def some() -> bool:
        return bool(await _stored(house, running))

    await until_true(some)
    stored = await _stored(house, running)
    await sweeping.remove_orphans(without_grace)
    assert stored <= await _stored(house, running)
    await socket.close()


async def _stored(house: House, class_id: int) -> set[str]:
    """The objects of what the rows of a class say is there."""
    rows = await house.ground.database.read(queries.segments, class_id, "source")
    number = await house.ground.database.read(queries.resource_id, class_id)
    folder = recording.folder(number, "source")
    kept = {info.key async for info in house.ground.objects.list(folder)}
    return kept & {f"{folder}{row.name}" for row in rows}


async def _played(house: House, master: str) -> None:
    """Every address of a player's way answers."""
    waiting, seen = [master], set[str]()
    while waiting:
        path = waiting.pop()
        answer = await house.ask("xiang", "GET", path)
        assert answer.status == 200, path
        seen.add(path)
        if path.endswith(".m3u8"):
            text = await answer.text()
            assert path == master or "#EXT-X-ENDLIST" in text
            names = re.findall(r'URI="([^"]+)"', text)
            names += [line for line in text.splitlines() if line and not line.startswith("#")]
            folder = path.rpartition("/")[0]
            waiting += [each for name in names if (each := f"{folder}/{name}") not in seen]
    assert any(path.endswith(".m4s") for path in seen)


async def _work(house: House, number: int) -> None:
    """What workers do until all is done."""
    job = await house.ground.database.read(
        lambda s: s.scalars(select(Job.id).where(Job.resource_id == number)).one()
    )
    for step in Step:
        await run_step(house.ground, job, QUEUE_OF[step], lambda: False)
    state = await house.ground.database.read(lambda s: s.get_one(Resource, number).state)
    assert state == State.PUBLISHED


async def test_what_a_break_held_back_is_in_the_recording(
    house: House, running: int, camera: Camera, tmp_path: Path
) -> None:
    """Three seconds were captured while the line was broken, and sent again behind what happened
    afterwards: every picture of the film is in the lesson, once."""
    chunks = list(camera.filmed(round(time.time() * 1e6)))
    began = chunks[0].at_us

    def between(since_s: float, until_s: float) -> list[Chunk]:
        return [c for c in chunks if since_s <= (c.at_us - began) / 1e6 < until_s]

    first = await publishing(house, running)
    await first.receive_json()
    await first.send_str(camera.configuration(0))
    for chunk in between(0, 4.7):
        await first.send_bytes(chunk.encode())
    await until_durable(first, between(0, 4.7)[-1].number)
    first._response.connection.transport.abort()  # type: ignore[union-attr]
    second = await publishing(house, running)
    await second.receive_json()
    await second.send_str(camera.configuration(1))
    for chunk in between(8, 99):
        await second.send_bytes(replace(chunk, stream=1).encode())
    for chunk in between(4.7, 8):
        await second.send_bytes(replace(chunk, sent_again=True).encode())
    await until_durable(second, chunks[-1].number)
    await second.close()
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    number = await carrier.end(running)
    await _work(house, number)
    key = await house.ground.database.read(lambda s: s.get_one(Resource, number).original_key)
    async with house.ground.objects.local_copy(key) as path:
        found = packets(house, path)
    assert found["h264"] == sum(chunk.duration_us == 0 for chunk in camera.chunks)
    assert found["aac"] > 48_000 / 1024 * camera.seconds - 8


async def test_a_lesson_that_was_all_held_back_is_made_in_windows_and_lacks_nothing(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a line that was too thin for its pictures: there is more than memory has room for."""
    monkeypatch.setattr(filling, "WINDOW_COSTS", 2**19)
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    origin_us = (await carrier.broadcast(running)).origin_us
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    for chunk in camera.filmed(origin_us):
        await socket.send_bytes(replace(chunk, sent_again=True).encode())
    await until_durable(socket, len(camera.chunks))
    await socket.close()
    number = await carrier.end(running)
    rows = await house.ground.database.read(queries.lesson, running, "source")
    assert len({row.map_name for row in rows}) > 2, "several windows"
    await _work(house, number)
    key = await house.ground.database.read(lambda s: s.get_one(Resource, number).original_key)
    async with house.ground.objects.local_copy(key) as path:
        found = packets(house, path)
    assert found["h264"] == sum(chunk.duration_us == 0 for chunk in camera.chunks)
    assert found["aac"] > 48_000 / 1024 * camera.seconds - 8


async def test_a_training_becomes_research_and_no_lesson(
    house: House, running: int, camera: Camera
) -> None:
    def train(session: Session) -> None:
        session.get_one(LiveClass, running).purpose = "training"

    await house.ground.database.write(train)
    number = await given(house, running, camera, broken=False)
    told = await house.json("xiang", "GET", f"/api/v1/resources/{number}")
    assert told["kind"] == "research_output"
