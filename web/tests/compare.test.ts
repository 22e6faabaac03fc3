/** Two lessons on one line, and what of a list is current. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { currentOf } from "../classroom/after/current.ts";
import { offsetIn, placeSaid, withOffset } from "../classroom/after/offset.ts";
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

  get ended(): boolean {
    return this.currentTime >= this.duration;
  }

  /** Let real time pass. */
  run(seconds: number): void {
    if (!this.paused && this.readyState >= 3) this.currentTime = Math.min(this.duration, this.currentTime + seconds * this.playbackRate);
    // As a browser does.
    if (this.ended) this.paused = true;
  }
}

function paired(left = 100, right = 80): { pair: Pair; left: Video; right: Video } {
  const decks = { left: new Video(left), right: new Video(right) };
  return { pair: new Pair(decks.left, decks.right), ...decks };
}

/** Seconds of playing, in steps as the page makes them. */
function pass(pair: Pair, seconds: number, ...decks: Video[]): void {
  for (let tenth = 0; tenth < seconds * 10; tenth += 1) {
    pair.step();
    for (const deck of decks) deck.run(0.1);
  }
  pair.step();
}

test("both go to the same moment, and as far as either has", () => {
  const { pair, left, right } = paired();
  right.currentTime = 20;
  pair.alignHere();
  assert.equal(pair.offset, 20);
  assert.deepEqual(pair.range(), { from: -20, to: 100 });
  pair.seek(30);
  assert.deepEqual([left.currentTime, right.currentTime, pair.now], [30, 50, 30]);
  pair.seek(99);
  assert.deepEqual([left.currentTime, right.currentTime, pair.now], [99, 80, 99]);
  pair.seek(-5);
  assert.deepEqual([left.currentTime, right.currentTime, pair.now], [0, 15, -5]);
});

test("a chapter of the longer one behind the end of the shorter one is reached, and played from there", () => {
  const { pair, left, right } = paired(802, 16);
  pair.seek(192);
  assert.deepEqual([left.currentTime, right.currentTime], [192, 16]);
  pair.play();
  pass(pair, 5, left, right);
  assert.ok(pair.playing && Math.abs(left.currentTime - 197) < 0.01);
  assert.deepEqual([right.currentTime, right.paused], [16, true], "it holds its last picture");
});

test("where one is over the other goes on, whichever is the longer", () => {
  for (const [longer, shorter] of [[30, 10], [10, 30]] as const) {
    const { pair, left, right } = paired(longer, shorter);
    pair.seek(8);
    pair.play();
    pass(pair, 10, left, right);
    assert.ok(pair.playing && Math.abs(pair.now - 18) < 0.1, `${pair.now}`);
    assert.ok(Math.abs(Math.min(left.currentTime, right.currentTime) - 10) < 0.05);
    pass(pair, 20, left, right);
    assert.ok(!pair.playing && left.paused && right.paused);
  }
});

test("one that begins later holds its first picture until then", () => {
  const { pair, left, right } = paired();
  left.currentTime = 15;
  pair.alignHere();
  pair.seek(10);
  assert.deepEqual([left.currentTime, right.currentTime], [10, 0]);
  pair.play();
  pass(pair, 2, left, right);
  assert.ok(right.paused && right.currentTime === 0);
  pass(pair, 8, left, right);
  assert.ok(!right.paused && Math.abs(right.currentTime - left.currentTime + 15) < 0.06);
});

test("nothing is done before both are known to be of some length", () => {
  const { pair, left } = paired(100, NaN);
  pair.play();
  pair.step();
  assert.ok(pair.playing && left.paused);
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
  pair.seek(10);
  pair.play();
  right.currentTime = 9.8;
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

test("at the end of the longer one they stop, and play from the beginning again", () => {
  const { pair, left, right } = paired();
  pair.seek(99.9);
  pair.play();
  left.run(0.2);
  right.run(0.2);
  pair.step();
  assert.ok(!pair.playing && left.paused && right.paused);
  pair.play();
  assert.equal(left.currentTime, 0);
});

test("how they are aligned is in the address, and is read from it again", () => {
  const address = "https://tongke.example.cn/compare?a=1&b=2";
  for (const offset of [605, -12.5, 0.5]) {
    const url = withOffset(address, offset);
    assert.ok(url.startsWith(`${address}&offset=`));
    assert.equal(offsetIn(new URL(url).search), offset);
    assert.equal(withOffset(url, 0), address, "from their beginning it says nothing");
  }
  for (const search of ["", "?offset=", "?offset=x", "?offset=Infinity"]) assert.equal(offsetIn(search), 0);
});

test("a place is said as the player says it, with half seconds", () => {
  assert.deepEqual([605, 604.98, 12.5, 3661, 0.5].map(placeSaid), ["10:05", "10:05", "00:12.5", "1:01:01", "00:00.5"]);
});

test("the last that has begun is current", () => {
  assert.equal(currentOf([0, 10, 20], 9), 0);
  assert.equal(currentOf([0, 10, 20], 9.95), 1);
  assert.equal(currentOf([5], 1), -1);
  assert.equal(currentOf([], 1), -1);
  assert.equal(currentOf([0, 10, 20], 999), 2);
});
