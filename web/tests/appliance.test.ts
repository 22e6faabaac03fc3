/** A class whose picture comes from a recording appliance: what the lead's page does, and where rooms put the picture. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, WHOLE } from "../classroom/appliance.ts";
import { Emitter } from "../classroom/emitter.ts";
import type { Classroom } from "../classroom/lead/classroom.ts";
import { Lesson } from "../classroom/lead/lesson.ts";
import { LAYOUTS } from "../classroom/layouts.ts";
import type { PictureSource } from "../classroom/vocabulary.ts";

const CONFIG = { id: 7, title: "", teacher: "", begins_at: "", rooms: [], recording: { rooms_seen: true, rooms_heard: true }, phone_code: null, appliance: true };

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

test("another window that shows its own picture leads the class", () => {
  const [lesson, classroom] = led();
  classroom.hear(true, "appliance");
  classroom.hear(true, "page");
  assert.equal(lesson.state, "replaced");
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
