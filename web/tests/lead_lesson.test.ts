/** A lesson on the lead's page: when its window answers the rooms, and when its end is held up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../classroom/emitter.ts";
import type { Classroom } from "../classroom/lead/classroom.ts";
import type { Config } from "../classroom/lead/config.ts";
import { LastSent } from "../classroom/lead/last_sent.ts";
import { Lesson } from "../classroom/lead/lesson.ts";
import { SentAtEnd } from "../classroom/lead/over_panel.ts";
import type { Refusal } from "../classroom/line.ts";

const nothing = (): null => null;
Object.assign(globalThis, { window: globalThis, document: { querySelector: nothing, documentElement: { lang: "zh-CN" } } });
globalThis.fetch = () => Promise.resolve(new Response(null, { status: 204 }));

/** A class that a room's recording appliance gives the picture of. */
class Given extends Emitter<{ changed: undefined; ended: undefined }> {
  publishing = false;
  pictureSource = "appliance";
  phase: Classroom["phase"];

  constructor(phase: Classroom["phase"]) {
    super();
    this.phase = phase;
  }

  readonly asked: string[] = [];

  ask(kind: string): Promise<boolean> {
    this.asked.push(kind);
    this.phase = "running";
    return Promise.resolve(kind !== "end");
  }

  closeQuestion(): Promise<void> {
    this.asked.push("close_quiz");
    return Promise.resolve();
  }

  come(): void {
    this.publishing = true;
    this.tell("changed", undefined);
  }
}

async function begun(phase: Classroom["phase"]): Promise<[Lesson, Given]> {
  const given = new Given(phase);
  const lesson = new Lesson({ id: 12, appliance: true } as Config, given as unknown as Classroom, {} as MediaStream, "");
  void lesson.begin();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(lesson.state, "beginning");
  return [lesson, given];
}

test("who comes into a class that runs leaves the rooms to the window before until the lesson is theirs", async () => {
  const [lesson, given] = await begun("running");
  assert.deepEqual([lesson.isLed, lesson.answersRooms], [true, false]);
  given.come();
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual([lesson.state, lesson.answersRooms], ["appliance", true]);
});

test("a class that another window gives its picture is led there", () => {
  const given = new Given("waiting");
  given.pictureSource = "page";
  const lesson = new Lesson({ id: 12, appliance: false } as Config, given as unknown as Classroom, {} as MediaStream, "");
  assert.equal(lesson.isElsewhere, false);
  given.phase = "running";
  assert.equal(lesson.isElsewhere, false, "it has no picture: none leads it");
  given.come();
  assert.deepEqual([lesson.isElsewhere, lesson.isLed], [true, false]);
});

test("a class is ended after its question is closed, and goes on if that is refused", async () => {
  const [lesson, given] = await begun("waiting");
  given.come();
  await new Promise((resolve) => setTimeout(resolve));
  await lesson.end();
  assert.deepEqual(given.asked, ["begin", "close_quiz", "end"]);
  assert.equal(lesson.state, "appliance");
});

test("who begins a class answers its rooms at once", async () => {
  const [lesson, given] = await begun("waiting");
  assert.equal(lesson.answersRooms, true);
  given.come();
});

test("a picture that is given back is held up as an end is, and may go without what is not sent", async (context) => {
  const [lesson, given] = await begun("waiting");
  given.come();
  await new Promise((resolve) => setTimeout(resolve));
  let now = 0;
  context.mock.method(performance, "now", () => now);
  let finished = (): void => undefined;
  const publisher = { state: "live", finish: () => new Promise<void>((resolve) => (finished = resolve)), stop: () => finished() };
  Object.assign(lesson, { publisher, state: "live", tookOver: true, keptChunks: 400 });
  const back = lesson.giveBack();
  assert.deepEqual([lesson.state, lesson.isGivingBack, lesson.isHeldUp], ["beginning", true, false]);
  now = 10_000;
  assert.equal(lesson.isHeldUp, true);
  lesson.giveUpRest();
  await back;
  assert.deepEqual([lesson.state, lesson.isGivingBack, lesson.isHeldUp], ["appliance", false, false]);
});

test("an end is held up when nothing more of what was kept gets to the service", () => {
  const last = new LastSent(400, 0);
  last.count(300, 5000);
  assert.equal(last.isHeldUp(14_900), false);
  last.count(300, 14_900);
  assert.equal(last.isHeldUp(15_000), true);
  last.count(299, 15_100);
  assert.equal(last.isHeldUp(15_100), false);
});

test("what is said of it never goes back, though the coder gives out more after the end", () => {
  const sent = new SentAtEnd();
  const said = [0, 3, 8, 13, 10, 12, 5, 1, 0].map((kept) => {
    sent.count(kept);
    return sent.percent;
  });
  assert.deepEqual(said, [0, 0, 0, 0, 23, 23, 61, 92, 92]);
});

test("and when it takes too long, however well it goes", () => {
  const last = new LastSent(400, 1000);
  for (let second = 1; second <= 29; second += 1) {
    last.count(400 - second, 1000 + second * 1000);
    assert.equal(last.isHeldUp(1000 + second * 1000), false);
  }
  last.count(370, 31_000);
  assert.equal(last.isHeldUp(31_000), true);
});

test("whose picture is refused stays in the class and reads why, and may begin again", async () => {
  const [lesson, given] = await begun("running");
  given.come();
  await new Promise((resolve) => setTimeout(resolve));
  lesson.state = "live";
  await refused(lesson, "damaged");
  assert.deepEqual([lesson.state, lesson.isLed], ["before", false]);
  assert.match(lesson.failure, /画面和声音/);
  await lesson.begin();
  assert.deepEqual([lesson.state, lesson.failure], ["appliance", ""]);
});

test("a class that is ending goes on to its end though its picture is refused", async () => {
  const [lesson, given] = await begun("running");
  given.come();
  await new Promise((resolve) => setTimeout(resolve));
  Object.assign(lesson, { state: "ending", lastSent: new LastSent(4, 0) });
  await refused(lesson, "damaged");
  assert.deepEqual([lesson.state, lesson.failure], ["ending", ""]);
});

/** The line of what is made here was refused. */
function refused(lesson: Lesson, refusal: Refusal): Promise<void> {
  return (lesson as unknown as { onRefused(refusal: Refusal): Promise<void> }).onRefused(refusal);
}
