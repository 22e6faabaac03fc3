"""What a classroom's scripts compute, without a line: its clock, its steering, what it keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.sync_api import Browser, Page

import hatch_build
from tongke.live.wire import Chunk, ChunkTrack, decode
from web.tests.browser.fake_api import Running

pytestmark = pytest.mark.browser

SCRIPTS = [
    "chunks",
    "clock",
    "dates",
    "line",
    "publisher",
    "rebase",
    "receiver",
    "sender",
    "shelf",
    "steering",
]

Script = Callable[[str], Any]


class Scripts:
    """Serves the built scripts of the classroom, each at its plain name, and an empty page."""

    def __init__(self, built: Path) -> None:
        self.built = built
        self.names: dict[str, str] = json.loads((built / "manifest.json").read_text())

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.empty),
                web.get("/{name}.js", self.script),
            ]
        )
        return app

    async def empty(self, _request: web.Request) -> web.Response:
        html = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body></body>'
        return web.Response(text=html, content_type="text/html")

    async def script(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["name"] + ".js"
        return web.FileResponse(self.built / self.names.get(name, name))


@pytest.fixture(scope="package")
def built_scripts(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classroom")
    scripts = [f"classroom/{name}.ts" for name in [*SCRIPTS, "worklet"]]
    hatch_build.node(hatch_build.WEB, "build.ts", str(folder), *scripts)
    return folder


@pytest.fixture
def run(page: Page, built_scripts: Path) -> Iterator[Script]:
    """Runs a function's body in a page where every classroom script is at hand by its name."""
    running = Running(Scripts(built_scripts))
    page.goto(running.url)

    def evaluate(body: str) -> Any:
        imports = "".join(f"const {name} = await import('/{name}.js');" for name in SCRIPTS)
        return page.evaluate(f"async () => {{ {imports} {body} }}")

    yield evaluate
    running.stop()


# The lesson's clock


def test_the_answer_with_the_smallest_round_trip_counts(run: Script) -> None:
    """The service is 5000 ms ahead; slow answers are slow on one way only, and would mislead."""
    found = run("""
        const core = new clock.LessonClock();
        core.answered({ asked: 1000, received: 1200, at: 6010 });
        core.answered({ asked: 2000, received: 2008, at: 7004 });
        for (let at = 3000; at < 9000; at += 1000) {
            core.answered({ asked: at, received: at + 150, at: at + 5140 });
        }
        return [core.roundTrip, core.at(20000) - 20000];
    """)
    assert found == [8, pytest.approx(5000)]


def test_an_answer_older_than_eight_others_is_forgotten(run: Script) -> None:
    found = run("""
        const core = new clock.LessonClock();
        core.answered({ asked: 0, received: 2, at: 5001 });
        for (let at = 1000; at < 9000; at += 1000) {
            core.answered({ asked: at, received: at + 20, at: at + 5050 });
        }
        return [core.roundTrip, core.at(60000) - 60000];
    """)
    assert found == [20, pytest.approx(5040)]


@pytest.mark.parametrize("correction", [-3000, -150, -12, 12, 150, 3000])
def test_corrections_never_turn_the_clock_back(run: Script, correction: int) -> None:
    found = run(f"""
        const core = new clock.LessonClock();
        core.answered({{ asked: 0, received: 40, at: 5020 }});
        const told = [];
        for (let local = 40; local < 20000; local += 10) {{
            const at = 5990 + {correction};
            if (local === 1000) core.answered({{ asked: 980, received: 1000, at }});
            told.push(core.at(local));
        }}
        const steps = told.slice(1).map((time, index) => time - told[index]);
        return [Math.min(...steps), told[told.length - 1] - 19990];
    """)
    assert found[0] > 0
    assert found[1] == pytest.approx(5000 + correction)


# Steering

