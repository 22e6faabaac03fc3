"""What goes wrong in one stream, or at the end, and what the class is then."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import WSCloseCode, WSMsgType
from sqlalchemy.orm import Session

from services.live.access.closing import Close
from services.live.carrying import sound
from services.live.carrying.carrier import CARRIER, Carrier
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import publishing
from tests.waiting import until_true
from tongke.classes import queries
from tongke.live import wire
from tongke.live.frames import Frame
from tongke.live.sound import SILENCE, SoundBridge
from tongke.live.wire import Chunk, ChunkTrack
from tongke.publishing import recording
from tongke.storage.retrying import DatabaseAway

pytestmark = pytest.mark.media


def carrier_of(house: House) -> Carrier:
    return house.client.server.app[CARRIER]  # type: ignore[attr-defined, no-any-return]


async def film(house: House, running: int, camera: Camera, since_s: float, until_s: float) -> Any:
    """Publish a stretch of a film; the line, which stays open."""
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    chunks = list(camera.filmed(await began_us(house, running), since_s, until_s))
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, chunks[-1].number)
    return socket


async def began_us(house: House, running: int) -> int:
    return (await carrier_of(house).broadcast(running)).origin_us


async def closed_with(socket: Any) -> int | None:
    async for message in socket:
        assert message.type is WSMsgType.TEXT
        assert "durable" not in json.loads(message.data)
    return socket.close_code  # type: ignore[no-any-return]


async def test_what_comes_after_the_end_is_neither_kept_nor_acknowledged(
    house: House, running: int, camera: Camera
) -> None:
    socket = await film(house, running, camera, 0, 4)
    number = await carrier_of(house).end(running)
    late = next(iter(camera.filmed(await _now_us(), 5)))
    await socket.send_bytes(late.encode())
    assert await closed_with(socket) == WSCloseCode.TRY_AGAIN_LATER
    again = await publishing(house, running)
    await again.receive()
    assert again.close_code == Close.OVER
    assert number is not None


async def _now_us() -> int:
    return round(time.time() * 1e6)


async def test_two_who_end_it_end_it_once(house: House, running: int, camera: Camera) -> None:
    await (await film(house, running, camera, 0, 4)).close()
    carrier = carrier_of(house)
    first, second = await asyncio.gather(carrier.end(running), carrier.end(running))
    assert first == second is not None


async def test_an_end_that_failed_on_its_way_is_asked_for_again(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database is away for the last step alone."""
    await (await film(house, running, camera, 0, 4)).close()
    finish = recording.finish

    def away(_session: Session, _class_id: int, _words: str) -> None:
        monkeypatch.setattr(recording, "finish", finish)
        raise DatabaseAway

    monkeypatch.setattr(recording, "finish", away)
    with pytest.raises(DatabaseAway):
        await carrier_of(house).end(running)
    assert await carrier_of(house).end(running) is not None


def beyond(at_us: int) -> Chunk:
    return Chunk(ChunkTrack.PICTURE, 0, 1, 2**63, 0, b"x", keyframe=True)


def without_length(at_us: int) -> Chunk:
    return Chunk(ChunkTrack.SOUND, 0, 1, at_us, 0, b"x")


def shorter_than_any(at_us: int) -> Chunk:
    return Chunk(ChunkTrack.SOUND, 0, 1, at_us, wire.SHORTEST_OPUS_US - 1, b"x")


@pytest.mark.parametrize("made", [beyond, without_length, shorter_than_any])
async def test_a_chunk_of_which_nothing_can_be_made_harms_no_class(
    house: House, running: int, camera: Camera, made: Any
) -> None:
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    await socket.send_bytes(made(await began_us(house, running)).encode())
    assert await closed_with(socket) == Close.DAMAGED
    await (await film(house, running, camera, 0, 4)).close()
    assert await carrier_of(house).end(running) is not None


AAC = json.dumps(
    {
        "stream": 1,
        "sound": {"codec": "aac", "channels": 2, "rate": 96_000, "description": "EBA="},
    }
)


