"""The small picture beside the lesson: the same moments, fewer bits, the first to be given up."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from prometheus_client import REGISTRY

from services.live.carrying import small_picture
from services.live.carrying.broadcast import SEGMENT_MS, Broadcast
from services.live.carrying.carrier import CARRIER
from tests.live.playlist_reader import attributes, follow_the_standard, read
from tests.live.suffixes import without
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import fetched, playlist, publishing
from tests.waiting import until_true
from tongke.classes import queries
from tongke.media.programs import Programs
from tongke.media.rendition import SOURCE

pytestmark = pytest.mark.media

# What a playlist says of the lesson, but for who made it: nothing of the stream's own beginning.
SAID = re.compile(
    r"^#EXT-X-(?:PART:|PROGRAM-DATE-TIME|DISCONTINUITY$).*|^#EXTINF.*|^[^#\s]+$", re.M
)
LISTED = re.compile(r"^#EXT-X-STREAM-INF:(.*)\n(.*)$", re.M)
THUMB = (32, 18)


@dataclass
class WideCamera(Camera):
    """One whose picture is large enough to be made small."""

    seconds: int = 5
    size: str = "1280x720"


@pytest.fixture
def wide(house: House) -> WideCamera:
    return WideCamera(house.ground.programs)


@pytest.fixture(autouse=True)
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has time for it, however many tests run beside this one."""
    monkeypatch.setattr(small_picture, "load_per_core", lambda: 0.0)
    monkeypatch.setattr(small_picture, "MOST_BEHIND_S", 60.0)
    monkeypatch.setattr(small_picture, "FINISH_S", 60.0)


async def carried(house: House, class_id: int) -> Broadcast:
    found = await house.client.server.app[CARRIER].broadcast(class_id)  # type: ignore[attr-defined]
    assert isinstance(found, Broadcast)
    return found


async def film(
    house: House,
    class_id: int,
    camera: Camera,
    since_s: float = 0,
    until_s: float = 99,
    stream: int = 0,
) -> None:
    """Publish a stretch of a film in one go, and hang up."""
    socket = await publishing(house, class_id)
    await socket.receive_json()
    await socket.send_str(camera.configuration(stream))
    began_us = (await carried(house, class_id)).origin_us
    chunks = list(camera.filmed(began_us, since_s, until_s))
    for chunk in chunks:
        await socket.send_bytes(replace(chunk, stream=stream).encode())
    await until_durable(socket, chunks[-1].number)
    await socket.close()


def said(text: str) -> list[str]:
    return SAID.findall(without(text))


async def in_step(broadcast: Broadcast, seconds: float = 5) -> None:
    """Wait until both have the same parts, of so many seconds of the film."""
    small, source = broadcast.streams["small"], broadcast.streams[SOURCE]
    await until_true(
        lambda: (
            source.until_us > broadcast.origin_us + (seconds - 0.5) * 1e6
            and small.playlist.latest == source.playlist.latest
            and without(small.next_part) == without(source.next_part)
        ),
        what="the small picture is as far as the source",
    )


async def test_it_has_the_same_moments_in_the_same_parts_and_fewer_bits(
    house: House, running: int, wide: WideCamera, tmp_path: Path
) -> None:
    broadcast = await carried(house, running)
    await film(house, running, wide)
    await in_step(broadcast)
    texts = {name: await playlist(house, running, name) for name in (SOURCE, "small")}
    assert said(texts["small"]) == said(texts[SOURCE])
    assert len(said(texts[SOURCE])) > 20
    paths = {}
    for name, text in texts.items():
        paths[name] = tmp_path / f"{name}.mp4"
        paths[name].write_bytes(await fetched(house, running, text, name))
    programs = house.ground.programs
    (small, small_sound), (large, large_sound) = (
        packets(programs, paths[name]) for name in ("small", SOURCE)
    )
    assert small_sound == large_sound
    assert set(small) <= set(large)
    assert wide.seconds * 15 <= len(small) <= wide.seconds * 18
    assert [at for at, key in small.items() if key] == [at for at, key in large.items() if key]
    assert paths["small"].stat().st_size < wide.seconds * 480_000 / 8
    same_pictures(programs, paths["small"], paths[SOURCE])