SIMULATE = """
    const simulate = (first, frames, jitter) => {
        const steer = new steering.Steering();
        // A leap would be the quick way; the speed alone has to come there too.
        for (let n = 0; n < 2; n += 1) steer.step(200, 0, -1000), steer.error = null;
        let shown = -first, speed = 1;
        const errors = [];
        for (let n = 1; n <= frames; n += 1) {
            shown += speed * 1000 / 30;
            const now = n * 1000 / 30, noise = jitter * Math.sin(n * 12.9898) ;
            errors.push(now - shown);
            const order = steer.step(now, shown + noise, now);
            if (order.kind !== "speed") throw new Error(order.kind);
            speed = order.speed;
        }
        return errors;
    };
"""


@pytest.mark.parametrize("first", [800, -800])
def test_a_room_that_is_late_comes_into_step_without_swinging(run: Script, first: int) -> None:
    errors = run(f"{SIMULATE} return simulate({first}, 30 * 30, 0);")
    sign = 1 if first > 0 else -1
    assert abs(errors[-1]) <= 5
    assert min(sign * error for error in errors) >= -5, "it does not go past its place"
    settled = next(at for at, error in enumerate(errors) if abs(error) <= 5)
    assert max(abs(error) for error in errors[settled:]) <= 5, "it stays there"
    assert settled < 30 * 22


def test_pictures_that_come_a_frame_early_or_late_do_not_shake_it(run: Script) -> None:
    errors = run(f"{SIMULATE} return simulate(0, 30 * 20, 33);")
    assert max(abs(error) for error in errors) <= 10


def test_only_more_than_a_second_is_leapt(run: Script) -> None:
    orders = run("""
        const steer = new steering.Steering();
        const first = steer.step(10300, 10000, 0);
        const again = steer.step(10300, 10000, 10);
        const small = steer.step(10900, 10000, 20);
        steer.error = null;
        const late = steer.step(11200, 10000, 30);
        steer.error = null;
        const early = steer.step(10000, 11300, 40);
        return [first, again, small, late, early];
    """)
    assert orders == [
        {"kind": "leap", "ms": 300},
        {"kind": "leap", "ms": 300},
        {"kind": "speed", "speed": 1.05},
        {"kind": "leap", "ms": 1200},
        {"kind": "hold", "ms": 1300},
    ]


def test_the_readout_is_of_the_last_ten_seconds(run: Script) -> None:
    found = run("""
        const readout = new steering.Readout();
        for (let at = 0; at < 20000; at += 100) {
            readout.add(at, at < 9000 ? 9000 : 1300 + at % 200, at % 2000 ? 4 : -40);
        }
        return [readout.medianLag, readout.skew];
    """)
    assert found == [1400, 40]


# Places in the media

PIECES = """
    const pieces = [
        { start: 0, duration: 2, date: 1000 }, { start: 2, duration: 2, date: 3000 },
        { start: 4, duration: 2, date: 35000 },
    ];
"""


def test_dates_leap_over_a_break_and_the_media_do_not(run: Script) -> None:
    found = run(f"""{PIECES}
        return [
            [0.5, 3.9, 4.5, 7].map((time) => dates.dateAt(pieces, time)),
            [999, 1500, 4900, 20000, 35500, 37000].map((date) => dates.placeOf(pieces, date)),
        ];
    """)
    assert found == [[1500, 4900, 35500, 38000], [None, 0.5, pytest.approx(3.9), None, 4.5, None]]


# Capture times


def test_a_tracks_own_clock_is_found_by_its_earliest_arrivals(run: Script) -> None:
    """Its clock began 7 s ago and runs 100 ppm fast; arrivals are up to 30 ms late."""
    found = run("""
        const track = new rebase.Rebase();
        const wrong = [];
        for (let n = 0; n < 30 * 120; n += 1) {
            const captured = 1e6 + n * 1000 / 30, position = (captured - 1e6 + 7000) * 1.0001;
            track.observe(position * 1000, captured + 30 * Math.abs(Math.sin(n * 12.9898)));
            if (track.warm) wrong.push(track.at(position * 1000) / 1000 - captured);
        }
        const steps = wrong.slice(1).map((error, index) => error - wrong[index]);
        return [Math.min(...wrong), Math.max(...wrong), Math.max(...steps.map(Math.abs))];
    """)
    assert found[0] > -5
    assert found[1] < 10
    assert found[2] < 1, "corrections run in"


