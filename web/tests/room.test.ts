/** A receiving classroom's pure parts: what its line carries, what it knows of itself. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rollCall } from "../classroom/room/heads.ts";
import { isBlank, LevelLaw } from "../classroom/room/level.ts";
import { LevelKeeper } from "../classroom/room/level_keeper.ts";
import type { Lesson } from "../classroom/room/lesson.ts";
import { Own } from "../classroom/room/own.ts";
import { Stage } from "../classroom/stage.ts";
import type { Hello } from "../classroom/session.ts";
import type { Happened, Question } from "../classroom/vocabulary.ts";

Object.assign(globalThis, { window: globalThis });

const MINUTE = 60_000;

describe("what a line carries", () => {
  it("comes down after two stalls, and not after one", () => {
    const law = new LevelLaw("full", 0);
    assert.equal(law.stalled(20_000), false);
    assert.equal(law.stalled(60_000), false, "the first is forgotten");
    assert.equal(law.stalled(64_000), true);
    assert.equal(law.level, "small_picture");
  });

  it("lets the player fill its buffers after a change", () => {
    const law = new LevelLaw("full", 0);
    for (const at of [1000, 4000, 7000]) assert.equal(law.stalled(at), false);
    assert.equal(law.level, "full");
  });

  it("goes down step by step to the sound alone, and no further", () => {
    const law = new LevelLaw("full", 0);
    const seen: string[] = [];
    for (let at = 10_000; at < 120_000; at += 3000) if (law.stalled(at)) seen.push(law.level);
    assert.deepEqual(seen, ["small_picture", "slides_and_sound", "sound_only"]);
  });

  it("goes up as far as the line was measured to carry, in one step", () => {
    for (const [bits, level] of [[5_000_000, "full"], [1_000_000, "small_picture"], [400_000, "slides_and_sound"]] as const) {
      const law = new LevelLaw("sound_only", 0);
      assert.equal(law.measured(bits, MINUTE), true);
      assert.equal(law.level, level);
    }
  });

  it("goes up when the line was calm and has been measured to carry it", () => {
    const law = new LevelLaw("slides_and_sound", 0);
    assert.equal(law.wantsMeasure(59_000), false);
    assert.equal(law.wantsMeasure(MINUTE), true);
    assert.equal(law.measured(400_000, MINUTE), false, "400 kbit/s is no picture");
    assert.equal(law.wantsMeasure(2 * MINUTE), false, "and is not asked about every minute");
    assert.equal(law.wantsMeasure(3 * MINUTE), true);
    assert.equal(law.measured(5_000_000, 3 * MINUTE), true);
    assert.equal(law.level, "full");
    assert.equal(law.wantsMeasure(30 * MINUTE), false, "there is nothing above");
  });

  it("waits longer after an ascent that failed", () => {
    const law = new LevelLaw("slides_and_sound", 0);
    law.measured(5_000_000, MINUTE);
    law.stalled(MINUTE + 10_000);
    law.stalled(MINUTE + 13_000);
    assert.equal(law.level, "small_picture");
    assert.equal(law.wantsMeasure(2 * MINUTE + 14_000), false);
    assert.equal(law.wantsMeasure(3 * MINUTE + 14_000), true);
  });
});

describe("a screen without the lesson's picture", () => {
  it("shows slides and the board, and words where there is neither", () => {
    const slide = { layout: "slides", page: { deck: "31", number: 2 } } as const;
    const board = { layout: "board", page: null } as const;
    // A shared screen is in the picture alone.
    const shared = { layout: "slides", page: { deck: "screen", number: 1 } } as const;
    const blank = [slide, board, shared, { layout: "teacher", page: null } as const].map((screen) => isBlank("slides_and_sound", screen));
    assert.deepEqual(blank, [false, false, true, true]);
    assert.ok(isBlank("sound_only", slide));
    assert.ok(!isBlank("small_picture", shared));
  });
});

describe("the keeper of a line", () => {
  it("does not measure, and so change the picture, while somebody looks back", (context) => {
    let now = 0;
    let look = (): void => undefined;
    const asked: string[] = [];
    context.mock.method(performance, "now", () => now);
    context.mock.method(globalThis, "fetch", (address: string) => {
      asked.push(address);
      return Promise.reject(new Error("no line"));
    });
    context.mock.method(globalThis, "setInterval", (act: () => void) => (look = act));
    const receiver = { following: false, state: "in-step", isAbsent: false };
    const lesson = { isTalking: false, receiver, session: { line: { state: "broken" } }, offers: () => Promise.resolve(null) };
    const keeper = new LevelKeeper(lesson as unknown as Lesson, "/probe");
    keeper.choose("sound_only");
    keeper.choose("auto");
    keeper.start();
    now = 10 * MINUTE;
    look();
    assert.deepEqual(asked, []);
    receiver.following = true;
    look();
    assert.deepEqual(asked, ["/probe"]);
  });

  it("does not take a small picture for missing where the service has not said so", async (context) => {
    let now = 0;
    let look = (): void => undefined;
    context.mock.method(performance, "now", () => now);
    context.mock.method(globalThis, "setInterval", (act: () => void) => (look = act));
    // 300 kB in two seconds: enough for the small picture, and for no more.
    const read = (): Promise<object> => Promise.resolve((now += 1000) % 2000 ? { done: false, value: new Uint8Array(300_000) } : { done: true });
    context.mock.method(globalThis, "fetch", () => Promise.resolve({ body: { getReader: () => ({ read }) } }));
    const told: string[] = [];
    const lesson = { isTalking: false, receiver: null, session: { line: { state: "open" } }, offers: () => Promise.resolve(null) };
    const keeper = new LevelKeeper(lesson as unknown as Lesson, "/probe");
    keeper.on("level", (level) => told.push(level));
    keeper.choose("sound_only");
    keeper.choose("auto");
    keeper.start();
    now = 10 * MINUTE;
    look();
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    assert.deepEqual(told, ["sound_only", "small_picture"]);
  });

  it("goes up in the talk too, where the lead makes the small picture", async (context) => {
    let now = 0;
    let look = (): void => undefined;
    context.mock.method(performance, "now", () => now);
    context.mock.method(globalThis, "setInterval", (act: () => void) => (look = act));
    context.mock.method(globalThis, "fetch", () => Promise.reject(new Error("no line")));
    const told: string[] = [];
    const lesson = { isTalking: false, receiver: { following: true, state: "waiting", edge: null, isAbsent: true }, session: { line: { state: "open" } }, offers: () => Promise.resolve(false) };
    const keeper = new LevelKeeper(lesson as unknown as Lesson, "/probe");
    keeper.on("level", (level) => told.push(level));
    keeper.choose("small_picture");
    for (let turns = 0; turns < 20; turns += 1) await Promise.resolve();
    keeper.start();
    assert.deepEqual(told, ["small_picture", "slides_and_sound"]);
    Object.assign(lesson, { isTalking: true, receiver: null });
    now = 1000;
    look();
    assert.equal(keeper.level, "small_picture");
  });

  it("comes down where the picture goes by fits and starts, but not while nothing is sent", (context) => {
    let now = 0;
    let look = (): void => undefined;
    context.mock.method(performance, "now", () => now);
    context.mock.method(globalThis, "setInterval", (act: () => void) => (look = act));
    const receiver = { following: true, state: "catching-up", edge: 0, isAbsent: false, isStarved: false };
    const lesson = { isTalking: false, receiver, delayMs: 1000, session: { line: { state: "open" }, clock: { now: () => now } }, offers: () => Promise.resolve(true) };
    const keeper = new LevelKeeper(lesson as unknown as Lesson, "/probe");
    keeper.choose("full");
    keeper.choose("auto");
    keeper.start();
    /** `aheadMs`: how far the playlist goes beyond what should be shown. */
    const watch = (seconds: number, aheadMs: number, starvesEvery: number): void => {
      for (const until = now + seconds * 1000; now < until; now += 1000) {
        receiver.edge = now - 1000 + aheadMs;
        receiver.isStarved = (now / 1000) % starvesEvery === 0;
        look();
      }
    };
    watch(30, 700, 3);
    assert.equal(keeper.level, "full", "a moment now and then is made good");
    watch(30, 0, 1);
    assert.equal(keeper.level, "full", "the lead's line is away");
    for (let times = 0; times < 4; times += 1) {
      watch(2, 700, 1);
      receiver.following = false;
      watch(6, 700, 1);
      receiver.following = true;
      watch(2, 700, 2);
      watch(6, 700, 100);
    }
    assert.equal(keeper.level, "full", "what was before somebody looked back is no part of it");
    watch(12, 700, 2);
    assert.equal(keeper.level, "small_picture");
  });

  it("comes down in the talk where its sound comes and its picture does not, but not by a cut", (context) => {
    let now = 0;
    let look = (): void => undefined;
    context.mock.method(performance, "now", () => now);
    context.mock.method(globalThis, "setInterval", (act: () => void) => (look = act));
    Object.assign(globalThis, { document: { hidden: false } });
    const lesson = { isTalking: true, receiver: null, session: { line: { state: "open" } } };
    const talk = { video: { getVideoPlaybackQuality: () => ({ totalVideoFrames: 90 }) }, heardAt: 0 };
    const keeper = new LevelKeeper(lesson as unknown as Lesson, "/probe", talk as never);
    keeper.choose("full");
    keeper.choose("auto");
    keeper.start();
    for (now = 10_000; now < 20_000; now += 1000) look();
    assert.equal(keeper.level, "full");
    for (; now < 25_000; now += 1000) {
      talk.heardAt = now;
      look();
    }
    assert.equal(keeper.level, "small_picture");
  });
});