def packets(programs: Programs, path: Path) -> tuple[dict[str, bool], list[str]]:
    """When each picture is shown and whether it is a keyframe, and when each sound is heard."""
    told = subprocess.run(
        [programs.ffprobe, "-v", "error", "-show_packets", "-of", "json", path],
        check=True, capture_output=True,
    )  # fmt: skip
    assert told.stderr == b""
    found = json.loads(told.stdout)["packets"]
    pictures = {p["pts"]: "K" in p["flags"] for p in found if p["codec_type"] == "video"}
    return pictures, [p["pts_time"] for p in found if p["codec_type"] == "audio"]


def same_pictures(programs: Programs, small: Path, large: Path) -> None:
    """Each small picture shows what the source shows at its time, and not what is beside it."""
    ours, theirs = thumbs(programs, small), thumbs(programs, large)
    times = list(theirs)
    for at, thumb in list(ours.items())[3:-3]:
        place = times.index(at)
        apart = {by: distance(thumb, theirs[times[place + by]]) for by in (-2, 0, 2)}
        assert apart[0] == min(apart.values()), at


def thumbs(programs: Programs, path: Path) -> dict[str, bytes]:
    """Each picture as a few grey points, by when it is shown."""
    width, height = THUMB
    shown = subprocess.run(
        [programs.ffprobe, "-v", "error", "-select_streams", "v", "-show_entries", "frame=pts",
         "-of", "csv=p=0", path], check=True, capture_output=True, text=True,
    ).stdout.replace(",", "").split()  # fmt: skip
    points = subprocess.run(
        [programs.ffmpeg, "-v", "error", "-i", path, "-an", "-fps_mode", "passthrough",
         "-vf", f"scale={width}:{height},format=gray", "-f", "rawvideo", "pipe:1"],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    size = width * height
    assert len(points) == size * len(shown)
    return {at: points[n * size : (n + 1) * size] for n, at in enumerate(shown)}


def distance(one: bytes, other: bytes) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


async def test_players_choose_it_by_the_multivariant_playlist(
    house: House, running: int, wide: WideCamera
) -> None:
    broadcast = await carried(house, running)
    await film(house, running, wide)
    await in_step(broadcast)
    listed = LISTED.findall(await master_of(house, running))
    assert [address for _, address in listed] == [
        "hls/source/live.m3u8",
        "hls/small/live.m3u8",
        "hls/sound/live.m3u8",
    ]
    source, small, sound = (attributes(told) for told, _ in listed)
    assert (source["RESOLUTION"], small["RESOLUTION"]) == ("1280x720", "426x240")
    assert re.fullmatch(r"avc1\.4d[0-9a-f]{4},mp4a\.40\.2", small["CODECS"])
    assert int(source["BANDWIDTH"]) > int(small["BANDWIDTH"]) > int(sound["BANDWIDTH"])
    seen = read(await playlist(house, running, "small"))
    follow_the_standard(seen, SEGMENT_MS / 1000)
    assert seen.reports.keys() == {"../source/live.m3u8", "../sound/live.m3u8"}


async def test_a_break_goes_through(house: House, running: int, wide: WideCamera) -> None:
    broadcast = await carried(house, running)
    await film(house, running, wide, 0, 2.5)
    await in_step(broadcast, 2.5)
    await film(house, running, wide, 2.5, 5, stream=1)
    await in_step(broadcast)
    source, small = [await playlist(house, running, name) for name in (SOURCE, "small")]
    assert "#EXT-X-DISCONTINUITY\n" in small
    assert said(small) == said(source)


async def test_who_carries_the_class_next_goes_on_with_it(
    house: House, running: int, wide: WideCamera
) -> None:
    await film(house, running, wide, 0, 2.5)
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    await in_step(await carried(house, running), 2.5)
    await carrier.lose(running)
    await film(house, running, wide, 2.5, 5, stream=1)
    await in_step(await carried(house, running))

    # They have the same parts before the segment of these is closed.
    async def whole() -> bool:
        return bool(read(await playlist(house, running, "small")).segments)

    await until_true(whole, what="a whole segment")
    source, small = [await playlist(house, running, name) for name in (SOURCE, "small")]
    assert read(small).segments[0].sequence == 2
    assert "\n".join(said(source)).endswith("\n".join(said(small)))
    shown, theirs = (
        [(without(each.name), each.turn, each.began_at) for each in read(text).segments]
        for text in (small, source)
    )
    assert shown == theirs[2:]


async def test_it_is_no_part_of_the_recording_and_ends_with_the_class(
    house: House, running: int, wide: WideCamera
) -> None:
    broadcast = await carried(house, running)
    await film(house, running, wide)
    await in_step(broadcast)
    carrier = house.client.server.app[CARRIER]  # type: ignore[attr-defined]
    number = await carrier.end(running)
    media = await house.json("xiang", "GET", f"/api/v1/resources/{number}/media")
    master = await (await house.ask("xiang", "GET", media["hls"])).text()
    assert "small" not in master
    # Who was watching it plays it to the end.
    text = await playlist(house, running, "small")
    assert text.endswith("#EXT-X-ENDLIST\n")
    rows = await house.ground.database.read(queries.segments, running, "small")
    assert [each.name for each in read(text).segments] == [r.name for r in rows]


async def test_when_its_encoder_dies_the_lesson_goes_on_and_it_comes_back(
    house: House, running: int, wide: WideCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_picture, "FIRST_WAIT_S", 0.0)
    broadcast = await carried(house, running)
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(wide.configuration())
    chunks = list(wide.filmed(broadcast.origin_us))
    first = [chunk for chunk in chunks if chunk.at_us < broadcast.origin_us + 1_500_000]
    for chunk in first:
        await socket.send_bytes(chunk.encode())
    await until_true(lambda: broadcast.streams["small"].playlist.latest)
    encoder().kill()
    await until_true(lambda: not broadcast.small.is_on, what="it is gone")
    path = f"/live/{running}/hls/small/live.m3u8"
    assert (await house.ask("xiang", "GET", path)).status == 404
    assert "small" not in await master_of(house, running)
    for chunk in chunks[len(first) :]:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, chunks[-1].number)
    await socket.close()
    await in_step(broadcast)
    source, small = [await playlist(house, running, name) for name in (SOURCE, "small")]
    assert read(small).segments[0].sequence == 1
    assert "\n".join(said(source)).endswith("\n".join(said(small)))
    assert "small" in await master_of(house, running)


