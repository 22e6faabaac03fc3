/** What stands over the picture of who watches a class. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isDone, overPicture, type Watched } from "../classroom/watch/over_picture.ts";

const HERE = { isAdmitted: true, isRemoved: false };

function over(more: Partial<Watched> = {}): string {
  return overPicture(watched(more));
}

function watched(more: Partial<Watched> = {}): Watched {
  return { own: HERE, phase: "running", isOut: false, level: "full", stage: { layout: "teacher", page: null }, receiver: "in-step", ...more };
}

test("sound alone is said to be heard while it is, and to be waited for while nothing comes", () => {
  const level = "sound_only";
  assert.equal(over({ level }), "现在只听声音");
  for (const receiver of ["waiting", undefined] as const) assert.equal(over({ level, receiver }), "等主讲的声音和画面，来了就接着放");
  assert.equal(over({ level, receiver: "catching-up" }), "正在赶上");
  assert.equal(over({ level, receiver: "broken" }), "断线，正在重连");
  assert.equal(over({ level: "slides_and_sound" }), "现在只放课件和声音，这会儿没有课件");
  assert.equal(over({ level: "slides_and_sound", receiver: "waiting" }), "等主讲的声音和画面，来了就接着放");
});

test("a picture that stands still has nothing over it", () => {
  for (const receiver of ["in-step", "waiting", "broken"] as const) assert.equal(over({ receiver }), "");
});

test("who sees the class no more is told that, and nothing else of it", () => {
  for (const phase of ["waiting", "running", "ended"] as const) {
    const out = watched({ phase, isOut: true, receiver: undefined });
    assert.deepEqual([overPicture(out), isDone(out)], ["你现在看不到这节课了", false]);
  }
});

test("a class that ended is over when its last pictures were shown", () => {
  assert.equal(over({ phase: "ended" }), "");
  assert.equal(over({ phase: "ended", receiver: undefined }), "下课了");
});