describe("a question on the pupils' screen", () => {
  const RESULT = { answered: 0, right: 0, rate: null, counts: [], rooms: [], fastest: [] };
  const asked = (): Stage => {
    const stage = new Stage();
    const question: Question = { kind: "single", text: "7 + 5 =", options: ["11", "12"], page: null };
    stage.apply({ ...event("open_quiz", { quiz: "q", question, seconds: 30 }), media_ms: 10_000 });
    return stage;
  };
  const at = (stage: Stage, kind: string, media_ms: number, fields: object = {}): void => stage.apply({ ...event(kind, { quiz: "q", ...fields }), media_ms });
  const seen = (stage: Stage, now: number): boolean => stage.quizAt(now) !== null;

  it("goes by itself once what is right could be read", () => {
    const stage = asked();
    assert.deepEqual([seen(stage, 39_000), seen(stage, 64_999), seen(stage, 65_000)], [true, true, false], "closed at 40 s");
    at(stage, "show_answer", 90_000, { result: RESULT, right: ["B"] });
    assert.deepEqual([seen(stage, 90_000), seen(stage, 114_999), seen(stage, 115_000)], [true, true, false], "and comes again with its answer");
  });

  it("goes at once with what follows it, but not while it is open", () => {
    for (const kind of ["call_up", "layout", "end"]) {
      const stage = asked();
      at(stage, "close_quiz", 20_000);
      at(stage, kind, 21_000, { room: "2" });
      assert.equal(seen(stage, 21_000), false, kind);
    }
    const stage = asked();
    at(stage, "call_up", 15_000, { room: "2" });
    assert.deepEqual([seen(stage, 16_000), seen(stage, 41_000)], [true, true]);
  });

  it("is not kept longer by a line that broke", () => {
    const stage = asked();
    at(stage, "show_answer", 20_000, { result: RESULT, right: ["B"] });
    const state = { layout: "teacher", page: null, ink: [], spotlight: null, timer: null, speaking: [], quiz: stage.quiz } as const;
    stage.restore({ ...state, ink: [], speaking: [] }, 40_000);
    assert.equal(seen(stage, 45_000), false);
    const late = new Stage();
    late.restore({ ...state, ink: [], speaking: [] }, 40_000);
    assert.deepEqual([seen(late, 45_000), seen(late, 65_000)], [true, false]);
  });
});