def encoder() -> psutil.Process:
    """The process that makes it."""
    (found,) = (c for c in psutil.Process().children() if "-force_key_frames" in c.cmdline())
    return found


async def master_of(house: House, class_id: int) -> str:
    return await (await house.ask("xiang", "GET", f"/live/{class_id}/program.m3u8")).text()


async def test_a_busy_machine_makes_none_and_nobody_waits_for_it(
    house: House, running: int, wide: WideCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_picture, "load_per_core", lambda: 0.9)
    assert (await carried(house, running)).small.is_on is False
    await film(house, running, wide)
    assert "small" not in await master_of(house, running)
    path = f"/live/{running}/hls/small/live.m3u8"
    assert (await house.ask("xiang", "GET", path)).status == 404
    assert "#EXT-X-RENDITION-REPORT" in (text := await playlist(house, running))
    assert "small" not in text


async def test_it_is_given_up_when_the_machine_becomes_busy(
    house: House, running: int, wide: WideCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    broadcast = await carried(house, running)
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(wide.configuration())
    for chunk in wide.filmed(broadcast.origin_us, 0, 3.5):
        await socket.send_bytes(chunk.encode())
    await in_step(broadcast, 3.2)
    before = lost_to_load()
    waiting = asyncio.create_task(
        house.ask("xiang", "GET", f"/live/{running}/hls/small/live.m3u8?_HLS_msn=2&_HLS_part=0")
    )
    monkeypatch.setattr(small_picture, "load_per_core", lambda: 1.3)
    for chunk in wide.filmed(broadcast.origin_us, 3.5):
        await socket.send_bytes(chunk.encode())
    assert (await waiting).status == 404, "who waits for its next part is told"
    assert lost_to_load() == before + 1
    await socket.close()


def lost_to_load() -> float:
    name = "tongke_live_small_pictures_lost_total"
    return REGISTRY.get_sample_value(name, {"reason": "load"}) or 0.0


async def test_an_operator_may_have_none(house: House, running: int, wide: WideCamera) -> None:
    house.ground.settings.live_small_picture = "off"
    await film(house, running, wide, 0, 2.5)
    assert "small" not in await master_of(house, running)
