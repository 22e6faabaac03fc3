/** What is said of a recording beforehand: with an appliance no rule is promised alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { kept } from "../classroom/room/waiting.ts";

const BOTH = { rooms_seen: true, rooms_heard: true, also_for: [] };
const UNHEARD = { ...BOTH, rooms_heard: false };

test("a room hears what an appliance records all the same, where the rule keeps something out", () => {
  const said = (appliance: boolean, recording = UNHEARD): string[] => kept({ leads: false, mode: "interactive", recording, appliance });
  const rule = ["现在的检查画面不录", "录像里看得到听讲教室的学生，听不到"];
  const anyway = "录播主机会录到主讲教室的大屏和音箱；不能录的，请告诉主讲老师";
  assert.deepEqual(said(false), rule);
  assert.deepEqual(said(true), [...rule, anyway]);
  assert.ok(!said(true, BOTH).includes(anyway));
  assert.ok(said(true, { ...BOTH, rooms_seen: false }).includes(anyway));
});
