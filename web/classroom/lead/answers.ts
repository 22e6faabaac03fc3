/** Counting the answers to the question on the screen as they come: `tongke/live/quiz.py`, in short. */
import type { Count, Given, Question } from "../vocabulary.ts";

/** By which options are named, in their order. */
export const LETTERS = "ABCDEFGH";
/** Of short answers, what fits on the panel. */
const MOST_GROUPS = 6;

/** By what an answer names its options. */
export function keysOf({ kind, options }: Question): string[] {
  return kind === "true_false" ? ["true", "false"] : kind === "short" ? [] : [...LETTERS.slice(0, options.length)];
}

/** How often each option was chosen; of short answers, how often each was given, the most first. */
export function count(question: Question, answers: Iterable<Given>): Count[] {
  const given = [...answers].map((answer) => answer.given ?? []);
  const right = question.right ?? [];
  const counted = (key: string): Count => ({ key, count: given.filter((keys) => keys.includes(key)).length, right: right.includes(key) });
  if (question.kind !== "short") return keysOf(question).map(counted);
  return [...new Set(given.flat())].map(counted).sort((a, b) => b.count - a.count).slice(0, MOST_GROUPS);
}
