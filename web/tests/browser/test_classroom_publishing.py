"""Publishing from a browser, against a stand-in for the service that reads the real bytes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from playwright.sync_api import Browser, Page

from tongke.live.wire import Chunk, ChunkTrack, Configuration, configuration, decode
from web.tests.browser.fake_api import Running
from web.tests.browser.scripts import Scripts

pytestmark = pytest.mark.browser

KEYFRAME_MS = 2000
# What is durable is said once a part, some disk later.
ACKNOWLEDGE_S = 0.25


class Service(Scripts):
    """Keeps what it is sent; a test cuts its line, and takes it down."""

    def __init__(self, built: Path) -> None:
        super().__init__(built)
        self.chunks: dict[int, Chunk] = {}
        self.arrivals: list[tuple[float, Chunk]] = []
        self.configurations: list[Configuration] = []
        self.helloes = 0
        self.sockets: set[web.WebSocketResponse] = set()
        self.is_down = False
        self.is_deaf = False
        self.close_code = 0

    def app(self) -> web.Application:
        app = super().app()
        app.add_routes([web.get("/live/12/publish", self.publish)])
        return app

    async def publish(self, request: web.Request) -> web.StreamResponse:
        if self.is_down:
            return web.Response(status=503)
        socket = web.WebSocketResponse(max_msg_size=8 * 2**20)
        await socket.prepare(request)
        self.sockets.add(socket)
        self.helloes += 1
        hello = {
            **self.durable(),
            "highest": max(self.chunks, default=0),
            "last_stream": max((each.stream for each in self.configurations), default=-1),
            "part_ms": 250,
            "keyframe_ms": KEYFRAME_MS,
        }
        await socket.send_json({"hello": hello})
        if self.close_code:
            await socket.close(code=self.close_code)
            return socket
        telling = asyncio.create_task(self.tell(socket))
        try:
            async for message in socket:
                await self.hear(socket, message.data, message.type)
        finally:
            telling.cancel()
            self.sockets.discard(socket)
        return socket

    async def hear(self, socket: web.WebSocketResponse, data: Any, kind: WSMsgType) -> None:
        if kind is WSMsgType.BINARY:
            chunk = decode(data)
            known = {each.stream for each in self.configurations}
            assert chunk.stream in known, "its configuration came first"
            self.chunks[chunk.number] = chunk
            self.arrivals.append((time.time() * 1000, chunk))
        elif '"ping"' in data:
            ping = int(data.split(":")[1].rstrip("}"))
            await socket.send_json({"pong": ping, "at": time.time() * 1000})
        else:
            self.configurations.append(configuration(data))

    async def tell(self, socket: web.WebSocketResponse) -> None:
        while True:
            await asyncio.sleep(ACKNOWLEDGE_S)
            if not self.is_deaf:
                await socket.send_json(self.durable())

    def durable(self) -> dict[str, Any]:
        durable = 0
        while durable + 1 in self.chunks:
            durable += 1
        above: list[list[int]] = []
        for number in sorted(each for each in self.chunks if each > durable):
            if above and above[-1][1] == number - 1:
                above[-1][1] = number
            else:
                above.append([number, number])
        return {"durable": durable, **({"above": above} if above else {})}

    def missing(self) -> set[int]:
        return set(range(1, max(self.chunks, default=0) + 1)) - self.chunks.keys()

    def track(self, track: ChunkTrack) -> list[Chunk]:
        chunks = (self.chunks[number] for number in sorted(self.chunks))
        return [each for each in chunks if each.track is track]


class Class:
    """A service, and a lead teacher's page that publishes to it."""

    def __init__(self, page: Page, service: Service, running: Running) -> None:
        self.page = page
        self.service = service
        self.running = running

    def open(self) -> None:
        """Anew, as a person does."""
        self.page.goto(self.running.url)
        self.page.evaluate("""async () => {
            const { Publisher } = await import("/publisher.js");
            const publisher = new Publisher({
                address: "/live/12/publish", classId: "12", bitrate: 600000, worklet: "/worklet.js",
            });
            Object.assign(window, { publisher, states: [], refused: null });
            publisher.on("state", (state) => states.push(state));
            publisher.on("refused", (refusal) => { window.refused = refusal; });
            await publisher.start();
        }""")

    def show_devices(self) -> None:
        self.page.evaluate("""async () => {
            const video = { width: 320, height: 180, frameRate: 30 };
            publisher.show(await navigator.mediaDevices.getUserMedia({ video, audio: true }));
        }""")

    def publish(self) -> None:
        self.open()
        self.show_devices()
        self.wait(lambda: len(self.service.chunks) > 50)

    def cut(self) -> None:
        def abort() -> None:
            for socket in self.service.sockets:
                transport = socket._req.transport if socket._req else None
                if transport:
                    transport.abort()

        self.running.loop.call_soon_threadsafe(abort)

    def wait(self, condition: Callable[[], bool], seconds: float = 15) -> None:
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, "it did not come about"
            self.page.wait_for_timeout(50)

    def finish(self) -> None:
        self.page.evaluate("() => publisher.finish()")


