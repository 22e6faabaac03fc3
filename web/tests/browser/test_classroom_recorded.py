"""Publishing by MediaRecorder, where a browser lacks WebCodecs: what it writes is read as it comes,
and reaches the service as any other lesson does."""

from __future__ import annotations

import base64
import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tongke.live.fmp4 import fragment, initialisation
from tongke.live.tracks import VIDEO_TIMESCALE, Sample
from tongke.live.wire import Chunk, ChunkTrack
from tongke.media.programs import Programs
from web.tests.browser.fake_api import Running
from web.tests.browser.scripts import Script, Scripts
from web.tests.browser.test_classroom_publishing import (
    KEYFRAME_MS,
    Class,
    apart,
    lesson,
)

__all__ = ["lesson"]

pytestmark = pytest.mark.browser

WITHOUT_WEBCODECS = "delete window.VideoEncoder; delete window.AudioEncoder"
FILM = (
    *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30"),
    *("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "3"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "30", "-pix_fmt", "yuv420p"),
    *("-c:a", "libopus", "-frame_duration", "60", "-f", "matroska"),
)
# Fed whole, byte by byte at its beginning, and in pieces cut anywhere, it has to say the same.
READ = """
    const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
    const read = (next) => {
        const reader = new webm.WebmReader();
        const frames = [];
        for (let at = 0; at < bytes.length;) {
            const length = next(at);
            frames.push(...reader.feed(bytes.subarray(at, at + length)));
            at += length;
        }
        return frames.map(({ track, atUs, keyframe, data }) =>
            [track.codec, Math.round(atUs), data.length, keyframe]);
    };
    const whole = read(() => bytes.length);
    let seed = 1;
    const random = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
    const same = (other) => JSON.stringify(other) === JSON.stringify(whole);
    const cut = [read((at) => at < 4000 ? 1 : 1000)];
    for (let n = 0; n < 50; n += 1) {
        const most = 1 + random() * 20000;
        cut.push(read(() => 1 + Math.floor(random() * most)));
    }
    return [whole, cut.every(same)];
"""
CODECS = {"video": "V_MPEG4/ISO/AVC", "audio": "A_OPUS"}


@pytest.fixture(scope="module")
def programs() -> Programs:
    return Programs()


def read(run: Script, path: Path) -> list[tuple[str, int, int, bool]]:
    """The frames of a file, as our reader finds them: codec, µs, bytes, keyframe."""
    data = base64.b64encode(path.read_bytes()).decode()
    whole, alike = run(f'const data = "{data}"; {READ}')
    assert alike, "wherever it is cut"
    return [tuple(each) for each in whole]


def probed(programs: Programs, path: Path) -> list[tuple[str, int, int, bool]]:
    """The same, as ffprobe finds them."""
    told = subprocess.run(
        [programs.ffprobe, "-v", "error", "-show_packets", "-of", "json", path],
        check=True, capture_output=True,
    )  # fmt: skip
    return [
        (
            CODECS[row["codec_type"]],
            round(float(row["pts_time"]) * 1e6),
            int(row["size"]),
            "K" in row["flags"],
        )
        for row in json.loads(told.stdout)["packets"]
    ]


@pytest.mark.parametrize("live", ["0", "1"], ids=["whole file", "stream"])
def test_webm_is_read_as_it_comes(
    run: Script, programs: Programs, tmp_path: Path, live: str
) -> None:
    path = tmp_path / "film.webm"
    subprocess.run([programs.ffmpeg, "-v", "error", *FILM, "-live", live, path], check=True)
    assert from_zero(read(run, path)) == from_zero(probed(programs, path))


def from_zero(frames: list[tuple[str, int, int, bool]]) -> list[tuple[str, int, int, bool]]:
    """In their order by codec: ffprobe counts Opus from before its beginning."""
    began = {codec: min(row[1] for row in frames if row[0] == codec) for codec, *_ in frames}
    return sorted((codec, at_us - began[codec], *more) for codec, at_us, *more in frames)


@pytest.mark.parametrize("kind", ["picture", "sound"])
def test_what_this_browser_records_is_read(
    equipped: Browser, built_scripts: Path, programs: Programs, tmp_path: Path, kind: str
) -> None:
    running = Running(Scripts(built_scripts))  # type: ignore[arg-type]  # all it asks for is an app
    page = equipped.new_page()
    page.goto(running.url)

    def evaluate(body: str) -> Any:
        return page.evaluate(f'async () => {{ const webm = await import("/webm.js"); {body} }}')

    wanted = "{ video: { width: 320, height: 180 } }" if kind == "picture" else "{ audio: true }"
    slices = "video/webm;codecs=h264" if kind == "picture" else "audio/webm;codecs=opus"
    recorded = evaluate(f"""
        const stream = await navigator.mediaDevices.getUserMedia({wanted});
        const recorder = new MediaRecorder(stream, {{ mimeType: "{slices}" }});
        const parts = [];
        recorder.ondataavailable = ({{ data }}) => parts.push(data);
        const stopped = new Promise((resolve) => {{ recorder.onstop = resolve; }});
        recorder.start(100);
        await new Promise((resolve) => setTimeout(resolve, 1500));
        recorder.stop();
        await stopped;
        const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
        return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ""));
    """)
    path = tmp_path / "recorded.webm"
    path.write_bytes(base64.b64decode(recorded))
    found = read(evaluate, path)
    page.close()
    running.stop()
    assert len(found) > 10
    assert found == probed(programs, path)


def test_a_lesson_arrives_on_its_clock_and_can_be_decoded(
    lesson: Class, programs: Programs, tmp_path: Path
) -> None:
    lesson.page.add_init_script(WITHOUT_WEBCODECS)
    lesson.publish()
    pictures = lambda: lesson.service.track(ChunkTrack.PICTURE)  # noqa: E731
    lesson.wait(lambda: sum(each.keyframe for each in pictures()) >= 3, 20)
    first = lesson.service.configurations[0]
    assert first.video and (first.video.width, first.video.height) == (320, 180)
    assert first.opus
    assert pictures()[0].keyframe
    keyframes = [each.at_us / 1000 for each in pictures() if each.keyframe]
    assert max(after - before for before, after in pairwise(keyframes)) < 3 * KEYFRAME_MS + 1000
    for track in ChunkTrack:
        times = [each.at_us for each in lesson.service.track(track)]
        assert all(later > earlier for earlier, later in pairwise(times))
    assert apart(lesson.service) < 150
    assert not lesson.service.missing()
    late = sorted(arrived - chunk.at_us / 1000 for arrived, chunk in lesson.service.arrivals)
    assert late[0] > -20 and late[len(late) // 2] < 300
    assert len({each.stream for each in pictures()}) == 1
    assert decoded(programs, tmp_path, lesson, pictures()) == len(pictures())


def decoded(programs: Programs, folder: Path, lesson: Class, chunks: list[Chunk]) -> int:
    """How many pictures a decoder makes of a stream; it has to find nothing wrong with it."""
    video = lesson.service.configurations[0].video
    assert video
    path = folder / "lesson.mp4"
    step = VIDEO_TIMESCALE // 30
    samples = [Sample(n * step, step, each.data, each.keyframe) for n, each in enumerate(chunks)]
    path.write_bytes(initialisation([video]) + fragment(1, {video: samples}))
    told = subprocess.run(
        [programs.ffprobe, "-v", "error", "-count_frames", "-show_streams", "-of", "json", path],
        check=True, capture_output=True,
    )  # fmt: skip
    assert told.stderr == b""
    return int(json.loads(told.stdout)["streams"][0]["nb_read_frames"])


def test_a_cut_connection_loses_nothing(lesson: Class) -> None:
    lesson.page.add_init_script(WITHOUT_WEBCODECS)
    lesson.publish()
    lesson.service.is_down = True
    lesson.cut()
    lesson.page.wait_for_timeout(2000)
    lost = max(lesson.service.chunks)
    began = len(lesson.service.arrivals)
    lesson.service.is_down = False
    lesson.wait(lambda: max(lesson.service.chunks) > lost + 100 and not lesson.service.missing())
    now = [chunk for _, chunk in lesson.service.arrivals[began:] if not chunk.sent_again]
    lesson.wait(lambda: lesson.service.track(ChunkTrack.PICTURE)[-1].stream == 1)
    pictures = lesson.service.track(ChunkTrack.PICTURE)
    assert next(each for each in pictures if each.stream == 1).keyframe
    assert now[0].stream == 1, "what happens now begins anew"
    for track in ChunkTrack:
        times = [each.at_us for each in lesson.service.track(track)]
        assert all(later > earlier for earlier, later in pairwise(times))
        assert max(b - a for a, b in pairwise(times)) < 500_000
    lesson.finish()
    assert lesson.page.evaluate("publisher.sender.kept.count") == 0


def test_an_encoder_that_refuses_h264_gives_way(lesson: Class) -> None:
    lesson.page.add_init_script(
        "VideoEncoder.isConfigSupported = async () => ({ supported: false })"
    )
    lesson.publish()
    lesson.wait(lambda: len(lesson.service.track(ChunkTrack.PICTURE)) > 30)
    assert lesson.service.configurations[0].video
