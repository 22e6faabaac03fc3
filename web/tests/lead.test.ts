/** The lead classroom's own bookkeeping: what is drawn before it is granted, rooms, counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../classroom/emitter.ts";
import { count, sides } from "../classroom/lead/answers.ts";
import { Classroom } from "../classroom/lead/classroom.ts";
import { refusedWords } from "../classroom/lead/closed.ts";
import { noPicture } from "../classroom/lead/layout_keys.ts";
import { Roster } from "../classroom/lead/roster.ts";
import { stateOf } from "../classroom/lead/room_row.ts";
import { phaseWord } from "../classroom/lead/topbar.ts";
import { Turning } from "../classroom/lead/turning.ts";
import type { Slides } from "../classroom/lead/slides.ts";
import type { Hello, Session } from "../classroom/session.ts";
import type { Happened, Presence, Question, Snapshot, StageState } from "../classroom/vocabulary.ts";

Object.assign(globalThis, { window: globalThis });

const SEATS = [{ id: "2", name: "七（2）班", school: "桐木溪中学" }];
const STAGE: StageState = { layout: "teacher", page: null, ink: [], spotlight: null, timer: null, speaking: [], quiz: null };

/** A line that a test speaks on: what is asked waits until the test answers. */
class Spoken extends Emitter<{ hello: Hello; event: Happened; presence: Presence }> {
  now = 1000;
  readonly clock = { now: () => this.now };
  readonly hello = { delay_ms: 1300 };
  readonly asked: { kind: string; body: object; done: () => void; refuse: (why: string) => void }[] = [];

  command(kind: string, body: object): Promise<void> {
    return new Promise((done, refuse) => this.asked.push({ kind, body, done, refuse: (why) => refuse(new Error(why)) }));
  }

  hear(kind: string, body: object, by: Happened["by"] = { role: "lead", room: "" }): void {
    this.tell("event", { seq: 1, at: this.now, media_ms: this.now, kind, by, ...body });
  }

  comeBack(stage: Partial<StageState>, more: Partial<Snapshot> = {}): void {
    const state: Snapshot = { phase: "running", lesson: "broadcast", stage: { ...STAGE, ...stage }, ...more };
    this.tell("hello", { role: "lead", seat: "", delay_ms: 1300, seq: 1, state });
  }
}

function classroom(): [Classroom, Spoken] {
  const line = new Spoken();
  return [new Classroom(line as unknown as Session, new Roster(SEATS)), line];
}

const page = (number: number): { deck: string; number: number } => ({ deck: "31", number });

test("a quick hand's earlier page does not come back with the service's word of it", () => {
  const [lead, line] = classroom();
  void lead.ask("slide", { page: page(4) });
  void lead.ask("slide", { page: page(5) });
  assert.deepEqual(lead.stage.page, page(5));
  line.hear("slide", { page: page(4) });
  assert.deepEqual(lead.stage.page, page(5));
  line.hear("slide", { page: page(5) });
  assert.deepEqual(lead.stage.page, page(5));
});

test("what another window of the teacher does is drawn", () => {
  const [lead, line] = classroom();
  void lead.ask("slide", { page: page(4) });
  line.hear("slide", { page: page(9) });
  assert.deepEqual(lead.stage.page, page(9));
});

test("what was not told before a break is drawn over the state after it", () => {
  const [lead, line] = classroom();
  void lead.ask("layout", { view: "slides" });
  void lead.ask("slide", { page: page(2) });
  line.asked[0]?.done();
  return Promise.resolve().then(() => {
    line.comeBack({ layout: "slides", page: page(1) });
    assert.equal(lead.stage.layout, "slides");
    assert.deepEqual(lead.stage.page, page(2));
  });
});

test("a stroke has each of its points once, however the line breaks", () => {
  const [lead, line] = classroom();
  const part = { page: null, stroke: "a", colour: "chalk", width: 0.004 };
  for (const x of [0.1, 0.2, 0.3]) lead.draw({ ...part, points: [[x, 0.5]] });
  void lead.ask("stroke", { ...part, start: 0, points: [[0.1, 0.5], [0.2, 0.5]] }, true);
  void lead.ask("stroke", { ...part, start: 2, points: [[0.3, 0.5]] }, true);
  line.hear("stroke", { ...part, start: 0, points: [[0.1, 0.5], [0.2, 0.5]] });
  line.comeBack({ ink: [{ page: null, strokes: [{ stroke: "a", colour: "chalk", width: 0.004, points: [[0.1, 0.5], [0.2, 0.5]] }] }] });
  line.hear("stroke", { ...part, start: 2, points: [[0.3, 0.5]] });
  const [stroke] = lead.stage.strokes(null);
  assert.deepEqual(stroke?.points, [[0.1, 0.5], [0.2, 0.5], [0.3, 0.5]]);
});

test("what is refused is said", async () => {
  const [lead, line] = classroom();
  const said: string[] = [];
  lead.on("refused", (words) => said.push(words));
  const asked = lead.ask("call_up", { room: "2" });
  line.asked[0]?.refuse("这间教室不在线");
  assert.equal(await asked, false);
  assert.deepEqual(said, ["这间教室不在线"]);
});

