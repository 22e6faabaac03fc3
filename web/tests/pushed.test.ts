/** Playlists that are pushed: who wants one has it when it comes, and asks where nothing does. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import type HlsClass from "hls.js";
import type { LoaderCallbacks, LoaderConfiguration, PlaylistLoaderContext } from "hls.js";
import { answers, edgeOf, lineOf, PushedPlaylists } from "../classroom/pushed.ts";
import { pushedLoader } from "../classroom/pushed_loader.ts";

class Socket {
  static readonly OPEN = 1;
  static all: Socket[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly url: string;

  constructor(url: string) {
    this.url = url;
    Socket.all.push(this);
  }

  static get last(): Socket {
    const last = Socket.all[Socket.all.length - 1];
    assert.ok(last);
    return last;
  }

  open(): void {
    this.readyState = Socket.OPEN;
    this.onopen?.();
  }

  push(text: string): void {
    const packed = gzipSync(text);
    this.onmessage?.({ data: packed.buffer.slice(packed.byteOffset, packed.byteOffset + packed.byteLength) as ArrayBuffer });
  }

  close(): void {
    this.readyState = 3;
  }
}

/** What the player does where nothing is pushed: it asks. */
class Asking {
  static asked: Asking[] = [];
  context = null;
  stats = { asked: true };
  isGone = false;
  callbacks: LoaderCallbacks<PlaylistLoaderContext> | null = null;

  load(_context: PlaylistLoaderContext, _config: LoaderConfiguration, callbacks: LoaderCallbacks<PlaylistLoaderContext>): void {
    this.callbacks = callbacks;
    Asking.asked.push(this);
  }

  abort(): void {
    this.isGone = true;
  }

  destroy(): void {
    this.isGone = true;
  }
}

const clock = { now: 0 };
/** Whether the lesson is fetched part by part. */
const parts = { on: true };
Object.assign(globalThis, { window: globalThis, location: { href: "http://tongke.test/room" }, WebSocket: Socket });
performance.now = () => clock.now;
// Nobody waits longer than they must.
Math.random = () => 0;

/** The playlist of a class whose segments have two parts each. */
function playlist(open: number, openParts: number, skipped = open - 1): string {
  const listed = (segment: number, count: number): string[] =>
    Array.from({ length: count }, (_, number) => `#EXT-X-PART:DURATION=0.25,URI="1-p${segment}.${number}.m4s"`);
  return [
    "#EXTM3U",
    "#EXT-X-MEDIA-SEQUENCE:0",
    `#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`,
    ...Array.from({ length: open - skipped }, (_, number) => [...listed(skipped + number, 2), "#EXTINF:0.5,", `1-s${skipped + number}.m4s`]).flat(),
    ...listed(open, openParts),
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="next.m4s"',
    "",
  ].join("\n");
}

const URL_OF_SOURCE = "http://tongke.test/live/7/hls/source/live.m3u8";
const TICK_MS = 20;
const LIMIT_MS = 60_000;

