/** A pupil's telephone: which answer of its own it shows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pupil } from "../classroom/phone/pupil.ts";
import type { Session } from "../classroom/session.ts";
import type { Quiz } from "../classroom/vocabulary.ts";

Object.assign(globalThis, { window: Object.assign(globalThis, { addEventListener: () => undefined }) });

const QUIZ: Quiz = { quiz: "q", question: { kind: "single", text: "7 + 5 =", options: ["11", "12"], page: null }, opened_ms: 0, closes_ms: null, result: null };
const TOO_LATE = { code: "quiz-closed", message: "已经停止作答", remedy: "等下一题" };

/** A pupil in a class, and the service's side of the line. */
function inClass(answer: string[] | null = null): [Pupil, (message: object) => Promise<void>] {
  const pupil = new Pupil("7");
  const { line } = (pupil as unknown as { session: Session }).session;
  const say = async (message: object): Promise<void> => {
    (line as unknown as { tell: (name: "message", content: object) => void }).tell("message", message);
    await Promise.resolve();
    await Promise.resolve();
  };
  void say({ hello: { role: "device", seat: "", delay_ms: 0, seq: 1, state: { phase: "running", lesson: "broadcast", quiz: QUIZ, answer } } });
  return [pupil, say];
}

test("an answer that comes too late leaves the one that was received", async () => {
  const [pupil, say] = inClass();
  pupil.answer(["A"]);
  await say({ done: 1 });
  assert.deepEqual([pupil.given, pupil.isReceived], [["A"], true]);
  pupil.answer(["B"]);
  await say({ refused: 2, ...TOO_LATE });
  assert.deepEqual([pupil.given, pupil.isReceived], [["A"], true]);
});

test("an answer is of the moment at which it was given, and not of that at which it is sent", () => {
  const [pupil] = inClass();
  const said: unknown[] = [];
  const { session } = pupil as unknown as { session: Session };
  session.command = (...asked: unknown[]) => {
    said.push(asked);
    return new Promise(() => undefined);
  };
  pupil.answer(["南京"], 4321.4);
  assert.deepEqual(said, [["answer", { quiz: "q", given: ["南京"], shown_ms: 4321 }]]);
});

test("so does one that overtook the word of the first", async () => {
  const [pupil, say] = inClass();
  pupil.answer(["A"]);
  pupil.answer(["B"]);
  await say({ done: 1 });
  assert.deepEqual([pupil.given, pupil.isReceived], [["B"], false]);
  await say({ refused: 2, ...TOO_LATE });
  assert.deepEqual([pupil.given, pupil.isReceived], [["A"], true]);
});

test("who comes back has the answer that the class has, and none where there is none", async () => {
  const [pupil] = inClass(["B"]);
  assert.deepEqual([pupil.given, pupil.isReceived], [["B"], true]);
  const [other, say] = inClass();
  other.answer(["A"]);
  await say({ refused: 1, ...TOO_LATE });
  assert.deepEqual([other.given, other.isReceived], [[], false]);
});

test("a phone of a room that is sent out says so, and hears that the class is over", async () => {
  const [pupil, say] = inClass();
  const hello = { role: "device", seat: "", delay_ms: 0, seq: 2 };
  await say({ hello: { ...hello, state: { phase: "running", lesson: "broadcast", admitted: false } } });
  assert.deepEqual([pupil.place, pupil.quiz], ["aside", null]);
  await say({ hello: { ...hello, state: { phase: "running", lesson: "broadcast", quiz: QUIZ, answer: ["A"] } } });
  assert.deepEqual([pupil.place, pupil.given], ["in", ["A"]]);
  await say({ hello: { ...hello, state: { phase: "ended", lesson: "broadcast", admitted: false } } });
  assert.equal(pupil.place, "over");
});
