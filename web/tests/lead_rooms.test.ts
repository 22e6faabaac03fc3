/** The rooms as the lead sees them: who is shown, what a row says, what stands above, and what is told of another window. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inCorner } from "../classroom/lead/composer.ts";
import { inStep } from "../classroom/lead/in_step.ts";
import type { LessonState } from "../classroom/lead/lesson.ts";
import { headsOf, stateOf } from "../classroom/lead/room_row.ts";
import { Roster, type Seated } from "../classroom/lead/roster.ts";
import { labelOf } from "../classroom/lead/stage_view.ts";
import type { Room } from "../classroom/vocabulary.ts";

const SEATS = [{ id: "2", name: "七（1）班", school: "桐木溪中学" }, { id: "3", name: "七（2）班", school: "桐木溪中学" }];
const NOW = 100_000;
const HERE: Room = { id: "2", name: "七（1）班", admitted: true, present: true };

function seated(...rooms: Partial<Room>[]): Seated[] {
  const roster = new Roster(SEATS);
  roster.restore(rooms.map((room, index) => ({ ...HERE, id: String(index + 2), ...room })), null);
  return roster.rooms;
}

/** What the row of one room says, of a page that was opened just now. */
function said(room: Partial<Room>): string | undefined {
  const [found] = seated(room);
  return found && stateOf(found, NOW).key;
}

/** How far each is behind, by what the service says of the spread. */
function above(spreadMs: number | null, lags: (number | null)[], going: "before" | "out" | "stopped" = "out"): { words: string; style: string } {
  const rooms = seated(...lags.map(() => ({}))).map((room, index) => ({ ...room, lagMs: lags[index] ?? null }));
  return inStep({ rooms, spreadMs }, going);
}

test("in a corner of the picture stands who speaks, and nobody who was not called up", () => {
  const rooms = seated({}, {});
  assert.deepEqual(inCorner(rooms, []), []);
  assert.deepEqual(inCorner(rooms, ["3"]).map(({ id }) => id), ["3"]);
  assert.deepEqual(inCorner(rooms, ["3", "2"]).map(({ id }) => id), ["2"]);
  assert.deepEqual(inCorner(seated({ admitted: false, removed: true }), ["2"]), []);
});

test("a room that was sent out is said to be, also where the page is loaded anew, and wants nothing until it is let in", () => {
  const roster = new Roster(SEATS);
  roster.restore([HERE], null);
  const hear = (kind: string): void => roster.apply({ seq: 1, at: NOW, media_ms: NOW, kind, by: { role: "lead", room: "" }, room: "2" });
  hear("remove");
  assert.equal(stateOf(roster.rooms[0]!, NOW).key, "room.removed");
  hear("admit");
  assert.equal(stateOf(roster.rooms[0]!, NOW).key, "room.good");
  assert.equal(said({ admitted: false, removed: true }), "room.removed");
  assert.equal(said({ admitted: false, removed: true, present: false, gone_ms: 5 }), "room.removed");
  assert.equal(said({ admitted: false }), "room.knocks");
});

test("a page that is loaded anew knows who left, who dropped, and who never came", () => {
  assert.equal(said({ present: false, gone_ms: 5, dropped: false }), "room.left");
  assert.equal(said({ present: false, gone_ms: 5, dropped: true }), "room.awayFor");
  assert.equal(said({ present: false, gone_ms: null }), "room.notYet");
});

test("a room that has not answered a roll call is said to be, had it told its heads before or not", () => {
  const told = (room: Partial<Room>, isCalled = true): string | undefined => seated(room).map((each) => headsOf(each, isCalled))[0];
  assert.deepEqual([told({}), told({ heads: 31 }), told({ heads: 31, counted: true })], ["没报", "31 人，没报", "31 人"]);
  assert.deepEqual([told({}, false), told({ present: false }), told({ admitted: false })], ["", "", ""], "nobody waits for it");
});

test("rooms are said to be in step while they are, and how far apart where they are not", () => {
  assert.deepEqual(above(null, [null, null], "before"), { words: "2 间已到", style: "" });
  assert.deepEqual(above(12, [1500, 1524]), { words: "2 间同步 ±12 毫秒", style: "" });
  assert.deepEqual(above(4320, [1500, 10_140]), { words: "2 间相差 8.6 秒", style: "lowered" });
  assert.deepEqual(above(null, [1500, null]), { words: "1 间同步，1 间已到", style: "" });
});

test("rooms follow nothing while the lesson's picture is away", () => {
  assert.deepEqual(above(12, [1500, 1524], "stopped"), { words: "2 间在等画面", style: "lowered" });
  assert.deepEqual(inStep({ rooms: [], spreadMs: null }, "stopped"), { words: "没有教室在课堂里", style: "waiting" });
});

test("the frame says whose picture the rooms see", () => {
  const lesson = (state: LessonState, isElsewhere = false, byAppliance = false): Parameters<typeof labelOf>[0] => ({ state, isElsewhere, byAppliance });
  assert.equal(labelOf(lesson("before"), "waiting"), "frame.before");
  assert.equal(labelOf(lesson("before", false, true), "waiting"), "frame.before.appliance");
  assert.equal(labelOf(lesson("before", true), "running"), "frame.elsewhere");
  assert.equal(labelOf(lesson("before"), "running"), "frame.again");
  assert.equal(labelOf(lesson("replaced", true), "running"), "frame.replaced");
  assert.equal(labelOf(lesson("live"), "running"), "frame.live");
  assert.equal(labelOf(lesson("ending"), "running"), "frame.live");
  assert.equal(labelOf(lesson("ending"), "ended"), "frame.over");
  assert.equal(labelOf(lesson("broken"), "ended"), "frame.over");
});
