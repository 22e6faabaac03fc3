/** A class whose picture comes from a recording appliance: what the lead's page does, and where rooms put the picture. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, WHOLE } from "../classroom/appliance.ts";
import { Emitter } from "../classroom/emitter.ts";
import type { Classroom } from "../classroom/lead/classroom.ts";
import { Lesson } from "../classroom/lead/lesson.ts";
import { LAYOUTS } from "../classroom/layouts.ts";
import { remember } from "../shared/remember.ts";
import type { PictureSource } from "../classroom/vocabulary.ts";

const CONFIG = { id: 7, title: "", teacher: "", purpose: "lesson" as const, begins_at: "", may_begin_at: "", rooms: [], recording: { rooms_seen: true, rooms_heard: true, also_for: [] }, phone_code: null, unshown: 0, appliance: true };

const kept = new Map<string, string>();
const localStorage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value) };
Object.defineProperty(globalThis, "localStorage", { value: localStorage, configurable: true });

class Told extends Emitter<{ changed: undefined; ended: undefined }> {
  phase = "running";
  publishing = false;
  pictureSource: PictureSource = "page";

  hear(publishing: boolean, source: PictureSource): void {
    [this.publishing, this.pictureSource] = [publishing, source];
    this.tell("changed", undefined);
  }
}

function led(): [Lesson, Told] {
  const classroom = new Told();
  return [new Lesson(CONFIG, classroom as unknown as Classroom, null as unknown as MediaStream, ""), classroom];
}

test("an appliance that begins the class gives the picture, and the page sends none", () => {
  const [lesson, classroom] = led();
  classroom.hear(true, "appliance");
  assert.equal(lesson.state, "appliance");
  assert.ok(lesson.isLed);
  assert.ok(!lesson.onAir, "leaving the page takes nothing from the rooms");
});

test("an appliance that falls silent is missed, and is there again when it comes back", () => {
  const [lesson, classroom] = led();
  classroom.hear(true, "appliance");
  classroom.hear(false, "appliance");
  assert.equal(lesson.state, "silent");
  classroom.hear(true, "appliance");
  assert.equal(lesson.state, "appliance");
});

test("a class is to be recorded by the appliance until the page gives the picture", () => {
  const [lesson, classroom] = led();
  classroom.phase = "waiting";
  assert.ok(lesson.byAppliance);
  classroom.phase = "running";
  classroom.hear(true, "appliance");
  assert.ok(lesson.byAppliance);
  classroom.hear(true, "page");
  assert.ok(!lesson.byAppliance);
});

test("another window that shows its own picture leads the class", () => {
  const [lesson, classroom] = led();
  classroom.hear(true, "appliance");
  classroom.hear(true, "page");
  assert.equal(lesson.state, "replaced");
});

test("a page that is loaded anew while the appliance is silent offers its own picture, and does not put it on the air", () => {
  const [lesson, classroom] = led();
  classroom.hear(false, "appliance");
  assert.equal(lesson.state, "silent");
});

test("a page that is loaded anew keeps the picture that she chose, whatever filled in for it", () => {
  remember("lead.took-over", String(CONFIG.id));
  const [lesson, classroom] = led();
  for (const publishing of [true, false]) {
    classroom.hear(publishing, "appliance");
    assert.equal(lesson.state, "before", "from where it begins by itself");
  }
  remember("lead.took-over", "8");
  const [other, elsewhere] = led();
  elsewhere.hear(true, "appliance");
  assert.equal(other.state, "appliance", "that was another class");
});

test("the appliance's picture makes room for slides where they are drawn, and for nothing else", () => {
  const slide = { deck: "31", number: 2 };
  const [, corner] = LAYOUTS.slides;
  const at = ({ x, y, width, height }: typeof WHOLE): number[] => [x, y, width, height];
  assert.deepEqual(at(placeOf("appliance", { layout: "slides", page: slide })), at(corner!));
  assert.deepEqual(at(placeOf("appliance", { layout: "board", page: null })), at(corner!));
  for (const page of [null, { deck: "screen", number: 1 }]) assert.deepEqual(at(placeOf("appliance", { layout: "slides", page })), at(WHOLE));
  assert.deepEqual(at(placeOf("appliance", { layout: "all_rooms", page: slide })), at(WHOLE));
  assert.deepEqual(at(placeOf("page", { layout: "slides", page: slide })), at(WHOLE));
});
