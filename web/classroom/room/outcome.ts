/** What a room says of a question: how it is answered together, and what came of it there. Pure. */
import type { Option, RoomResult } from "../questions.ts";
import type { Question } from "../vocabulary.ts";
import { say } from "./words.ts";

/** A result is of pupils, or of the class, which answered together (`tongke/live/scoring.py`). */
export type Whose = "pupils" | "classes";

/** How a class answers together; `options` are none for a short answer. */
export function howTogether({ kind }: Question, options: readonly Option[]): string {
  if (kind === "short") return say("togetherShort");
  if (kind === "multiple") return say("severalHint");
  const letters = { first: options[0]?.letter ?? "", last: options[options.length - 1]?.letter ?? "" };
  return say(options.length === 2 ? "togetherEither" : "together", letters);
}

/** `ours` is the room's part of the result, `given` what the class gave together. */
export function outcome({ kind, right = [] }: Question, ours: RoomResult | undefined, whose: Whose, given: readonly string[]): string {
  const answer = kind === "short" && right.length ? say("rightAnswer", { right: right.join(say("and")) }) : "";
  if (!ours) return answer || say("noAnswer");
  if (!right.length) return "";
  const counted = say("ourResult", { right: ours.right, answered: ours.answered });
  if (!answer) return counted;
  const ofClass = ours.right ? say("classRight") : say("classGave", { given: given.join() });
  return say("twoSaid", { first: whose === "classes" ? ofClass : counted, second: answer });
}

/** How many chose an option; nothing where nobody did. */
export function chose(count: number, whose: Whose): string {
  return count ? say(`chose.${whose}`, { count }) : "";
}
