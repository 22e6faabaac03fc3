/** What stands in the place of the picture, for who watches. */
import type { ReceiverState } from "../receiver.ts";
import { isBlank } from "../room/level.ts";
import type { Own } from "../room/own.ts";
import type { Level, Page, View } from "../vocabulary.ts";
import { say } from "./words.ts";

export interface Watched {
  own: Pick<Own, "isAdmitted" | "isRemoved">;
  phase: "waiting" | "running" | "ended";
  /** The class is not hers to see any more. */
  isOut: boolean;
  level: Level;
  stage: { layout: View; page: Page | null };
  /** Undefined: nothing is received. */
  receiver: ReceiverState | undefined;
}

/** Whether the class is over, and its last pictures were shown. */
export function isDone({ phase, isOut, receiver }: Watched): boolean {
  return !isOut && phase === "ended" && receiver !== "in-step";
}

/** Empty where the picture stands alone. */
export function overPicture(watched: Watched): string {
  const { own, phase, isOut, level, stage } = watched;
  if (isOut) return say("out");
  if (isDone(watched)) return say("over");
  if (!own.isAdmitted) return say(own.isRemoved ? "removed" : "knocking");
  if (phase === "waiting") return say("idle");
  return isBlank(level, stage) ? say(withoutPicture(watched)) : "";
}

/** There is no picture to say by standing still that nothing comes. */
function withoutPicture({ level, receiver }: Watched): "soundOnly" | "slidesAndSound" | "catchingUp" | "broken" | "awaited" {
  if (receiver === "catching-up" || receiver === "broken") return receiver === "broken" ? "broken" : "catchingUp";
  if (receiver !== "in-step") return "awaited";
  return level === "sound_only" ? "soundOnly" : "slidesAndSound";
}
