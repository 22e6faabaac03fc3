"""What a camera sends is played while it is sent, and is never acknowledged before it is kept."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientWebSocketResponse

from services.live.access.closing import Close
from services.live.carrying.carrier import CARRIER, journal_of
from services.live.ingest import on_air
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.kept_rows import kept_rows
from tests.waiting import until_true
from tongke.demo_library.live_feed import play
from tongke.live.wire import decode
from tongke.storage.journal import Journal, records

pytestmark = pytest.mark.media

PIECE = re.compile(r'^(?:#EXT-X-MAP:URI="([^"]+)"|(\d\S+\.m4s))$', re.MULTILINE)


async def publishing(house: House, class_id: int, name: str = "zhou") -> ClientWebSocketResponse:
    return await house.client.ws_connect(f"/live/{class_id}/publish", headers=house.bearer(name))


async def playlist(house: House, class_id: int, rendition: str = "source", query: str = "") -> str:
    path = f"/live/{class_id}/hls/{rendition}/live.m3u8{query}"
    answer = await house.ask("xiang", "GET", path)
    assert answer.status == 200, await answer.text()
    return await answer.text()


async def fetched(house: House, class_id: int, text: str, rendition: str = "source") -> bytes:
    """The whole segments of a playlist, with what they need before them."""
    names = [first or second for first, second in PIECE.findall(text)]
    pieces = [
        await house.ask("xiang", "GET", f"/live/{class_id}/hls/{rendition}/{name}")
        for name in names
    ]
    assert {piece.status for piece in pieces} == {200}
    return b"".join([await piece.read() for piece in pieces])


def packets(house: House, path: Path) -> dict[str, int]:
    """How many packets of each codec a file has; ffprobe has to find nothing wrong with it."""
    told = subprocess.run(
        [house.ground.programs.ffprobe, "-v", "error", "-count_packets", "-show_streams",
         "-of", "json", path], check=True, capture_output=True,
    )  # fmt: skip
    assert told.stderr == b""
    streams = json.loads(told.stdout)["streams"]
    return {stream["codec_name"]: int(stream["nb_read_packets"]) for stream in streams}


async def test_a_lesson_is_played_while_it_is_given_and_all_of_it_afterwards(
    house: House, running: int, camera: Camera, tmp_path: Path
) -> None:
    assert camera.chunks, "made beforehand"
    socket = await publishing(house, running)
    assert (await socket.receive_json())["hello"]["durable"] == 0
    began_us = round(time.time() * 1e6)
    await socket.send_str(camera.configuration())
    playing = asyncio.create_task(play(socket, camera.filmed(began_us)))
    master = await house.ask("xiang", "GET", f"/live/{running}/program.m3u8")
    assert "avc1" in await master.text()
    for sequence, part in ((0, 0), (0, 3), (1, 0), (2, 1)):
        text = await playlist(house, running, query=f"?_HLS_msn={sequence}&_HLS_part={part}")
        newest = re.findall(r'#EXT-X-PART:.*URI="([^"]+)"', text)[-1]
        answer = await house.ask("xiang", "GET", f"/live/{running}/hls/source/{newest}")
        assert answer.status == 200
        assert not playing.done(), "while it is given"
    await playing
    await until_durable(socket, len(camera.chunks))
    await socket.close()
    await house.client.server.app[CARRIER].end(running)  # type: ignore[attr-defined]
    text = await playlist(house, running)
    path = tmp_path / "lesson.mp4"
    path.write_bytes(await fetched(house, running, text))
    found = packets(house, path)
    assert found["h264"] == sum(chunk.duration_us == 0 for chunk in camera.chunks)
    assert found["aac"] > 48_000 / 1024 * camera.seconds - 3


async def test_what_is_acknowledged_is_in_the_journal_and_nothing_is_there_twice(
    house: House, running: int, camera: Camera
) -> None:
    chunks = list(camera.filmed(round(time.time() * 1e6)))
    first, then = chunks[:200], chunks[200:400]
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    for chunk in first:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, first[-1].number)
    await socket.close()
    again = await publishing(house, running)
    hello = (await again.receive_json())["hello"]
    assert hello["durable"] == hello["highest"] == 200
    assert hello["last_stream"] == 0
    await again.send_str(camera.configuration(stream=1))
    for chunk in [*first[150:], *then]:
        await again.send_bytes(replace(chunk, stream=1, sent_again=chunk in first).encode())
    await until_durable(again, then[-1].number)
    await again.close()
    kept = [decode(r) for r in records(journal_of(house.ground, running)) if r[:1] != b"{"]
    assert [chunk.number for chunk in kept] == list(range(1, 401))
    assert {chunk.data for chunk in kept} == {chunk.data for chunk in [*first, *then]}


async def test_what_an_earlier_class_of_its_number_left_here_is_not_this_ones(
    house: House, running: int, camera: Camera
) -> None:
    """A database that was restored on the same disk gives the number again."""
    journal = Journal(journal_of(house.ground, running))
    a_day_ago_us = round((time.time() - 86_400) * 1e6)
    earlier = [chunk.encode() for chunk in camera.filmed(a_day_ago_us, 0, 5)]
    journal.append([camera.configuration().encode(), *earlier])
    journal.close()
    socket = await publishing(house, running)
    hello = (await socket.receive_json())["hello"]
    assert (hello["durable"], hello["highest"], hello["last_stream"]) == (0, 0, -1)
    await socket.close()


async def test_one_publisher_at_a_time_and_only_the_teacher(
    house: House, running: int, camera: Camera
) -> None:
    for name, code in (("xiang", Close.NOT_YOURS), ("long", Close.NO_CLASS)):
        refused = await publishing(house, running, name)
        await refused.receive()
        assert refused.close_code == code
    first = await publishing(house, running)
    await first.receive_json()
    second = await publishing(house, running)
    assert "hello" in await second.receive_json()
    await first.receive()
    assert first.close_code == Close.REPLACED
    await second.send_bytes(b"no chunk at all, but long enough")
    await second.receive()
    assert second.close_code == Close.DAMAGED


async def test_the_lesson_s_clock_is_told(house: House, running: int) -> None:
    socket = await publishing(house, running)
    await socket.receive_json()
    before = time.time() * 1000
    await socket.send_json({"ping": 17})
    told = await socket.receive_json()
    assert told["pong"] == 17
    assert before <= told["at"] <= time.time() * 1000
    await socket.close()


async def test_nobody_else_sees_it(house: House, running: int, camera: Camera) -> None:
    """The rooms and teachers that take part, the heads of their schools, the officers above."""
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    for chunk in camera.filmed(round(time.time() * 1e6), 0, 4):
        await socket.send_bytes(chunk.encode())
    paths = [
        "program.m3u8",
        "hls/source/live.m3u8",
        "hls/sound/live.m3u8",
        "hls/source/1-m1.mp4",
    ]
    listed = await house.ask("zhou", "GET", f"/live/{running}/hls/source/live.m3u8")
    parts = re.findall(r'PART:.*URI="(1-p1-[^"]+)"', await listed.text())
    paths += [f"hls/source/{name}" for name in parts]
    assert len(paths) == 5
    for name, status in (
        ("zhou", 200), ("xiang", 200), ("head", 200), ("county", 200), ("province", 200),
        ("othercounty", 200), ("tang", 404), ("long", 404), ("operator", 404), ("", 401),
    ):  # fmt: skip
        found = [(await house.ask(name, "GET", f"/live/{running}/{path}")).status for path in paths]
        assert found == [status] * len(paths), name
    await socket.close()


async def test_who_hangs_up_is_off_the_air_though_the_rest_of_the_sound_takes_long(
    house: House, running: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closing browser's line is gone before what it sent has become whole."""
    monkeypatch.setattr(on_air, "FLAP_S", 0.0)
    broadcast = await house.client.app[CARRIER].broadcast(running)
    interrupting, let_go = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        interrupting.set()
        await let_go.wait()

    async def said() -> list[bool]:
        log = await house.ground.database.read(kept_rows, running)
        return [bool(row.payload["on"]) for row in log if row.kind == "publisher"]

    monkeypatch.setattr(broadcast, "interrupt", slowly)
    socket = await publishing(house, running)
    assert "hello" in await socket.receive_json()
    await until_true(said)
    await socket.close()
    await interrupting.wait()
    runner = house.client.server.runner
    assert runner is not None and runner.server is not None
    server = runner.server
    await until_true(lambda: not server.connections)
    let_go.set()

    async def is_told() -> bool:
        return await said() == [True, False]

    await until_true(is_told)
