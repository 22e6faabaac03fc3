/** Where a room stands in its lesson: what the foot says, and what stands over the picture. */
import type { Level } from "../vocabulary.ts";
import type { Lesson } from "./lesson.ts";
import { isBlank } from "./level.ts";
import type { Own } from "./own.ts";
import type { Step } from "./sync_line.ts";
import { say } from "./words.ts";

export interface Situation {
  own: Own;
  lesson: Lesson;
  level: Level;
  isBack: boolean;
  /** The class's line is gone for more than a blink. */
  isLineGone: boolean;
  /** The class is over, and its last pictures were shown. */
  isDone: boolean;
  /** Sent out by the lead teacher. */
  isRemoved: boolean;
}

export function stepOf({ own, lesson, isBack, isLineGone, isDone }: Situation): Step {
  if (isDone) return "ended";
  if (isLineGone) return "broken";
  if (own.phase === "waiting") return "idle";
  if (lesson.isTalking) return own.room.muted ? "muted" : "talking";
  return isBack ? "past" : (lesson.receiver?.state ?? "waiting");
}

/** A word and a line under it; null where the picture stands alone. */
export function overPicture({ own, lesson, level, isDone, isRemoved }: Situation): [string, string] | null {
  if (isDone) return [say("over"), say("overDetail")];
  if (isRemoved) return [say("removed"), ""];
  if (!own.isAdmitted) return [say("knocking"), say("knockingDetail")];
  if (own.phase === "waiting") return [say("waitingBegin"), say("waitingBeginDetail")];
  if (lesson.isTalking) return null;
  if (!isBlank(level, lesson.stage)) return null;
  return [say(level === "sound_only" ? "soundOnly" : "slidesAndSound"), ""];
}