def test_times_rise_whatever_arrives(run: Script) -> None:
    steps = run("""
        const track = new rebase.Rebase(4000);
        const told = [];
        const arrivals = [
            [0, 1000], [300, 1900], [330, 1910], [360, 1660], [390, 9000], [420, 9010],
        ];
        for (const [position, arrived] of arrivals) {
            track.observe(position * 1000, arrived);
            told.push(track.at(position * 1000));
        }
        track.restart();
        track.observe(0, 9020);
        told.push(track.at(0), track.after(200000));
        return told.slice(1).map((time, index) => time - told[index]);
    """)
    assert min(steps) >= 4000


# Chunks


@pytest.mark.parametrize(
    "chunk",
    [
        Chunk(ChunkTrack.PICTURE, 3, 1, 1_795_939_200_123_456, 33_333, b"\x00\x00\x00\x01e", True),
        Chunk(ChunkTrack.SOUND, 255, 2**32 - 1, 2**53 - 1, 20_000, bytes(range(256)), False),
        Chunk(ChunkTrack.PICTURE, 0, 70_000, 0, 0, b"p", False, sent_again=True),
    ],
)
def test_chunks_are_the_bytes_that_the_service_reads(run: Script, chunk: Chunk) -> None:
    message = run(f"""
        const message = chunks.encode({{
            track: {chunk.track.value}, stream: {chunk.stream}, number: {chunk.number},
            atUs: {chunk.at_us}, durationUs: {chunk.duration_us},
            keyframe: {json.dumps(chunk.keyframe)}, data: new Uint8Array({list(chunk.data)}),
        }});
        return [...({json.dumps(chunk.sent_again)} ? chunks.markSentAgain(message) : message)];
    """)
    assert bytes(message) == chunk.encode()
    assert decode(bytes(message)) == chunk


KEPT = """
    const kept = new chunks.Kept(1000);
    const bytes = new Uint8Array(100);
    const add = (...numbers) => numbers.forEach((number) => kept.add(number, 1, bytes, number));
    const queued = () => {
        const numbers = [];
        for (let next = kept.next(); next; next = kept.next()) {
            numbers.push(next.number);
            kept.sent();
        }
        return numbers;
    };
"""


def test_chunks_are_kept_until_they_are_durable_and_above_gaps(run: Script) -> None:
    found = run(f"""{KEPT}
        add(1, 2, 3, 4, 5, 6, 7, 8);
        kept.settle(2);
        const first = [kept.durable, kept.count, kept.bytes];
        kept.settle(3, [[5, 6]]);
        kept.settle(3, [[5, 7]]);
        kept.queueAll();
        return [first, [kept.durable, kept.count, kept.bytes], queued()];
    """)
    assert found == [[2, 6, 600], [3, 2, 200], [4, 8]]


def test_after_a_break_the_oldest_goes_first_and_nothing_twice(run: Script) -> None:
    found = run(f"""{KEPT}
        add(1, 2, 3, 4);
        const before = queued();
        kept.queueAll();
        kept.settle(1);
        add(5, 6);
        kept.queueLast(6);
        const [one, two] = [kept.next().number, (kept.sent(), kept.next().number)];
        kept.settle(3);
        return [before, one, two, queued(), queued()];
    """)
    assert found == [[], 2, 3, [4, 6], []]


def test_what_the_disk_has_leaves_memory_above_the_bound(run: Script) -> None:
    found = run(f"""{KEPT}
        add(...Array.from({{ length: 25 }}, (_, index) => index + 1));
        const due = kept.toShelve(16, 1e9).map(({{ number }}) => number);
        const all = kept.toShelve(Infinity, 450);
        kept.shelved(kept.toShelve(21, 1e9));
        kept.queueAll();
        const inMemory = [kept.memoryBytes, kept.bytes, kept.next().message === null];
        const gone = kept.settle(4), more = kept.settle(24);
        const left = kept.toShelve(Infinity, 1e9).length;
        return [due, all.length, inMemory, gone, more, kept.memoryBytes, left];
    """)
    assert found == [list(range(1, 16)), 5, [1000, 2500, True], True, True, 100, 1]


