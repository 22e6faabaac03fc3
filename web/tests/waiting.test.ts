/** What a classroom's screen says of the class that it waits for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { comesIn, due } from "../classroom/room/waiting.ts";

const MINUTE_MS = 60_000;

test("a class that runs is not waited for, in the room that leads and in any other", () => {
  const late = -15 * MINUTE_MS;
  assert.equal(due({ running: true, leads: true }, late), "正在上课，这间教室主讲");
  assert.equal(due({ running: true, leads: false }, late), "正在上课");
  assert.equal(due({ running: false, leads: true }, late), "已过 15 分钟，等老师开始");
  assert.equal(due({ running: false, leads: true }, -MINUTE_MS), "上课时间到了，等老师开始");
});

test("the tone that looks for an echo is announced while it can still come, and where", () => {
  const said = (moment: "too-early" | "late", leads = false, running = false): string[] => comesIn({ running, leads, moment });
  assert.deepEqual(said("too-early"), ["到点自己进课堂，不用操作。上课前 10 分钟会放一声短音"]);
  assert.deepEqual(said("late"), ["到点自己进课堂，不用操作"]);
  assert.deepEqual(said("too-early", true), ["这间教室主讲。请老师在讲台电脑上从课表进“主讲教室”"]);
  assert.deepEqual(said("late", true, true), []);
});
