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

export interface Sides {
  /** What makes up the count: what pupils answered, where any did, else what classes did. */
  counted: Given[];
  /** What classes answered together, with their room's screen. */
  together: Given[];
  /** Nobody answered alone: the count is of classes. */
  isByClass: boolean;
}

/** A class that answers together is no pupil: `tongke/live/scoring.py`. */
export function sides(answers: Iterable<Given>): Sides {
  const together: Given[] = [];
  const alone: Given[] = [];
  for (const answer of answers) (answer.by.startsWith("room:") ? together : alone).push(answer);
  together.sort((a, b) => (a.room < b.room ? -1 : 1));
  const counted = alone.length ? alone : together;
  return { counted, together, isByClass: together.length > 0 && counted === together };
}

/** How often each option was chosen; of short answers, how often each was given, the most first. */
export function count(question: Question, answers: Iterable<Given>): Count[] {
  const given = [...answers].map((answer) => answer.given ?? []);
  const right = question.right ?? [];
  const counted = (key: string): Count => ({ key, count: given.filter((keys) => keys.includes(key)).length, right: right.includes(key) });
  if (question.kind !== "short") return keysOf(question).map(counted);
  return [...new Set(given.flat())].map(counted).sort((a, b) => b.count - a.count).slice(0, MOST_GROUPS);
}
