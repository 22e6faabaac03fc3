"""What a publisher's page keeps until it is durable, and in which order it is sent."""

from __future__ import annotations

import json

import pytest

from tongke.live.wire import Chunk, ChunkTrack, decode
from web.tests.browser.scripts import Script

pytestmark = pytest.mark.browser


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
        const first = [kept.durable, kept.count, kept.memoryBytes];
        kept.settle(3, [[5, 6]]);
        kept.settle(3, [[5, 7]]);
        kept.queueAll();
        return [first, [kept.durable, kept.count, kept.memoryBytes], queued()];
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
        const inMemory = [kept.memoryBytes, kept.count, kept.next().message === null];
        const gone = kept.settle(4), more = kept.settle(24);
        const left = kept.toShelve(Infinity, 1e9).length;
        return [due, all.length, inMemory, gone, more, kept.memoryBytes, left];
    """)
    assert found == [list(range(1, 16)), 5, [1000, 25, True], True, True, 100, 1]


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


FILL = """
    const disk = new shelf.Shelf("over"), kept = new chunks.Kept();
    const message = chunks.encode({
        track: 2, stream: 0, number: 1, atUs: 5, durationUs: 0, keyframe: true,
        data: new Uint8Array([7]),
    });
    kept.add(1, 0, message, 0);
    await disk.putStream({ stream: 0, at: 1, configuration: { stream: 0 } });
    if (!await disk.put(kept.toShelve(Infinity, 1e9))) throw new Error("no disk");
"""


def test_nothing_of_a_class_that_is_over_stays_on_the_disk(run: Script) -> None:
    found = run(f"""{FILL}
        const other = new shelf.Shelf("another");
        await other.putStream({{ stream: 0, at: 1, configuration: {{}} }});
        await shelf.forgetClass("over");
        const names = (await indexedDB.databases()).map(({{ name }}) => name);
        return [names, await disk.contents(), (await other.streams()).length];
    """)
    assert found == [["tongke-live-another"], [], 1]


def test_a_disk_that_was_closed_is_asked_again(run: Script) -> None:
    found = run(f"""
        const opened = [], open = indexedDB.open.bind(indexedDB);
        indexedDB.open = (...said) => {{
            const request = open(...said);
            request.addEventListener("success", () => opened.push(request.result));
            return request;
        }};
        {FILL}
        const acts = {{}}, sent = [];
        const wire = {{
            backlog: 0,
            on: (name, act) => (acts[name] = [...(acts[name] ?? []), act]),
            open: () => undefined,
            send: (message) => (sent.push(message), true),
        }};
        const made = new sender.Sender(wire, disk);
        await made.open();
        for (const database of opened) database.close();
        const hello = {{ durable: 0, highest: 1, last_stream: 0, part_ms: 250, keyframe_ms: 2000 }};
        acts.message.forEach((act) => act({{ hello }}));
        while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
        return [chunks.numberOf(sent[0]), opened.length];
    """)
    assert found == [1, 2]


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