@pytest.fixture
def lesson(equipped: Browser, built_scripts: Path) -> Iterator[Class]:
    service = Service(built_scripts)
    running = Running(service)  # type: ignore[arg-type]  # all it asks for is an app
    context = equipped.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Class(page, service, running)
    context.close()
    running.stop()
    assert errors == []


def test_a_lesson_arrives_on_its_clock(lesson: Class) -> None:
    lesson.publish()
    pictures = lambda: lesson.service.track(ChunkTrack.PICTURE)  # noqa: E731
    lesson.wait(lambda: sum(each.keyframe for each in pictures()) >= 5, 20)
    first = lesson.service.configurations[0]
    assert first.video and (first.video.width, first.video.height) == (320, 180)
    assert first.opus
    keyframes = [each.at_us / 1000 for each in pictures() if each.keyframe]
    # The first is where the stream begins, the others where the lesson's clock says.
    for before, after in pairwise(keyframes[1:]):
        assert after - before == pytest.approx(KEYFRAME_MS, abs=120)
        assert after % KEYFRAME_MS < 120
    for track in ChunkTrack:
        times = [each.at_us for each in lesson.service.track(track)]
        assert all(later > earlier for earlier, later in pairwise(times))
    sound = [each.at_us for each in lesson.service.track(ChunkTrack.SOUND)]
    steps = [later - earlier for earlier, later in pairwise(sound)]
    assert max(steps) < 40_000, "no hole is made where there was none"
    assert apart(lesson.service) < 100
    assert not lesson.service.missing()
    # A lesson's time is the service's, and all of it is told at once.
    late = sorted(arrived - chunk.at_us / 1000 for arrived, chunk in lesson.service.arrivals)
    assert late[0] > -20 and late[len(late) // 2] < 150


def apart(service: Service) -> float:
    """How far apart the tracks' times are, in ms: of what came together, the middle of it."""
    latest: dict[ChunkTrack, float] = {}
    differences = []
    for _, chunk in service.arrivals:
        latest[chunk.track] = (chunk.at_us + chunk.duration_us) / 1000
        if len(latest) == 2:
            differences.append(abs(latest[ChunkTrack.PICTURE] - latest[ChunkTrack.SOUND]))
    return sorted(differences)[len(differences) // 2]


def test_a_browser_without_track_processors_publishes_too(lesson: Class) -> None:
    lesson.page.add_init_script("delete window.MediaStreamTrackProcessor")
    lesson.publish()
    pictures = lambda: lesson.service.track(ChunkTrack.PICTURE)  # noqa: E731
    lesson.wait(lambda: sum(each.keyframe for each in pictures()) >= 2)
    lesson.wait(lambda: len(lesson.service.track(ChunkTrack.SOUND)) > 100)
    assert apart(lesson.service) < 100
    sound = [each.at_us for each in lesson.service.track(ChunkTrack.SOUND)]
    steps = [later - earlier for earlier, later in pairwise(sound)]
    assert max(steps) < 40_000


def test_a_cut_connection_loses_nothing(lesson: Class) -> None:
    lesson.publish()
    lesson.service.is_deaf = True
    lesson.page.wait_for_timeout(500)
    lesson.service.is_down = True
    lesson.cut()
    lesson.page.wait_for_timeout(3000)
    lost = max(lesson.service.chunks)
    began = len(lesson.service.arrivals)
    lesson.service.is_down = lesson.service.is_deaf = False
    lesson.wait(lambda: max(lesson.service.chunks) > lost + 200 and not lesson.service.missing())
    returned = [chunk for _, chunk in lesson.service.arrivals[began:]]
    now = [chunk for chunk in returned if not chunk.sent_again]
    assert now[0].keyframe, "a new stream begins with a keyframe"
    assert now[0].track is ChunkTrack.PICTURE
    assert now[0].stream == 1
    assert returned.index(now[0]) < 30, "what happens now goes first"
    assert {each.number for each in returned if each.sent_again} >= set(range(lost + 1, lost + 100))
    sent_again = [each.number for each in returned if each.sent_again]
    assert sent_again == sorted(set(sent_again)), "oldest first, and nothing twice"
    for track in ChunkTrack:
        times = [each.at_us for each in lesson.service.track(track)]
        assert all(later > earlier for earlier, later in pairwise(times))
        assert max(b - a for a, b in pairwise(times)) < 400_000
    assert lesson.page.evaluate("states") == ["live", "broken", "live"]
    lesson.finish()
    assert lesson.page.evaluate("publisher.sender.kept.count") == 0


def test_a_reload_in_a_break_loses_nothing_that_was_on_the_disk(lesson: Class) -> None:
    lesson.publish()
    lesson.service.is_down = True
    lesson.cut()
    lesson.page.wait_for_timeout(4000)
    on_disk = lesson.page.evaluate("""() => {
        const { kept } = publisher.sender;
        const shelved = [...kept.chunks.values()].filter(({ shelved }) => shelved);
        return Math.max(...shelved.map(({ number }) => number));
    }""")
    before = max(lesson.service.chunks)
    assert on_disk > before + 50
    lesson.page.goto("about:blank")
    lesson.service.is_down = False
    lesson.open()
    lesson.wait(lambda: set(range(1, on_disk + 1)) <= lesson.service.chunks.keys())
    again = [lesson.service.chunks[number] for number in range(before + 1, on_disk + 1)]
    assert all(each.sent_again and each.stream == 0 for each in again)
    lesson.show_devices()
    lesson.wait(lambda: max(lesson.service.chunks) > on_disk + 50)
    assert lesson.service.configurations[-1].stream == 1
    lesson.finish()
    left = lesson.page.evaluate("""async () => {
        const { Shelf } = await import("/shelf.js");
        return (await new Shelf("12").contents()).length;
    }""")
    assert left == 0


def test_a_still_canvas_goes_on_and_another_size_is_another_stream(lesson: Class) -> None:
    lesson.open()
    lesson.page.evaluate("""() => {
        window.draw = (width, height) => {
            const canvas = Object.assign(document.createElement("canvas"), { width, height });
            const drawing = canvas.getContext("2d");
            publisher.show(canvas.captureStream(30));
            // A third of a second of pictures, and then none.
            let left = 20;
            const again = () => {
                drawing.fillRect(0, 0, width, height / 2);
                if (left--) requestAnimationFrame(again);
            };
            again();
        };
        draw(320, 180);
    }""")
    lesson.wait(lambda: len(lesson.service.track(ChunkTrack.PICTURE)) > 40, 20)
    times = [each.at_us / 1000 for each in lesson.service.track(ChunkTrack.PICTURE)]
    assert max(after - before for before, after in pairwise(times)) < 500
    assert lesson.service.configurations[0].opus is None
    lesson.page.evaluate("draw(640, 360)")
    lesson.wait(lambda: lesson.service.configurations[-1].stream > 0)
    last = lesson.service.configurations[-1]
    assert last.video and last.video.width == 640
    lesson.wait(lambda: lesson.service.track(ChunkTrack.PICTURE)[-1].stream == last.stream)
    pictures = lesson.service.track(ChunkTrack.PICTURE)
    assert next(each for each in pictures if each.stream == last.stream).keyframe


def test_a_stream_that_began_in_a_break_is_told_before_its_chunks(lesson: Class) -> None:
    lesson.publish()
    lesson.service.is_down = True
    lesson.cut()
    lesson.wait(lambda: lesson.page.evaluate("states").count("broken") == 1)
    lesson.page.evaluate("""async () => {
        const video = { width: 640, height: 360, frameRate: 30 };
        publisher.show(await navigator.mediaDevices.getUserMedia({ video, audio: true }));
    }""")
    lesson.wait(lambda: lesson.page.evaluate("publisher.sender.kept.streams.length") == 2)
    lesson.service.is_down = False
    lesson.wait(lambda: len(lesson.service.configurations) >= 3 and not lesson.service.missing())
    streams = [each.stream for each in lesson.service.configurations]
    assert streams == [0, 1, 2]
    again = {each.stream for each in lesson.service.chunks.values() if each.sent_again}
    assert again >= {0, 1}
    lesson.finish()


def test_another_publisher_ends_it_for_good(lesson: Class) -> None:
    lesson.publish()
    lesson.service.close_code = 4001
    lesson.cut()
    lesson.page.wait_for_function("refused === 'replaced'")
    helloes = lesson.service.helloes
    lesson.page.wait_for_timeout(1500)
    assert lesson.service.helloes == helloes
    assert lesson.page.evaluate("states") == ["live", "broken", "live", "ended"]
