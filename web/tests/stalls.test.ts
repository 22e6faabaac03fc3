/** A picture that stands still: what is done about it hangs on why. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Piece } from "../classroom/dates.ts";
import { Stalls } from "../classroom/stalls.ts";

const clock = { now: 0 };
performance.now = () => clock.now;

/** A lesson of which the first ten seconds are there, and that stands at their end. */
function standing(): { stalls: Stalls; done: string[]; pieces: Piece[]; at: { target: number } } {
  clock.now = 100_000;
  const pieces: Piece[] = [{ start: 0, duration: 10, date: 0 }];
  const done: string[] = [];
  const at = { target: 9000 };
  const video = { currentTime: 9.9, seeking: false, paused: false, ended: false, buffered: { length: 1, start: () => 0, end: () => 10 } };
  const source = { pieces, trouble: null, on: () => undefined, create: () => done.push("made anew") };
  const stalls = new Stalls({
    video: video as never,
    source: source as never,
    target: () => at.target,
    leapTo: (moment) => done.push(`to ${moment}`),
    play: () => undefined,
  });
  stalls.moved(clock.now);
  return { stalls, done, pieces, at };
}

/** Twenty seconds in which it is looked twice a second. */
function pass(stalls: Stalls, at: { target: number }): void {
  for (const until = clock.now + 20_000; clock.now < until; clock.now += 500) {
    at.target += 500;
    stalls.rouse();
  }
}

test("while there is nothing to play it waits, and goes there once there is", () => {
  const { stalls, done, pieces, at } = standing();
  at.target = 11_000;
  pass(stalls, at);
  assert.deepEqual(done, []);
  pieces.push({ start: 10, duration: 2, date: at.target - 1000 });
  stalls.rouse();
  assert.deepEqual(done, [`to ${at.target}`]);
});

test("what stands still though there is something to play is made anew", () => {
  const { stalls, done, pieces, at } = standing();
  pieces.push({ start: 10, duration: 100, date: 10_000 });
  pass(stalls, at);
  assert.ok(done.includes("made anew"));
});
