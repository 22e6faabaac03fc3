"""The playlists of a lesson that goes on, as parsers read them that were not written here. (hls.js
plays them in `web/tests/browser`.)"""

from __future__ import annotations

import asyncio
import json
import subprocess

import m3u8
import pytest

from services.live.carrying.broadcast import PART_MS, SEGMENT_MS
from services.live.carrying.carrier import CARRIER
from tests.live.playlist_reader import read
from tests.services.house import House
from tests.services.live.camera import Camera, until_durable
from tests.services.live.ingest.test_publishing import playlist, publishing
from tests.waiting import until_true

pytestmark = pytest.mark.media


@pytest.fixture
async def given(house: House, running: int, camera: Camera) -> int:
    """A class in which some segments are whole and one is open."""
    broadcast = await house.client.server.app[CARRIER].broadcast(running)  # type: ignore[attr-defined]
    socket = await publishing(house, running)
    await socket.receive_json()
    await socket.send_str(camera.configuration())
    chunks = list(camera.filmed(broadcast.origin_us, 0, 7))
    for chunk in chunks:
        await socket.send_bytes(chunk.encode())
    await until_durable(socket, chunks[-1].number)
    until_us = broadcast.origin_us + 6_000_000
    await until_true(lambda: broadcast.streams["source"].until_us >= until_us, what="its parts")
    return running


async def test_m3u8_reads_what_we_wrote(house: House, given: int) -> None:
    text = await playlist(house, given)
    theirs, ours = m3u8.loads(text), read(text)
    assert not theirs.is_variant and not theirs.is_endlist
    assert theirs.part_inf.part_target == PART_MS / 1000
    assert theirs.target_duration == SEGMENT_MS / 1000
    assert theirs.server_control.can_block_reload == "YES"
    whole = [segment for segment in theirs.segments if segment.uri]
    assert [segment.uri for segment in whole] == [shown.name for shown in ours.segments]
    assert [round(s.duration * 1e6) for s in whole] == [s.duration_us for s in ours.segments]
    assert [s.program_date_time for s in whole] == [s.began_at for s in ours.segments]
    assert {segment.init_section.uri for segment in whole} == {ours.segments[0].map_name}
    named = [part.uri for segment in theirs.segments for part in segment.parts]
    listed = [name for shown in ours.segments for name, _, _ in shown.parts]
    assert named == listed + [name for name, _, _ in ours.open_parts]
    assert len(ours.segments) >= 2 and ours.open_parts
    assert theirs.preload_hint.uri == ours.hint
    assert {report.uri for report in theirs.rendition_reports} == set(ours.reports)


async def test_m3u8_finds_the_renditions(house: House, given: int) -> None:
    answer = await house.ask("xiang", "GET", f"/live/{given}/program.m3u8")
    listed = m3u8.loads(await answer.text())
    assert listed.is_variant
    for each in listed.playlists:
        shown = await house.ask("xiang", "GET", f"/live/{given}/{each.uri}")
        assert shown.status == 200
        assert m3u8.loads(await shown.text()).segments
        assert each.stream_info.codecs and each.stream_info.bandwidth > 0


async def test_ffprobe_plays_it_from_its_address(house: House, given: int) -> None:
    address = str(house.client.make_url(f"/live/{given}/program.m3u8"))
    (header,) = (f"{name}: {value}\r\n" for name, value in house.bearer("xiang").items())
    told = await asyncio.to_thread(
        subprocess.run,
        [house.ground.programs.ffprobe, "-v", "error", "-headers", header, "-show_streams",
         "-of", "json", address],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    found = json.loads(told.stdout)["streams"]
    assert {stream["codec_name"] for stream in found} == {"h264", "aac"}
    assert told.stderr == b""