test("answers of the question before do not count for the next", () => {
  const [lead, line] = classroom();
  const question: Question = { kind: "single", text: "?", options: ["甲", "乙"], right: ["B"], page: null };
  line.hear("open_quiz", { quiz: "q1", question, seconds: null });
  line.hear("answer", { quiz: "q1", given: ["B"], shown_ms: 1000 }, { role: "device", room: "2", id: "8" });
  line.hear("answer", { quiz: "q1", given: ["A"], shown_ms: 1200 }, { role: "device", room: "2", id: "8" });
  assert.deepEqual(count(question, lead.answers.values()), [{ key: "A", count: 1, right: false }, { key: "B", count: 0, right: true }]);
  line.hear("open_quiz", { quiz: "q2", question, seconds: null });
  assert.equal(lead.answers.size, 0);
});

test("a class that answers together is no pupil, and counts where no pupil answers", () => {
  const answer = (by: string, room: string, key: string): { by: string; room: string; given: string[]; shown_ms: number } => ({ by, room, given: [key], shown_ms: 1 });
  const classes = [answer("room:3", "3", "A"), answer("room:2", "2", "B")];
  const alone = sides(classes);
  assert.deepEqual([alone.isByClass, alone.counted.map(({ room }) => room)], [true, ["2", "3"]]);
  const mixed = sides([...classes, answer("device:8", "2", "A")]);
  assert.equal(mixed.isByClass, false);
  assert.deepEqual(mixed.counted.map(({ by }) => by), ["device:8"]);
  assert.deepEqual(mixed.together.map(({ by }) => by), ["room:2", "room:3"]);
  assert.deepEqual(sides([]), { counted: [], together: [], isByClass: false });
});

test("short answers are counted by what was written, the most first", () => {
  const question: Question = { kind: "short", text: "?", options: [], right: ["8"], page: null };
  const given = ["7", "8", "8"].map((text, index) => ({ by: `device:${index}`, room: "2", given: [text], shown_ms: index }));
  assert.deepEqual(count(question, given), [{ key: "8", count: 2, right: true }, { key: "7", count: 1, right: false }]);
});

test("a room that drops is told from one that hung up and one that never came", () => {
  const roster = new Roster(SEATS);
  const by = { role: "room", room: "2" };
  const hear = (kind: string, body: object = {}): void => roster.apply({ seq: 1, at: 5000, media_ms: 5000, kind, by, ...body });
  hear("prepare", { rooms: [{ id: "2", name: "七（2）班" }] });
  const state = (): string => stateOf(roster.rooms[0]!, 11_000).key;
  assert.equal(state(), "room.notYet");
  hear("join");
  assert.equal(state(), "room.good");
  hear("leave", { dropped: true });
  assert.equal(state(), "room.awayFor");
  hear("join");
  hear("leave", { dropped: false });
  assert.equal(state(), "room.left");
});

test("how far the rooms are behind is known while it is so", () => {
  const roster = new Roster(SEATS);
  roster.apply({ seq: 1, at: 1, media_ms: 1, kind: "prepare", by: { role: "server", room: "" }, rooms: SEATS });
  roster.hear({ spread_ms: 12, rooms: { 2: { lag_ms: 1304, skew_ms: 8 } } });
  assert.deepEqual([roster.spreadMs, roster.rooms[0]?.lagMs], [12, 1304]);
  roster.hear({ spread_ms: null, rooms: {} });
  assert.deepEqual([roster.spreadMs, roster.rooms[0]?.lagMs], [null, null]);
});

test("heads are of the rooms that are here, and a roll call asks for them again", () => {
  const roster = new Roster(SEATS);
  const hear = (kind: string, body: object = {}): void => roster.apply({ seq: 1, at: 1, media_ms: 1, kind, by: { role: "room", room: "2" }, ...body });
  hear("prepare", { rooms: SEATS });
  hear("join");
  hear("head_count", { room: "2", heads: 31 });
  assert.equal(roster.heads, 31);
  hear("roll_call");
  assert.equal(roster.rooms[0]?.counted, false);
  assert.equal(roster.rooms[0]?.heads, 31);
  hear("leave");
  assert.equal(roster.heads, 0);
});

test("messages that came in a break are news, those before the page are not", () => {
  const [lead, line] = classroom();
  const said: unknown[] = [];
  lead.on("message", ({ id }) => said.push(id));
  const text = (id: string, role = "teacher"): Happened => ({ seq: 1, at: 1, media_ms: 1, kind: "text", by: { role, room: "2" }, id, text: "?" });
  line.comeBack({}, { messages: [text("a")] });
  assert.deepEqual(said, []);
  line.hear("text", { id: "b", text: "?" }, { role: "teacher", room: "2" });
  line.comeBack({}, { messages: [text("a"), text("b"), text("c"), text("d", "lead")] });
  assert.deepEqual(said, ["b", "c"]);
});

