/** Who is in the talk, as the service decides it: tests/live/test_talk.py has the same cases. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../classroom/emitter.ts";
import type { Hello, Session } from "../classroom/session.ts";
import { TalkSeats } from "../classroom/talk/seats.ts";
import type { Happened, Snapshot } from "../classroom/vocabulary.ts";

class Line extends Emitter<{ hello: Hello; event: Happened }> {
  hello: Hello | null = null;

  come(state: Partial<Snapshot>): void {
    const whole: Snapshot = { phase: "running", lesson: "broadcast", ...state };
    this.hello = { role: "lead", seat: "", delay_ms: 1300, seq: 1, state: whole };
    this.tell("hello", this.hello);
  }

  happen(kind: string, fields: object = {}): void {
    this.tell("event", { seq: 2, at: 0, media_ms: 0, kind, by: { role: "lead", room: "" }, ...fields });
  }
}

function seated(state: Partial<Snapshot>): { line: Line; seats: TalkSeats; changes: () => number } {
  const line = new Line();
  const seats = new TalkSeats(line as unknown as Session);
  let count = 0;
  seats.on("changed", () => (count += 1));
  line.come(state);
  return { line, seats, changes: () => count };
}

const ROOMS = [{ id: "2", name: "" }, { id: "3", name: "" }];

test("a broadcast asks its rooms one by one", () => {
  const { line, seats } = seated({ rooms: ROOMS });
  assert.deepEqual(seats.rooms, []);
  line.happen("call_up", { room: "3" });
  assert.deepEqual(seats.rooms, ["3"]);
  line.happen("sit_down", { room: "3" });
  assert.deepEqual(seats.rooms, []);
});

test("in an interactive class all admitted rooms talk while it runs", () => {
  const { line, seats } = seated({ lesson: "interactive", phase: "waiting", rooms: [...ROOMS, { id: "4", name: "", admitted: false }] });
  assert.deepEqual(seats.rooms, []);
  line.happen("begin");
  assert.deepEqual(seats.rooms, ["2", "3"]);
  line.happen("admit", { room: "4" });
  line.happen("remove", { room: "2" });
  assert.deepEqual(seats.rooms, ["3", "4"]);
  line.happen("end");
  assert.deepEqual(seats.rooms, []);
});

test("who comes late knows who talks and who is muted", () => {
  const stage = { layout: "teacher", page: null, ink: [], spotlight: null, timer: null, speaking: ["2"], quiz: null } as Snapshot["stage"];
  const { line, seats, changes } = seated({ rooms: [{ id: "2", name: "", muted: true }], stage });
  assert.deepEqual(seats.rooms, ["2"]);
  assert.equal(seats.isMuted("2"), true);
  line.happen("mute", { room: "2", on: false });
  assert.equal(seats.isMuted("2"), false);
  const before = changes();
  line.happen("slide", { page: { deck: "d", number: 2 } });
  assert.equal(changes(), before);
});

test("a room gets as much of the lesson as its line was said to carry", () => {
  const { line, seats, changes } = seated({ rooms: [{ id: "2", name: "", level: "sound_only" }, { id: "3", name: "" }] });
  assert.deepEqual([seats.level("2"), seats.level("3")], ["sound_only", "full"]);
  const before = changes();
  line.happen("line", { room: "3", level: "small_picture" });
  assert.deepEqual([seats.level("3"), changes()], ["small_picture", before + 1]);
  line.come({ rooms: ROOMS });
  assert.equal(seats.level("3"), "full");
});
