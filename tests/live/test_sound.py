"""Sound through the encoder keeps its time: clicks come out when they went in."""

from __future__ import annotations

import array
import asyncio
import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongke.live.boxes import DamagedStream
from tongke.live.fmp4 import fragment, initialisation
from tongke.live.frames import Frame
from tongke.live.sound import PACKET_US, SILENCE, SoundBridge
from tongke.live.splitter import Fragment, Splitter
from tongke.live.tracks import SOUND_ID, OpusTrack, Sample
from tongke.media.aac import encoding
from tongke.media.programs import Programs

BEGAN_US = 1_700_000_000_000_000
CLICKS = "aevalsrc='if(between(mod(t,1),0.5,0.51),sin(2*PI*1000*t),0)':s=48000:c=stereo"


@pytest.fixture(scope="module")
def programs() -> Programs:
    return Programs()


@pytest.fixture(scope="module")
def packets(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """As WebCodecs make them."""
    return coded(programs, tmp_path_factory.mktemp("opus"), PACKET_US)


def coded(programs: Programs, folder: Path, packet_us: int) -> list[bytes]:
    """Five seconds of Opus, a click in the middle of each."""
    path = folder / "clicks.mp4"
    subprocess.run(
        [programs.ffmpeg, "-v", "error", "-f", "lavfi", "-i", CLICKS, "-t", "5",
         "-c:a", "libopus", "-frame_duration", str(packet_us // 1000), path],
        check=True,
    )  # fmt: skip
    told = subprocess.run(
        [programs.ffprobe, "-v", "error", "-show_packets", "-of", "json", path],
        check=True, capture_output=True,
    )  # fmt: skip
    data = path.read_bytes()
    rows = json.loads(told.stdout)["packets"]
    return [data[int(row["pos"]) : int(row["pos"]) + int(row["size"])] for row in rows]


async def encoded(
    programs: Programs, sent: list[tuple[int, bytes]], packet_us: int = PACKET_US
) -> tuple[SoundBridge, list[Frame]]:
    bridge = SoundBridge(OpusTrack(2), sent[0][0])
    frames: list[Frame] = []
    async with encoding(programs.ffmpeg) as encoder:
        await encoder.write(bridge.opening())

        async def listen() -> None:
            async for data in encoder.read():
                frames.extend(bridge.heard(data))

        listening = asyncio.create_task(listen())
        for at_us, packet in sent:
            await encoder.write(bridge.feed(at_us, packet, packet_us))
        encoder.end()
        await listening
    return bridge, frames


def clicks(programs: Programs, bridge: SoundBridge, frames: list[Frame], folder: Path) -> list[int]:
    """When clicks are heard, in milliseconds from the beginning."""
    assert bridge.track is not None
    path = folder / "heard.mp4"
    track = bridge.track
    samples = [Sample(n * 1024, 1024, frame.data, True) for n, frame in enumerate(frames)]
    path.write_bytes(initialisation([track]) + fragment(1, {track: samples}))
    pcm = subprocess.run(
        [programs.ffmpeg, "-v", "error", "-i", path, "-f", "s16le", "-ac", "1", "-ar", "48000",
         "pipe:1"], check=True, capture_output=True,
    )  # fmt: skip
    loud = [n for n, value in enumerate(array.array("h", pcm.stdout)) if abs(value) > 3000]
    first = [n for before, n in zip([-48_000, *loud], loud, strict=False) if n - before > 12_000]
    return [round(n / 48) for n in first]


@pytest.mark.media
async def test_clicks_come_out_when_they_went_in(
    programs: Programs, packets: list[bytes], tmp_path: Path
) -> None:
    sent = [(BEGAN_US + n * PACKET_US, packet) for n, packet in enumerate(packets)]
    bridge, frames = await encoded(programs, sent)
    assert frames[0].at_us == BEGAN_US
    ends = [frame.at_us + frame.duration_us for frame in frames]
    assert [frame.at_us for frame in frames[1:]] == ends[:-1]
    heard = clicks(programs, bridge, frames, tmp_path)
    assert heard == [pytest.approx(500 + 1000 * n, abs=15) for n in range(5)]


@pytest.mark.media
@pytest.mark.parametrize("packet_us", [10_000, 60_000, 120_000])
async def test_packets_of_any_length_keep_their_time(
    programs: Programs, tmp_path: Path, packet_us: int
) -> None:
    """A browser's recorder puts several frames into a packet; two of them are lost here."""
    packets = coded(programs, tmp_path, packet_us)
    sent = [(BEGAN_US + n * packet_us, packet) for n, packet in enumerate(packets)]
    lost = range(1_000_000 // packet_us, 1_000_000 // packet_us + 2)
    kept = [each for n, each in enumerate(sent) if n not in lost]
    bridge, frames = await encoded(programs, kept, packet_us)
    heard = clicks(programs, bridge, frames, tmp_path)
    assert heard == [pytest.approx(500 + 1000 * n, abs=25) for n in range(5)]


@pytest.mark.media
async def test_what_a_break_swallowed_is_silent_and_the_rest_keeps_its_time(
    programs: Programs, packets: list[bytes], tmp_path: Path
) -> None:
    sent = [(BEGAN_US + n * PACKET_US, packet) for n, packet in enumerate(packets)]
    # The second click is in the second that is missing; capture times waver besides.
    sent = [(at + (n % 3 - 1) * 4000, packet) for n, (at, packet) in enumerate(sent)]
    bridge, frames = await encoded(programs, [*sent[:60], *sent[110:]])
    heard = clicks(programs, bridge, frames, tmp_path)
    assert heard == [pytest.approx(500 + 1000 * n, abs=25) for n in (0, 2, 3, 4)]


@given(st.lists(st.integers(-30_000, 9_000_000), min_size=1, max_size=30))
def test_the_encoder_is_given_no_hole_and_nothing_twice(gaps: list[int]) -> None:
    bridge = SoundBridge(OpusTrack(2), BEGAN_US)
    splitter = Splitter()
    list(splitter.feed(bridge.opening()))
    at_us, until = BEGAN_US, 0
    for number, gap in enumerate(gaps):
        at_us += gap if number else 0
        if not bridge.goes_on(at_us):
            return
        fed = bridge.feed(at_us, b"packet")
        for found in splitter.feed(fed):
            assert isinstance(found, Fragment)
            run = found.runs[SOUND_ID]
            assert run.time == until
            until += run.duration
        if fed:
            begins_us = BEGAN_US + (until - 960) * 1_000_000 // 48_000
            assert abs(begins_us - at_us) <= 2 * PACKET_US
            assert fed.count(SILENCE) <= len(fed) // 100


def test_what_is_no_sound_is_told() -> None:
    bridge = SoundBridge(OpusTrack(1), BEGAN_US)
    with pytest.raises(DamagedStream):
        list(bridge.heard(b"no ADTS at all"))
