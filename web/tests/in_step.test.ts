/** What keeps the rooms of a class in one moment: where their pieces are, and how their screens are trimmed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { aligned, dateAt, type Found } from "../classroom/dates.ts";
import { LessonClock } from "../classroom/clock.ts";
import { Steering } from "../classroom/steering.ts";
import { Trim } from "../classroom/trim.ts";

const EPOCH = 1_796_000_000_000;
/** Of 1024 samples at 48,000 a second. */
const FRAME_S = 1024 / 48_000;

/** Pieces of two seconds; `bySound`: reckoned by their sound, which begins with its first whole frame. */
function pieces(count: number, bySound: boolean, shift = 0): Found[] {
  return Array.from({ length: count }, (_, number) => {
    const picture = 2 * number;
    const loaded = bySound ? Math.ceil(picture / FRAME_S - 1e-9) * FRAME_S : picture;
    return { start: loaded + shift, duration: 2, date: EPOCH + picture * 1000, continuity: 0, loaded: loaded + shift };
  });
}

test("a room that reckons by the sound and one that reckons by the picture are in the same moment", () => {
  const byPicture = aligned(pieces(12, false));
  const bySound = aligned(pieces(12, true));
  for (let time = 0; time < 24; time += 0.7) {
    const apart = (dateAt(bySound, time) ?? 0) - (dateAt(byPicture, time) ?? 0);
    assert.ok(Math.abs(apart) < 0.01, `${apart} ms apart at ${time} s`);
  }
});

test("a piece that is not loaded is placed by those that are", () => {
  const found = pieces(6, true);
  const chained = found.map((piece, at) => (at < 5 ? piece : { ...piece, start: 10 + FRAME_S, loaded: null }));
  assert.ok(Math.abs((aligned(chained)[5]?.start ?? 0) - 10) < 1e-6);
});

test("what is on another time line places nothing", () => {
  const before = pieces(4, false);
  const after = pieces(4, false, 100).map((piece) => ({ ...piece, date: piece.date + 90_000, continuity: 1 }));
  assert.deepEqual(
    aligned([...before, ...after]).map(({ start }) => start),
    [...before, ...after].map(({ start }) => start),
  );
});

test("what was found of a number's other media, before a process died, places nothing", () => {
  const found = pieces(12, true);
  const reused = found.map((piece, at) => (at === 8 ? { ...piece, loaded: piece.start - 8 } : piece));
  const places = aligned(reused).map(({ start }) => start);
  for (const [at, { start }] of aligned(found).entries()) assert.ok(Math.abs((places[at] ?? 0) - start) < FRAME_S, `${at}`);
});

test("a delay that changes while a class is in step is run in by speed, and not leapt", () => {
  const steering = new Steering();
  let at = 0;
  let lag = 1500;
  const step = (delay: number): string => {
    at += 1000 / 30;
    const order = steering.step(-delay, -lag, at);
    if (order.kind === "speed") lag -= (order.speed - 1) * (1000 / 30);
    return order.kind;
  };
  for (let count = 0; count < 60; count += 1) step(1500);
  const kinds = Array.from({ length: 30 * 15 }, () => step(1000));
  assert.deepEqual(new Set(kinds), new Set(["speed"]));
  assert.ok(Math.abs(lag - 1000) < 5, `${lag}`);
});

test("after a sleep the clock does not believe what it was told before", () => {
  const clock = new LessonClock();
  for (let asked = 0; asked < 8000; asked += 1000) clock.answered({ asked, received: asked + 4, at: 50_000 + asked });
  // The computer's own clock stood still for a minute; the line is slower now.
  clock.answered({ asked: 9000, received: 9040, at: 119_020 });
  assert.ok(Math.abs(clock.at(9040) - 119_040) < 1, `${clock.at(9040)}`);
});

/** A screen that shows each picture `latency` after the player's clock, to its next refresh. */
function settled(latency: number, phase: number): { late: number; ms: number } {
  const REFRESH_MS = 1000 / 60;
  const trim = new Trim();
  const late = (): number => Math.ceil((latency - trim.ms - phase) / REFRESH_MS) * REFRESH_MS + phase;
  for (let at = 0; at < 60_000; at += 1000 / 30) trim.seen(at, late());
  return { late: late(), ms: trim.ms };
}

test("a screen that is a picture behind comes within half a one", () => {
  for (const latency of [0, 5, 17, 25]) {
    for (let phase = 0; phase < 16; phase += 2) {
      const { late } = settled(latency, phase);
      assert.ok(Math.abs(late) <= 17, `${late} ms late at ${latency} and ${phase}`);
    }
  }
});

test("sound and picture are not parted by more than is seen", () => {
  assert.equal(settled(60, 0).ms, 40);
});

test("what is far from its moment is caught up with, and trims nothing", () => {
  const trim = new Trim();
  for (let at = 0; at < 20_000; at += 33) trim.seen(at, at % 330 === 0 ? 400 : 30);
  assert.equal(trim.ms, 0);
});

test("what is seen at another pace says nothing, and for two seconds after it", () => {
  const trim = new Trim();
  for (let at = 0; at < 3900; at += 100) trim.seen(at, 30);
  trim.restart(3900);
  for (let at = 3900; at < 7800; at += 100) trim.seen(at, 30);
  assert.equal(trim.ms, 0);
  trim.seen(7900, 30);
  assert.equal(trim.ms, 15);
});
