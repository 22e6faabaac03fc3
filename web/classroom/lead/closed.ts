/** What stands on the page where a class cannot be led: why, and what to do. */
import { h } from "../../shared/dom.ts";
import { canPublish } from "../coders.ts";
import type { Refusal } from "../line.ts";
import type { Config } from "./config.ts";
import { say, type Key } from "./say.ts";

/** Why this browser cannot lead; null where it can. */
export function obstacle(): "closed.insecure" | "closed.old" | null {
  if (!window.isSecureContext) return "closed.insecure";
  return canPublish() ? null : "closed.old";
}

/** Why the class's line was refused, and what to do. */
export function refusedWords(refusal: Refusal): readonly [title: Key, line: Key] {
  if (refusal === "class-ended") return ["closed.ended", "closed.endedDo"];
  // Whoever was signed out sees no class either.
  if (refusal === "no-such-class" || refusal === "not-yours") return ["closed.class", "closed.classDo"];
  return ["closed.refused", "closed.refusedDo"];
}

export function closed({ id }: Config, title: Key, ...lines: readonly Key[]): HTMLElement {
  return h("section", { class: "lead-closed", role: "alert" },
    h("h1", {}, say(title)), ...lines.map((line) => h("p", {}, say(line))),
    h("a", { class: "stage-button primary", href: `/classes/${id}` }, say("back")));
}
