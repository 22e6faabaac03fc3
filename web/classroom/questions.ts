/** A question as it is shown: its options, and how long it is open. Pure. */
import type { Question, Quiz } from "./vocabulary.ts";

/** Of a short answer, as the class takes it: `MOST_LETTERS` in `tongke/live/quiz.py`. */
export const MOST_LETTERS = 60;

export interface Option {
  /** As it is answered. */
  key: string;
  /** As it is pressed. */
  letter: string;
  /** Empty where the lead wrote none: the letter alone is the option. */
  text: string;
}

/** `yes` and `no`: the words for true and false. A short answer has no options. */
export function optionsOf(question: Question, yes: string, no: string): Option[] {
  if (question.kind === "true_false") return [{ key: "true", letter: "A", text: yes }, { key: "false", letter: "B", text: no }];
  return question.options.map((text, index) => ({ key: letterOf(index), letter: letterOf(index), text: text === letterOf(index) ? "" : text }));
}

/** What is chosen after one option was pressed. */
export function pressed(question: Question, chosen: readonly string[], key: string): string[] {
  if (question.kind !== "multiple") return [key];
  return chosen.includes(key) ? chosen.filter((other) => other !== key) : [...chosen, key].sort();
}

export function isOpen(quiz: Quiz, now: number): boolean {
  return !quiz.result && (quiz.closes_ms === null || now < quiz.closes_ms);
}

/** `missed`: one of several that are right, and not among those that were given. */
export type OptionState = "right" | "missed" | "wrong" | "chosen" | "open" | "closed";

/** How an option stands: what is pressed here is chosen, what was given may turn out wrong. */
export function stateOf(quiz: Quiz, key: string, chosen: readonly string[], given: readonly string[], now: number): OptionState {
  if (quiz.result && quiz.question.right?.includes(key)) {
    const isMissed = quiz.question.kind === "multiple" && given.length > 0 && !given.includes(key);
    return isMissed ? "missed" : "right";
  }
  // What asks for an opinion has nothing that is right.
  if (quiz.result && quiz.question.right?.length && given.includes(key)) return "wrong";
  if (chosen.includes(key)) return "chosen";
  return isOpen(quiz, now) ? "open" : "closed";
}

/**
 * Whether a short answer is right; null where only the service knows. It alone compares wordings (`tongke/live/wording.py`),
 * and counts one that means the same under the words that were given first: so what is as the teacher wrote it is seen here.
 */
export function isRight({ question: { right = [] }, result }: Quiz, words: string): boolean | null {
  const told = result?.counts.find(({ key }) => key === words);
  if (told) return told.right;
  return right.some((accepted) => bare(accepted) === bare(words)) || null;
}

/** No more than the service takes away too. */
function bare(words: string): string {
  return words.toLowerCase().replace(/\s/g, "").replace(/。$/, "");
}

/** Whole seconds until it closes; null where nobody has said. */
export function secondsLeft(quiz: Quiz, now: number): number | null {
  return quiz.closes_ms === null ? null : Math.max(0, Math.ceil((quiz.closes_ms - now) / 1000));
}

/** How much of its time is left, 0 to 1. */
export function shareLeft(quiz: Quiz, now: number): number {
  if (quiz.closes_ms === null) return 1;
  return Math.min(1, Math.max(0, (quiz.closes_ms - now) / (quiz.closes_ms - quiz.opened_ms)));
}

function letterOf(index: number): string {
  return String.fromCharCode(65 + index);
}