test("the phase of a class that another window leads is the class's own", () => {
  assert.equal(phaseWord("replaced", "running"), "phase.live");
  assert.equal(phaseWord("unsupported", "running"), "phase.live");
  assert.equal(phaseWord("unsupported", "waiting"), "phase.before");
  assert.equal(phaseWord("beginning", "waiting"), "begin.busy");
  assert.equal(phaseWord("beginning", "running"), "phase.live");
  assert.equal(phaseWord("broken", "running"), "phase.broken");
  assert.equal(phaseWord("ending", "running"), "phase.ending");
  assert.equal(phaseWord("ending", "ended"), "phase.over", "the rooms say so already, however long the rest takes");
});

test("the clock of a class that is over stands still", () => {
  const [lead, line] = classroom();
  assert.equal(lead.lengthMs, null);
  line.hear("begin", {});
  line.now = 61_000;
  line.hear("end", {});
  line.now = 100_000;
  assert.equal(lead.lengthMs, 60_000);
  line.comeBack({}, { phase: "ended", begun_ms: 1000, ended_ms: 31_000 });
  assert.equal(lead.lengthMs, 30_000);
});

test("an open question is closed and its last answers waited for", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const [lead, line] = classroom();
  await lead.closeQuestion();
  assert.equal(line.asked.length, 0, "none is open");
  line.hear("open_quiz", { quiz: "q1", question: { kind: "single", text: "?", options: ["甲", "乙"], right: [], page: null }, seconds: null });
  assert.equal(lead.isAsking, true);
  let isClosed = false;
  const closing = lead.closeQuestion().then(() => (isClosed = true));
  assert.deepEqual(line.asked.map(({ kind, body }) => [kind, body]), [["close_quiz", { quiz: "q1" }]]);
  line.asked[0]?.done();
  await new Promise((resolve) => setImmediate(resolve));
  context.mock.timers.tick(1000 + line.hello.delay_ms - 1);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isClosed, false, "a room closes it when its playhead is there");
  context.mock.timers.tick(1);
  await closing;
});

test("rooms stand in the picture as names alone while none of them is in the talk", () => {
  const [lead, line] = classroom();
  line.comeBack({});
  assert.equal(noPicture(lead, "all_rooms"), "layout.noRooms");
  const rooms = [{ id: "2", name: "七（2）班", admitted: true, present: true }];
  line.comeBack({}, { rooms });
  assert.equal(noPicture(lead, "all_rooms"), "layout.noneSpeaks");
  line.hear("call_up", { room: "2" });
  assert.equal(noPicture(lead, "all_rooms"), null);
  line.hear("sit_down", { room: "2" });
  assert.equal(noPicture(lead, "all_rooms"), "layout.noneSpeaks");
  line.comeBack({}, { rooms, lesson: "interactive" });
  assert.equal(noPicture(lead, "all_rooms"), null);
  assert.equal(noPicture(lead, "room_in_corner"), "layout.noneSpeaks", "the corner is for who is called up");
});

test("the screen's end turns the deck back and leaves the layout", () => {
  const [lead, line] = classroom();
  const decks = [{ deck: "31", title: "", slides: [{ number: 1, width: 16, height: 9 }] }];
  const slides = { decks, deck: (name: string) => decks.find(({ deck }) => deck === name), loadAhead: () => undefined };
  const turning = new Turning(lead, slides as unknown as Slides, () => undefined);
  line.comeBack({ layout: "all_rooms", page: { deck: "screen", number: 1 } });
  turning.leave("screen");
  assert.deepEqual(lead.stage.page, page(1));
  assert.deepEqual(line.asked.map(({ kind }) => kind), ["slide"]);
  assert.equal(lead.stage.layout, "all_rooms");
});

test("behind the board no page is turned, and the way back to the slides is said once", () => {
  const [lead, line] = classroom();
  const decks = [{ deck: "31", title: "", slides: [1, 2].map((number) => ({ number, width: 16, height: 9 })) }];
  const beside = (at: { number: number }, by: number): object => page(at.number + by);
  const slides = { decks, deck: (name: string) => decks.find(({ deck }) => deck === name), beside, loadAhead: () => undefined };
  const said: string[] = [];
  const turning = new Turning(lead, slides as unknown as Slides, (words) => said.push(words));
  line.comeBack({ layout: "board", page: page(1) });
  turning.turn(1);
  turning.turn(1);
  assert.deepEqual([lead.stage.page, line.asked.length], [page(1), 0]);
  assert.deepEqual(said, ["现在放的是“板书”，按 1 回到课件"]);
  // One that is pointed at is to be seen.
  turning.show(page(2));
  assert.deepEqual(line.asked.map(({ kind }) => kind), ["slide", "layout"]);
  assert.deepEqual([lead.stage.page, lead.stage.layout], [page(2), "slides"]);
  turning.turn(-1);
  assert.deepEqual(lead.stage.page, page(1));
});

test("a refused line is told by its reason", () => {
  assert.equal(refusedWords("class-ended")[0], "closed.ended");
  assert.equal(refusedWords("no-such-class")[0], "closed.class");
  assert.equal(refusedWords("damaged")[0], "closed.refused");
});
