/** What a room says of a question: how it is answered together, and what came of it there. Pure. */
import type { Option } from "../questions.ts";
import type { Question, RoomResult } from "../vocabulary.ts";
import { say } from "./words.ts";

/** How a class answers together; `options` are none for a short answer. */
export function howTogether({ kind }: Question, options: readonly Option[]): string {
  if (kind === "short") return say("togetherShort");
  if (kind === "multiple") return say("severalHint");
  const letters = { first: options[0]?.letter ?? "", last: options[options.length - 1]?.letter ?? "" };
  return say(options.length === 2 ? "togetherEither" : "together", letters);
}

/** `ours` is the room's part of the result, `given` what the class gave together. */
export function outcome({ kind, right = [] }: Question, ours: RoomResult | undefined, given: readonly string[]): string {
  const answer = kind === "short" && right.length ? [say("rightAnswer", { right: right.join(say("and")) })] : [];
  if (!ours) return answer[0] ?? say("noAnswer");
  if (!right.length) return "";
  const ofPupils = ours.by_class ? [] : [say("ourResult", { right: ours.right, answered: ours.answered })];
  return [...ofPupils, ...ofClass(ours, kind, given), ...answer].join(say("stop"));
}

/** What the class gave stands on the screen beside its options; a short answer does not. */
function ofClass({ by_class, class_right }: RoomResult, kind: Question["kind"], given: readonly string[]): string[] {
  if (typeof class_right !== "boolean" || (!by_class && kind !== "short")) return [];
  if (class_right) return [say("classRight")];
  return [kind === "short" ? say("classGave", { given: given.join() }) : say("classWrong")];
}

/** How many chose an option; nothing where nobody did. */
export function chose(count: number, { by_class }: Pick<RoomResult, "by_class">): string {
  return count ? say(by_class ? "chose.classes" : "chose.pupils", { count }) : "";
}
