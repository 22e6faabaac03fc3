/** Two lessons on one line, and what of a list is current. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { currentOf } from "../classroom/after/current.ts";
import { Pair, type Deck } from "../classroom/after/pair.ts";

class Video implements Deck {
  currentTime = 0;
  playbackRate = 1;
  paused = true;
  readyState = 4;
  readonly duration: number;

  constructor(duration: number) {
    this.duration = duration;
  }

  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }

  pause(): void {
    this.paused = true;
  }

  /** Let real time pass. */
  run(seconds: number): void {
    if (!this.paused && this.readyState >= 3) this.currentTime += seconds * this.playbackRate;
  }
}

function paired(left = 100, right = 80): { pair: Pair; left: Video; right: Video } {
  const decks = { left: new Video(left), right: new Video(right) };
  return { pair: new Pair(decks.left, decks.right), ...decks };
}

test("both go to the same moment, and no further than both have", () => {
  const { pair, left, right } = paired();
  right.currentTime = 20;
  pair.alignHere();
  assert.equal(pair.offset, 20);
  assert.deepEqual(pair.range(), { from: 0, to: 60 });
  pair.seek(30);
  assert.deepEqual([left.currentTime, right.currentTime], [30, 50]);
  pair.seek(99);
  assert.deepEqual([left.currentTime, right.currentTime], [60, 80]);
});

test("where the right one begins later, the line begins there", () => {
  const { pair, left, right } = paired();
  left.currentTime = 15;
  pair.alignHere();
  pair.seek(0);
  assert.deepEqual([left.currentTime, right.currentTime], [15, 0]);
});

test("what is shifted stays on the line of the left one", () => {
  const { pair, left, right } = paired();
  pair.seek(30);
  pair.shift(5);
  assert.deepEqual([left.currentTime, right.currentTime], [30, 35]);
  pair.shift(-1000);
  assert.ok(pair.range().from <= pair.range().to);
});

test("they start together, and one waits for the other's line", () => {
  const { pair, left, right } = paired();
  right.readyState = 2;
  pair.play();
  assert.ok(pair.playing);
  assert.ok(left.paused && right.paused);
  right.readyState = 4;
  pair.step();
  assert.ok(!left.paused && !right.paused);
  right.readyState = 1;
  pair.step();
  assert.ok(left.paused && right.paused);
});

test("a small lag is caught up without a jump, a large one by a jump", () => {
  const { pair, left, right } = paired();
  pair.play();
  right.currentTime = -0.2;
  for (let tenth = 0; tenth < 300; tenth += 1) {
    pair.step();
    left.run(0.1);
    right.run(0.1);
  }
  assert.ok(Math.abs(right.currentTime - left.currentTime) < 0.06);
  right.currentTime -= 10;
  pair.step();
  assert.ok(Math.abs(right.currentTime - left.currentTime) < 0.01);
});

test("at the end of what both have they stop, and play from the beginning again", () => {
  const { pair, left, right } = paired();
  pair.seek(79.9);
  pair.play();
  left.run(0.2);
  right.run(0.2);
  pair.step();
  assert.ok(!pair.playing && left.paused && right.paused);
  pair.play();
  assert.equal(left.currentTime, 0);
});

test("the last that has begun is current", () => {
  assert.equal(currentOf([0, 10, 20], 9), 0);
  assert.equal(currentOf([0, 10, 20], 9.95), 1);
  assert.equal(currentOf([5], 1), -1);
  assert.equal(currentOf([], 1), -1);
  assert.equal(currentOf([0, 10, 20], 999), 2);
});
