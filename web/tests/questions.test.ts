/** A question as it is shown: its options, what was right, how long it is open. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOpen, isRight, optionsOf, pressed, secondsLeft, shareLeft, stateOf } from "../classroom/questions.ts";
import type { Question, Quiz } from "../classroom/vocabulary.ts";

const QUESTION: Question = { kind: "single", text: "7 + 5 =", options: ["11", "12"], page: null };

describe("a question", () => {
  it("has its options by letter, and two where it is true or false", () => {
    assert.deepEqual(optionsOf(QUESTION, "对", "错").map(({ key, text }) => [key, text]), [["A", "11"], ["B", "12"]]);
    const onScreen = optionsOf({ ...QUESTION, options: ["A", "B"] }, "对", "错");
    assert.deepEqual(onScreen.map(({ letter, text }) => letter + text), ["A", "B"], "without words they are letters");
    const asked: Question = { ...QUESTION, kind: "true_false", options: [] };
    assert.deepEqual(optionsOf(asked, "对", "错"), [{ key: "true", letter: "A", text: "对" }, { key: "false", letter: "B", text: "错" }]);
    assert.deepEqual(optionsOf({ ...QUESTION, kind: "short", options: [] }, "对", "错"), []);
  });

  it("shows what was given as wrong only where something is right", () => {
    const result = { answered: 1, right: 0, rate: null, counts: [], rooms: [], fastest: [] };
    const shown = (right: string[]): string => stateOf({ quiz: "q", question: { ...QUESTION, right }, opened_ms: 0, closes_ms: 1, result }, "B", ["B"], ["B"], 2);
    assert.deepEqual([shown(["A"]), shown([])], ["wrong", "chosen"]);
  });

  it("tells what is right and was missed from what was chosen, where several are", () => {
    const result = { answered: 1, right: 0, rate: 0, counts: [], rooms: [], fastest: [] };
    const question: Question = { ...QUESTION, kind: "multiple", options: ["−1", "0", "−2", "1"], right: ["A", "C"] };
    const shown = (given: string[]): string[] => ["A", "B", "C", "D"].map((key) => stateOf({ quiz: "q", question, opened_ms: 0, closes_ms: 1, result }, key, given, given, 2));
    assert.deepEqual(shown(["A", "B"]), ["right", "wrong", "missed", "closed"]);
    assert.deepEqual(shown([]), ["right", "closed", "right", "closed"], "who gave nothing sees what is right");
  });

  it("takes one choice, or several in their order", () => {
    assert.deepEqual(pressed(QUESTION, ["A"], "B"), ["B"]);
    const several: Question = { ...QUESTION, kind: "multiple" };
    assert.deepEqual(pressed(several, ["B"], "A"), ["A", "B"]);
    assert.deepEqual(pressed(several, ["A", "B"], "A"), ["B"]);
  });

  it("is open until its time on the lesson's clock", () => {
    const quiz: Quiz = { quiz: "q", question: QUESTION, opened_ms: 10_000, closes_ms: 40_000, result: null };
    assert.equal(isOpen(quiz, 39_999), true);
    assert.equal(isOpen(quiz, 40_000), false);
    assert.equal(secondsLeft(quiz, 10_500), 30);
    assert.equal(shareLeft(quiz, 25_000), 0.5);
    assert.equal(secondsLeft({ ...quiz, closes_ms: null }, 10_500), null);
    assert.equal(isOpen({ ...quiz, closes_ms: null }, 1e9), true);
  });

  it("is right in another's wording, or in one that the teacher gave", () => {
    const result = { answered: 3, right: 2, rate: 0.7, counts: [{ key: "《春晓》", count: 2, right: true }, { key: "静夜思", count: 1, right: false }], rooms: [], fastest: [] };
    const quiz: Quiz = { quiz: "q", question: { ...QUESTION, kind: "short", options: [], right: ["春晓", "Spring Dawn"] }, opened_ms: 0, closes_ms: 1, result };
    assert.deepEqual(["《春晓》", "静夜思", "春晓", " spring  dawn", "春晓。"].map((words) => isRight(quiz, words)), [true, false, true, true, true]);
    assert.equal(isRight(quiz, "“春晓”"), null, "the service alone knows");
  });
});