def test_what_became_durable_while_it_was_written_is_not_kept(run: Script) -> None:
    found = run(f"""{KEPT}
        add(1, 2, 3);
        const writing = kept.toShelve(Infinity, 1e9);
        kept.settle(2);
        return [kept.shelved(writing), kept.count, kept.toShelve(Infinity, 1e9).length];
    """)
    assert found == [True, 1, 0]


def test_a_reload_finds_on_the_disk_what_was_not_durable(run: Script) -> None:
    body = """
        const disk = new shelf.Shelf("12");
        const kept = new chunks.Kept();
        kept.restore(await disk.contents());
        kept.queueAll();
        const numbers = [];
        for (let next = kept.next(); next; next = kept.next()) {
            const message = (await disk.read(next.number, 2)).get(next.number);
            const { number, stream, size } = next;
            numbers.push([number, stream, message.byteLength === size, [...message.slice(20)]]);
            kept.sent();
        }
        const streams = await disk.streams();
        return [numbers, kept.streams, streams.map(({ configuration }) => configuration)];
    """
    run("""
        const disk = new shelf.Shelf("12");
        const kept = new chunks.Kept();
        for (let number = 1; number <= 6; number += 1) {
            const stream = number < 4 ? 255 : 0;
            const message = chunks.encode({
                track: 1, stream, number, atUs: 5, durationUs: 0, keyframe: false,
                data: new Uint8Array([number, 7]),
            });
            kept.add(number, stream, message, 0);
        }
        await disk.putStream({ stream: 255, at: 1, configuration: { stream: 255 } });
        await disk.putStream({ stream: 0, at: 2, configuration: { stream: 0 } });
        const chunksToPut = kept.toShelve(Infinity, 1e9);
        if (!await disk.put(chunksToPut)) throw new Error("no disk");
        await disk.forget(2, [[4, 4], [6, 6]]);
    """)
    numbers, streams, configurations = run(body)
    assert numbers == [[3, 255, True, [3, 7]], [5, 0, True, [5, 7]]]
    assert streams == [255, 0]
    assert configurations == [{"stream": 255}, {"stream": 0}]


# A thin line


def test_on_a_thin_line_sound_goes_first_and_pictures_follow(run: Script) -> None:
    found = run("""
        const acts = {}, sent = [];
        const thin = {
            backlog: 0,
            on: (name, act) => (acts[name] = [...(acts[name] ?? []), act]),
            open: () => undefined,
            send: (message) => (sent.push(message), true),
        };
        const congested = [];
        const made = new sender.Sender(thin, new shelf.Shelf("thin"));
        made.on("congested", () => congested.push(sent.length));
        await made.open();
        const hello = {
            durable: 0, highest: 0, last_stream: -1, part_ms: 250, keyframe_ms: 2000,
        };
        acts.message.forEach((act) => act({ hello }));
        made.configure({ picture: {}, sound: {} });
        const send = (track, keyframe = false) => made.send({
            track, keyframe, atUs: 0, durationUs: 0, data: new Uint8Array(1000),
        });
        const picture = (keyframe) => send(1, keyframe), sound = () => send(2);
        picture(true); sound();
        thin.backlog = 300000;
        picture(); sound(); picture();
        thin.backlog = 70000;
        picture(); picture(true); sound();
        thin.backlog = 1000;
        picture(); picture(true); picture();
        await new Promise((resolve) => setTimeout(resolve, 200));
        const told = sent.slice(1).map((message) => {
            const view = new DataView(message.buffer);
            return [view.getUint32(4), (view.getUint8(2) & 2) > 0];
        });
        return [told, congested.length];
    """)
    told, congested = found
    now = [number for number, again in told if not again]
    later = [number for number, again in told if again]
    assert now == [1, 2, 4, 8, 10, 11]
    assert later == [3, 5, 6, 7, 9], "none is lost, and the oldest goes first"
    assert congested == 1