async def test_sound_is_as_long_as_its_codec_makes_it(house: House, running: int) -> None:
    """Shorter, a moment of it has thousands of frames, and each costs as much as a long one."""
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(AAC)
    at_us = await began_us(house, running)
    shortest = Chunk(ChunkTrack.SOUND, 1, 1, at_us, wire.SHORTEST_AAC_US, b"x")
    # Of a stream before it, which may have been of another codec.
    earlier = replace(shortest, number=2, duration_us=wire.SHORTEST_OPUS_US, sent_again=True)
    for chunk in (shortest, earlier):
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, 2)
    shorter = replace(shortest, number=3, duration_us=wire.SHORTEST_AAC_US - 1)
    await socket.send_bytes(shorter.encode())
    assert await closed_with(socket) == Close.DAMAGED


async def test_times_that_leap_to_and_fro_begin_few_encoders(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture goes on, and all of it is kept."""
    monkeypatch.setattr(sound, "LEAPS_WITHIN_S", 600.0)
    begun, encoding = list[int](), sound.encoding

    def counted(ffmpeg: Path, bridge: SoundBridge, on_frame: Callable[[Frame], None]) -> Any:
        begun.append(1)
        return encoding(ffmpeg, bridge, on_frame)

    monkeypatch.setattr(sound, "encoding", counted)
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    since_us = await began_us(house, running)
    for number in range(1, 41):
        at_us = since_us + number * 20_000 + (30_000_000 if number % 2 else 0)
        chunk = Chunk(ChunkTrack.SOUND, 0, number, at_us, 20_000, SILENCE)
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, 40)
    assert len(begun) == 1 + sound.MOST_LEAPS
    await socket.close()


def test_after_a_while_times_may_leap_again() -> None:
    leaps = sound.Leaps()
    assert [leaps.allows(at) for at in (0.0, 4.0, 8.0, 9.9, 10.0, 13.0, 14.0)] == [
        *(True, True, True, False, True, False, True)
    ]


async def test_pictures_without_end_in_one_moment_are_damage(
    house: House, running: int, camera: Camera
) -> None:
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    at_us = await began_us(house, running)
    for number in range(1, 3_000):
        chunk = Chunk(ChunkTrack.PICTURE, 0, number, at_us + number, 0, b"x", keyframe=number == 1)
        await socket.send_bytes(chunk.encode())
    while (await socket.receive()).type is WSMsgType.TEXT:
        pass
    assert socket.close_code == Close.DAMAGED


async def test_sound_of_more_than_16_bits_of_rate_plays(
    house: House, running: int, camera: Camera
) -> None:
    """As some recording appliances are set."""
    said = json.loads(camera.configuration())
    said["sound"] = {"codec": "aac", "channels": 2, "rate": 96_000, "description": "EBA="}
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(json.dumps(said))
    chunks = list(camera.filmed(await began_us(house, running), 0, 4))
    pictures = [chunk for chunk in chunks if chunk.track is ChunkTrack.PICTURE]
    for number, chunk in enumerate(pictures, 1):
        await socket.send_bytes(replace(chunk, number=number).encode())
    await until_durable(socket, len(pictures))
    await socket.close()
    assert await carrier_of(house).end(running) is not None


async def test_after_its_encoder_died_there_is_sound_again(
    house: House, running: int, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound, "SILENT_US", 1_000_000)
    socket = await film(house, running, camera, 0, 4)
    broadcast = await carrier_of(house).broadcast(running)
    heard = broadcast.streams["sound"]
    await until_true(lambda: heard.until_us > broadcast.origin_us + 3e6, what="sound is heard")
    for child in psutil.Process().children(recursive=True):
        if "adts" in child.cmdline():
            child.kill()
    for chunk in camera.filmed(broadcast.origin_us, 4, 9):
        await socket.send_bytes(chunk.encode())
    await until_true(
        lambda: heard.until_us > broadcast.origin_us + 8e6, what="sound is heard again"
    )
    await socket.close()


async def test_a_database_that_is_away_does_not_send_a_publisher_away_for_good(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway

    monkeypatch.setattr(queries, "held_class", away)
    socket = await publishing(house, running)
    await socket.receive()
    assert socket.close_code == WSCloseCode.TRY_AGAIN_LATER
