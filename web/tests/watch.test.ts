/** The rooms of a class as who watches knows them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rooms } from "../classroom/watch/rooms.ts";
import type { Happened, StageState } from "../classroom/vocabulary.ts";

const STAGE: StageState = { layout: "teacher", page: null, ink: [], spotlight: null, timer: null, speaking: ["2"], quiz: null };

function watched(): { rooms: Rooms; hear(kind: string, body?: object, by?: Happened["by"]): void } {
  const rooms = new Rooms();
  const known = [{ id: "2", name: "七（2）班", present: true, heads: 31, hand: 0 }, { id: "3", name: "七（1）班", present: true, heads: 28, hand: 2 }];
  rooms.take({ role: "observer", seat: "", delay_ms: 1500, seq: 1, state: { phase: "running", lesson: "broadcast", rooms: known, stage: STAGE } });
  const hear = (kind: string, body: object = {}, by: Happened["by"] = { role: "lead", room: "" }): void =>
    void rooms.apply({ seq: 2, at: 0, media_ms: 0, kind, by, ...body });
  return { rooms, hear };
}

test("the end of a class ends who speaks, and all hands", () => {
  const { rooms, hear } = watched();
  assert.deepEqual([rooms.isSpeaking("2"), rooms.get("3")?.hand], [true, 2]);
  hear("end");
  assert.deepEqual([rooms.isSpeaking("2"), rooms.get("3")?.hand], [false, 0]);
});

test("heads are of the rooms that are here, as the lead counts them", () => {
  const { rooms, hear } = watched();
  assert.equal(rooms.heads, 59);
  hear("leave", {}, { role: "room", room: "3" });
  assert.deepEqual([rooms.heads, rooms.present.length, rooms.admitted.length], [31, 1, 2]);
  hear("remove", { room: "2" });
  assert.deepEqual([rooms.heads, rooms.admitted.length], [null, 1]);
});

test("rooms where nobody was counted have no number, and not none", () => {
  const { rooms, hear } = watched();
  const known = [{ id: "2", name: "七（2）班", present: true, heads: null }, { id: "3", name: "七（1）班", present: false, heads: 28 }];
  rooms.take({ role: "observer", seat: "", delay_ms: 1500, seq: 1, state: { phase: "running", lesson: "broadcast", rooms: known, stage: STAGE } });
  assert.equal(rooms.heads, null);
  hear("head_count", { room: "2", heads: 0 });
  assert.equal(rooms.heads, 0);
});

test("how a room is doing is known to who observes, and to a room's teacher of her own alone", () => {
  const { rooms } = watched();
  assert.deepEqual([rooms.knows("2"), rooms.knows("3")], [true, true]);
  const known = [{ id: "2", name: "七（2）班", present: true }, { id: "3", name: "七（1）班" }];
  rooms.take({ role: "teacher", seat: "2", delay_ms: 1500, seq: 1, state: { phase: "running", lesson: "broadcast", rooms: known, stage: STAGE } });
  assert.deepEqual([rooms.knows("2"), rooms.knows("3")], [true, false]);
});
