/** The pure parts of the player. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { momentOf, resumeAt } from "../player/position.ts";
import { commandOf } from "../player/shortcuts.ts";
import { kindOf } from "../player/source.ts";
import { nextSpeed } from "../player/speed.ts";
import { frameAt, parseStoryboard, stripTimes } from "../player/storyboard.ts";

const VTT = `WEBVTT

NOTE made for a test

00:00:10.000 --> 00:00:20.000
sheet-0.jpg#xywh=160,0,160,90

1
00:00.000 --> 00:10.000 align:start
sheet-0.jpg#xywh=0,0,160,90

01:00:00.000 --> 01:00:10.000
a cue that is only text
`;

test("a storyboard is read, put in order, and its sheets are found beside it", () => {
  const frames = parseStoryboard(VTT, "https://tongke.example/media/12/a/storyboard.vtt");
  assert.deepEqual(frames[1], { start: 10, end: 20, sheet: "https://tongke.example/media/12/a/sheet-0.jpg", x: 160, y: 0, width: 160, height: 90 });
  assert.deepEqual(frames.map(({ start }) => start), [0, 10]);
});

test("line ends and a byte order mark change nothing", () => {
  const base = "https://tongke.example/";
  assert.deepEqual(parseStoryboard(`\uFEFF${VTT.replace(/\n/g, "\r\n")}`, base), parseStoryboard(VTT, base));
});

test("what is no storyboard gives no frames", () => {
  for (const text of ["", "WEBVTT", "<html>", "WEBVTT\n\n00:00.000 --> 00:10.000", "WEBVTT\n\n00:00.000 --> 00:10.000\na#xywh=0,0,0,0"]) {
    assert.deepEqual(parseStoryboard(text, "https://tongke.example/"), []);
  }
});

test("the frame at a time is the last that has begun", () => {
  const frames = parseStoryboard(VTT, "https://tongke.example/");
  assert.deepEqual([-1, 0, 9.99, 10, 500].map((time) => frameAt(frames, time)?.start), [0, 0, 0, 10, 10]);
  assert.equal(frameAt([], 3), null);
});

test("the frame found is that of a search from end to end", () => {
  const frames = Array.from({ length: 57 }, (_, index) => ({ start: index * 7, end: 0, sheet: "", x: 0, y: 0, width: 1, height: 1 }));
  for (let time = 0; time < 420; time += 1) {
    assert.equal(frameAt(frames, time)?.start, [...frames].reverse().find(({ start }) => start <= time)?.start);
  }
});

test("the strip spreads its moments evenly", () => {
  assert.deepEqual(stripTimes(4, 80), [10, 30, 50, 70]);
});

test("a link to a moment", () => {
  assert.deepEqual(["#t=125", "#t=12:40", "#t=1:02:03", "#a=1&t=7.5", "#t=30s", "#t=", "#about", "#t=1:2:3:4"].map(momentOf), [125, 760, 3723, 7.5, 30, null, null, null]);
});

test("it goes on where it stopped, unless it had hardly begun or was over", () => {
  assert.equal(resumeAt(760, 2466), 760);
  assert.equal(resumeAt(9, 2466), 0);
  assert.equal(resumeAt(2460, 2466), 0);
  assert.equal(resumeAt(760, null), 760);
  assert.equal(resumeAt(9, null), 0);
  // A clip of sixteen seconds has a middle too.
  assert.deepEqual([0.5, 1, 8, 15, 15.5].map((at) => resumeAt(at, 16)), [0, 1, 8, 15, 0]);
});

const press = (key: string, ctrlKey = false): unknown => commandOf({ key, ctrlKey, metaKey: false, altKey: false });

test("keys ask for what the list says, and the browser keeps its own", () => {
  assert.deepEqual(press(" "), { name: "toggle" });
  assert.deepEqual(press("J"), { name: "skip", seconds: -10 });
  assert.deepEqual(press("7"), { name: "part", tenths: 7 });
  assert.deepEqual(press("？"), { name: "help" });
  assert.equal(press("f", true), null);
  assert.equal(press("c"), null);
});

test("speeds stay on their list", () => {
  assert.deepEqual([nextSpeed(1, 1), nextSpeed(2, 1), nextSpeed(0.75, -1), nextSpeed(1.1, 0)], [1.25, 2, 0.75, 1.25]);
});

test("a fatal error becomes what a person can act on", () => {
  assert.deepEqual([kindOf(true, undefined), kindOf(true, 503), kindOf(true, 404), kindOf(true, 401), kindOf(false, undefined)], ["line", "line", "gone", "signedOut", "decode"]);
});