function hello(state: Partial<Hello["state"]> = {}): Hello {
  const rooms = [{ id: "2", name: "七（2）班", admitted: true, hand: 1, heads: 31 }];
  return { role: "room", seat: "2", delay_ms: 1300, seq: 1, state: { phase: "running", lesson: "broadcast", rooms, answers: [], ...state } };
}

function event(kind: string, fields: object = {}, by: Partial<Happened["by"]> = {}): Happened {
  return { seq: 2, at: 0, media_ms: 0, kind, by: { role: "room", room: "2", id: "2", ...by }, ...fields };
}

describe("the foot of a screen", () => {
  it("asks for the heads until they are told, and not for the rest of the lesson", () => {
    const asked = (now: number, counted = false): number | null => rollCall({ id: "2", name: "", counted }, MINUTE, now);
    assert.deepEqual([asked(MINUTE), asked(4 * MINUTE - 1), asked(4 * MINUTE)], [MINUTE, MINUTE, null]);
    assert.equal(asked(MINUTE, true), null);
    assert.equal(rollCall({ id: "2", name: "" }, null, MINUTE), null);
  });
});

describe("a room of itself", () => {
  it("finds its hand and its heads again", () => {
    const own = new Own();
    own.take(hello());
    assert.deepEqual([own.room.hand, own.room.heads, own.isAdmitted], [1, 31, true]);
    own.apply(event("lower_hand", { room: "2" }));
    own.apply(event("head_count", { room: "3", heads: 5 }));
    assert.deepEqual([own.room.hand, own.room.heads], [0, 31]);
  });

  it("counts the pupils that have answered, each once, and knows what the class gave, which is none of them", () => {
    const own = new Own();
    own.take(hello({ answers: [{ by: "device:7", room: "2", shown_ms: 1 }] }));
    own.apply(event("answer", { quiz: "q" }, { role: "device", id: "8" }));
    own.apply(event("answer", { quiz: "q" }, { role: "device", id: "8" }));
    own.apply(event("answer", { quiz: "q", given: ["B"] }));
    assert.equal(own.answers, 2);
    assert.deepEqual(own.given, ["B"]);
    own.apply(event("open_quiz", { quiz: "q2" }, { role: "lead" }));
    assert.deepEqual([own.answers, own.given], [0, []]);
  });

  it("is in the talk when it is called up, and always where the lesson is interactive", () => {
    const own = new Own();
    own.take(hello());
    assert.equal(own.isInTalk, false);
    own.apply(event("call_up", { room: "2" }, { role: "lead" }));
    assert.equal(own.isInTalk, true);
    own.apply(event("sit_down", { room: "2" }, { role: "lead" }));
    assert.equal(own.isInTalk, false);
    own.take(hello({ lesson: "interactive" }));
    assert.equal(own.isInTalk, true);
    own.apply(event("end", {}, { role: "lead" }));
    assert.equal(own.isInTalk, false);
  });

  it("learns from the class's hello that it was sent out, or let in, also when its page is loaded anew", () => {
    const own = new Own();
    const knocking = { phase: "running", lesson: "broadcast", admitted: false } as const;
    own.take({ ...hello(), state: knocking });
    assert.equal(own.isRemoved, false, "it was never in");
    own.take({ ...hello(), state: { ...knocking, removed: true } });
    assert.equal(own.isRemoved, true);
    own.take(hello());
    assert.equal(own.isRemoved, false);
    own.apply(event("remove", { room: "2" }, { role: "lead" }));
    assert.equal(own.isRemoved, true);
  });

  it("waits outside until it is let in", () => {
    const own = new Own();
    own.take({ ...hello(), state: { phase: "running", lesson: "broadcast", admitted: false } });
    assert.deepEqual([own.isAdmitted, own.isInTalk], [false, false]);
    own.apply(event("admit", { room: "2" }, { role: "lead" }));
    assert.equal(own.isAdmitted, true);
  });
});