/** Unpacking is done beside. */
async function until(isDone: () => boolean): Promise<void> {
  const began = Date.now();
  while (!isDone()) {
    assert.ok(Date.now() - began < LIMIT_MS, "it does not come");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Loading {
  answers: string[];
  loader: { abort(): void; stats: object };
}

function player(pushed: PushedPlaylists): (msn?: number, part?: number, skip?: string) => Loading {
  const Loader = pushedLoader({ DefaultConfig: { loader: Asking } } as unknown as typeof HlsClass, pushed);
  return (msn, part, skip = "YES") => {
    const found: string[] = [];
    const loader = new Loader({ lowLatencyMode: parts.on } as never);
    const context = { levelOrTrack: { details: {} }, url: `${URL_OF_SOURCE}?_HLS_msn=${msn}`, deliveryDirectives: { msn, part, skip } } as unknown as PlaylistLoaderContext;
    loader.load(context, {} as LoaderConfiguration, {
      onSuccess: ({ data }) => found.push(data as string),
      onError: () => found.push("error"),
      onTimeout: () => found.push("timeout"),
    });
    return { answers: found, loader };
  };
}

function begin(context: TestContext): (msn?: number, part?: number, skip?: string) => Loading {
  Socket.all = [];
  Asking.asked = [];
  clock.now = 0;
  parts.on = true;
  context.mock.timers.enable({ apis: ["setTimeout"] });
  return player(new PushedPlaylists());
}

/** One whose line is open. */
function opened(context: TestContext): (msn?: number, part?: number, skip?: string) => Loading {
  const load = begin(context);
  load(1, 0).loader.abort();
  Socket.last.open();
  Asking.asked = [];
  return load;
}

test("where a playlist ends, and what it answers", () => {
  assert.deepEqual(edgeOf(playlist(5, 1)), { open: 5, openParts: 1, closedParts: 2, ended: false });
  assert.deepEqual(edgeOf(playlist(5, 0)), { open: 5, openParts: 0, closedParts: 2, ended: false });
  assert.deepEqual(edgeOf(playlist(1, 2, 1)), { open: 1, openParts: 2, closedParts: 0, ended: false });
  assert.equal(edgeOf("<html>"), null);
  const edge = { open: 5, openParts: 1, closedParts: 2, ended: false };
  for (const [sequence, part, answered] of [[3, 9, true], [4, 1, true], [4, 2, true], [5, 0, true], [5, 1, false], [6, 0, false]] as const) {
    assert.equal(answers(edge, sequence, part), answered, `${sequence}.${part}`);
  }
  // A part past the end of a closed segment means the first of the next.
  assert.equal(answers({ ...edge, openParts: 0 }, 4, 2), false);
  // When the class has ended nothing is waited for.
  assert.ok(edgeOf(`${playlist(5, 1)}#EXT-X-ENDLIST\n`)?.ended);
  assert.ok(answers({ ...edge, ended: true }, 9, 9));
});

test("each rendition has its line", () => {
  assert.equal(lineOf(URL_OF_SOURCE), "/live/7/playlists/source");
  assert.equal(lineOf("/live/7/hls/small/live.m3u8?_HLS_msn=1"), "/live/7/playlists/small");
  assert.equal(lineOf("/live/7/program.m3u8"), null);
});

test("what is wanted comes without being asked for", async (context) => {
  const load = opened(context);
  assert.equal(Socket.last.url, "ws://tongke.test/live/7/playlists/source");
  const first = load(5, 1);
  Socket.last.push(playlist(5, 1));
  Socket.last.push(playlist(5, 2));
  await until(() => first.answers.length > 0);
  assert.deepEqual(first.answers, [playlist(5, 2)]);
  // What came before it was wanted is there.
  const second = load(5, 1);
  assert.deepEqual(second.answers, [], "not while the player asks");
  await until(() => second.answers.length > 0);
  assert.deepEqual(second.answers, [playlist(5, 2)]);
  context.mock.timers.tick(10_000);
  assert.equal(Asking.asked.length, 0);
  assert.equal(Socket.all.length, 1);
});

test("until the line is open, and when nothing comes, it is asked for; what is first counts", async (context) => {
  const load = begin(context);
  const early = load(5, 0);
  assert.equal(Asking.asked.length, 1);
  Socket.last.open();
  Socket.last.push(playlist(5, 1));
  await until(() => early.answers.length > 0);
  assert.deepEqual(early.answers, [playlist(5, 1)]);
  assert.deepEqual(early.loader.stats, { ...early.loader.stats, aborted: false, loaded: playlist(5, 1).length });
  assert.ok(Asking.asked[0]?.isGone, "nobody waits for what was asked for");
  const late = load(5, 1);
  context.mock.timers.tick(749);
  assert.equal(Asking.asked.length, 1);
  context.mock.timers.tick(1);
  assert.equal(Asking.asked.length, 2);
  answer();
  assert.deepEqual(late.answers, ["asked"]);
});

/** What was asked for last comes. */
function answer(): void {
  Asking.asked[Asking.asked.length - 1]?.callbacks?.onSuccess({ url: "", data: "asked" }, {} as never, {} as never, null);
}

/** It is asked for and had, and nothing was pushed. */
function outrun(context: TestContext, load: (msn: number, part: number) => Loading, part: number): void {
  clock.now += TICK_MS;
  load(5, part);
  context.mock.timers.tick(750);
  clock.now += 750;
  answer();
}

test("a line that is outrun once goes on, and twice is dead", async (context) => {
  const load = opened(context);
  outrun(context, load, 0);
  assert.equal(Socket.last.readyState, Socket.OPEN);
  clock.now += TICK_MS;
  Socket.last.push(playlist(5, 2));
  outrun(context, load, 2);
  assert.equal(Socket.last.readyState, Socket.OPEN, "it spoke in between");
  outrun(context, load, 3);
  assert.equal(Socket.last.readyState, 3);
  load(5, 4);
  assert.equal(Socket.all.length, 1);
  clock.now += 1000;
  load(5, 4);
  assert.equal(Socket.all.length, 2);
});

test("a line that breaks has what is wanted asked for at once", (context) => {
  const load = opened(context);
  load(5, 0);
  assert.equal(Asking.asked.length, 0);
  Socket.last.onclose?.({ code: 1006 });
  assert.equal(Asking.asked.length, 1);
  context.mock.timers.tick(10_000);
  assert.equal(Asking.asked.length, 1, "once");
});

/** When lines are opened that do not last. */
function opening(load: (msn: number, part: number) => Loading, code: number): number[] {
  const times: number[] = [];
  for (; clock.now < 100_000; clock.now += 250) {
    const before = Socket.all.length;
    load(5, 0).loader.abort();
    if (Socket.all.length === before) continue;
    times.push(clock.now);
    Socket.last.onclose?.({ code });
  }
  return times;
}

test("a line that breaks is opened again, less and less often, and is forgiven when it has held", async (context) => {
  const load = begin(context);
  assert.deepEqual(opening(load, 1006), [0, 1000, 3000, 7000, 15_000, 31_000, 61_000, 91_000]);
  clock.now += 30_000;
  for (const [heldMs, waitMs] of [[9000, 30_000], [10_001, 1000]] as const) {
    load(5, 0).loader.abort();
    const count = Socket.all.length;
    Socket.last.open();
    clock.now += heldMs;
    const spoken = load(5, 0);
    Socket.last.push(playlist(5, 1));
    await until(() => spoken.answers.length > 0);
    Socket.last.onclose?.({ code: 1006 });
    clock.now += waitMs - 1;
    load(5, 1);
    assert.equal(Socket.all.length, count);
    clock.now += 1;
    load(5, 1).loader.abort();
    assert.equal(Socket.all.length, count + 1);
    Socket.last.onclose?.({ code: 1006 });
    clock.now += 30_000;
  }
});

for (const code of [1013, 4004]) {
  test(`closed with ${code} it is not opened again for half a minute`, (context) => {
    assert.deepEqual(opening(begin(context), code), [0, 30_000, 60_000, 90_000]);
  });
}

test("the whole playlist, one without a part, and who plays whole segments: they are asked for", (context) => {
  const load = begin(context);
  load(undefined, undefined, "");
  load(5, undefined);
  load(5, 0, "");
  parts.on = false;
  load(5, 7);
  assert.equal(Asking.asked.length, 4);
  assert.equal(Socket.all.length, 0);
});

test("nobody is told of what they gave up, and what nobody wants is no longer pushed", async (context) => {
  const load = opened(context);
  const given = load(5, 0);
  given.loader.abort();
  const other = load(5, 0);
  Socket.last.push(playlist(5, 1));
  await until(() => other.answers.length > 0);
  assert.deepEqual(given.answers, []);
  for (let count = 0; count < 39; count += 1) Socket.last.push(playlist(5, 2));
  assert.equal(Socket.last.readyState, Socket.OPEN);
  clock.now += 3_600_000;
  load(6, 0);
  for (let count = 0; count < 40; count += 1) Socket.last.push(playlist(5, 2));
  assert.equal(Socket.last.readyState, Socket.OPEN);
  Socket.last.push(playlist(5, 2));
  assert.equal(Socket.last.readyState, 3);
});

test("who looks whether there is more, after a while without, is told when there is", async (context) => {
  const load = opened(context);
  const whole = load(undefined, undefined, "");
  const difference = load(undefined, undefined, "YES");
  context.mock.timers.tick(5999);
  assert.equal(Asking.asked.length, 0);
  Socket.last.push(playlist(5, 1));
  await until(() => difference.answers.length > 0);
  assert.deepEqual(difference.answers, [playlist(5, 1)]);
  // A difference is not for who has nothing to put it to.
  assert.equal(Asking.asked.length, 1);
  answer();
  assert.deepEqual(whole.answers, ["asked"]);
  load(undefined, undefined, "");
  context.mock.timers.tick(6000);
  assert.equal(Asking.asked.length, 2);
  load(undefined, undefined, "");
  Socket.last.onclose?.({ code: 1012 });
  assert.equal(Asking.asked.length, 3);
});

test("what cannot be unpacked ends the line, and is asked for", async (context) => {
  const load = opened(context);
  const wanted = load(5, 0);
  Socket.last.onmessage?.({ data: new Uint8Array([1, 2, 3]).buffer });
  await until(() => Socket.last.readyState === 3);
  assert.equal(Asking.asked.length, 1);
  assert.deepEqual(wanted.answers, []);
});
