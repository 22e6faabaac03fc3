/** Where a room stands in its lesson: what the foot says, and what stands over the picture. */
import { surfaceOf } from "../layouts.ts";
import { seenBy, type RecordingRule } from "../recording_rule.ts";
import { hasPicture, isDrawn } from "../slide.ts";
import type { Level, Page } from "../vocabulary.ts";
import type { Lesson } from "./lesson.ts";
import { isBlank } from "./level.ts";
import type { Own } from "./own.ts";
import type { Step } from "./sync_line.ts";
import { say } from "./words.ts";

export interface Situation {
  own: Own;
  lesson: Lesson;
  level: Level;
  /** The slide of the question on the screen. */
  asked: Page | null;
  isBack: boolean;
  /** The class's line is gone for more than a blink. */
  isLineGone: boolean;
  /** The class is over, and its last pictures were shown. */
  isDone: boolean;
  /** It is another end: the service lets the room into this class no longer. */
  isShut: boolean;
  /** What the lead can see and hear the room by. */
  has: { camera: boolean; microphone: boolean };
  recording: RecordingRule;
}

export function stepOf({ own, lesson, isBack, isLineGone, isDone, isShut, has }: Situation): Step {
  if (isDone) return isShut ? "shut" : "ended";
  if (isLineGone) return "broken";
  if (!own.isAdmitted) return "outside";
  if (own.phase === "waiting") return "idle";
  if (lesson.isTalking) return !has.microphone ? "unheard" : own.room.muted ? "muted" : "talking";
  return isBack ? "past" : (lesson.receiver?.state ?? "waiting");
}

/** A word and a line under it; null where the picture stands alone. */
export function overPicture(situation: Situation): [string, string] | null {
  const { own, lesson, level, isDone, isShut, recording } = situation;
  if (isDone && isShut) return [say("shut"), say("shutDetail")];
  // Of a class that was never begun there is no recording.
  if (isDone) return [say("over"), own.phase === "waiting" ? "" : seenBy(recording)];
  if (own.isRemoved) return [say("removed"), ""];
  if (!own.isAdmitted) return [say("knocking"), say("knockingDetail")];
  if (own.phase === "waiting") return [say("waitingBegin"), say("waitingBeginDetail")];
  if (!isBlank(level, lesson.stage) || pageAlone(situation)) return null;
  return [say(level === "sound_only" ? "soundOnly" : "slidesAndSound"), ""];
}

/** The slide that is shown where the line carries sound alone: the question is on it. */
export function pageAlone({ level, asked }: Pick<Situation, "level" | "asked">): Page | null {
  return level === "sound_only" && asked && hasPicture(asked) ? asked : null;
}

/** Whether the slide that is shown in place of a picture is one that the lead does not show any more. */
export function isPageBefore({ level, lesson: { stage }, isBack }: Pick<Situation, "level" | "lesson" | "isBack">): boolean {
  return level === "slides_and_sound" && !isBack && isDrawn(stage) && surfaceOf(stage.layout) === null;
}

/**
 * Who sees and hears a room that speaks. The rooms that listen have it of the lesson, which is the
 * recording too, and so without what the school's rule keeps out of that; in an interactive class
 * they hear each other by the talk. They see it while the lesson's picture has it.
 *
 * What an appliance gives is its own, and none of the talk is mixed into it.
 */
export function whoSees({ own, lesson, level, has, recording }: Pick<Situation, "own" | "lesson" | "level" | "has" | "recording">): string {
  // Where the line carries sound alone, none of its picture goes to the lead (`talk/room.ts`).
  const seen = !has.camera ? "nobody" : level === "sound_only" ? "thin" : recording.rooms_seen && isInPicture(own, lesson) ? "all" : "lead";
  const heard = !has.microphone ? "nobody" : own.room.muted ? "muted" : isInSound(own, lesson, recording) ? "all" : "lead";
  return seen === heard ? say(`speaking.${seen}`) : say("speaking.both", { seen: say(`seen.${seen}`), heard: say(`heard.${heard}`) });
}

/** Whether the sound that goes to all rooms has this one, which speaks: `lead/mix.ts`. */
function isInSound({ interactive }: Own, { pictureSource }: Lesson, { rooms_heard }: RecordingRule): boolean {
  return interactive || (rooms_heard && pictureSource === "page");
}

/** Whether the picture that goes to all rooms has this one, which speaks: `lead/composer.ts`. */
function isInPicture({ id, interactive }: Own, { stage, pictureSource }: Lesson): boolean {
  // In the talk all have the lead's page.
  if (pictureSource === "appliance" && !interactive) return false;
  return stage.layout === "all_rooms" || (stage.layout === "room_in_corner" && stage.speaking[stage.speaking.length - 1] === id);
}
