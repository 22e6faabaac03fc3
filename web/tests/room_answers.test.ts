/** What a receiving classroom says of a question, and its buttons that are held. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Held } from "../classroom/room/held.ts";
import { chose, howTogether, outcome } from "../classroom/room/outcome.ts";
import { optionsOf } from "../classroom/questions.ts";
import type { Question, RoomResult } from "../classroom/vocabulary.ts";

Object.assign(globalThis, { window: globalThis });

const SHORT: Question = { kind: "short", text: "几？", options: [], right: ["24"], page: null };
const ours = (right: number, answered: number, more: Partial<RoomResult> = {}): RoomResult => ({ room: "2", answered, right, rate: right / answered, counts: [], ...more });
const ofClass = (right: boolean): RoomResult => ours(Number(right), 1, { by_class: true, class_right: right });

describe("what a room says of a question", () => {
  it("names two keys, and the span of more", () => {
    const how = (kind: Question["kind"], ...options: string[]): string => {
      const question: Question = { ...SHORT, kind, options };
      return howTogether(question, optionsOf(question, "对", "错"));
    };
    assert.equal(how("single", "甲", "乙"), "全班一起答：按 A 或 B");
    assert.equal(how("true_false"), "全班一起答：按 A 或 B");
    assert.equal(how("single", "甲", "乙", "丙"), "全班一起答：按 A—C");
    assert.equal(how("multiple", "甲", "乙"), "可以多选，选好按“交上去”或回车");
  });

  it("says how a short answer did, of the class or of its pupils", () => {
    assert.equal(outcome(SHORT, ofClass(true), ["24。"]), "全班一起答的，对了。正确答案：24");
    assert.equal(outcome(SHORT, ofClass(false), ["20"]), "全班一起答的是“20”。正确答案：24");
    assert.equal(outcome(SHORT, ours(3, 5), []), "本班 5 人作答，3 人答对。正确答案：24");
    assert.equal(outcome(SHORT, undefined, []), "正确答案：24");
  });

  it("says of a short answer that the class gave beside its pupils how it did too", () => {
    const said = "本班 5 人作答，3 人答对。全班一起答的是“20”。正确答案：24";
    assert.equal(outcome(SHORT, ours(3, 5, { class_right: false }), ["20"]), said);
  });

  it("says of other questions how many were right, and nothing of an opinion", () => {
    const single: Question = { ...SHORT, kind: "single", options: ["甲", "乙"], right: ["B"] };
    assert.equal(outcome(single, ours(3, 5, { class_right: true }), ["B"]), "本班 5 人作答，3 人答对");
    assert.equal(outcome(single, ofClass(true), ["B"]), "全班一起答的，对了");
    assert.equal(outcome(single, ofClass(false), ["A"]), "全班一起答的，错了");
    assert.equal(outcome(single, undefined, []), "本班没有人作答");
    assert.equal(outcome({ ...single, right: [] }, ours(0, 5), []), "");
  });

  it("says who chose an option", () => {
    assert.deepEqual([chose(7, {}), chose(1, { by_class: true }), chose(0, {})], ["7 人选", "1 个班选", ""]);
  });
});

describe("a button that is held", () => {
  it("acts once for a tap, and eight times a second after a while", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
    let count = 0;
    const held = new Held(() => (count += 1) < 10);
    const letGo = (): void => {
      held.release();
      held.click();
    };
    held.press();
    context.mock.timers.tick(399);
    assert.equal(count, 0);
    letGo();
    assert.equal(count, 1);
    held.press();
    context.mock.timers.tick(400);
    assert.equal(count, 2);
    context.mock.timers.tick(500);
    assert.equal(count, 6);
    letGo();
    context.mock.timers.tick(5000);
    assert.equal(count, 6, "what was held is not pressed once more");
    held.press();
    context.mock.timers.tick(400);
    context.mock.timers.tick(5000);
    assert.equal(count, 10, "it goes on no longer than it may");
  });
});
