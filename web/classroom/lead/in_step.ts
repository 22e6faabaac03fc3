/** What the rooms say of themselves, in the line above: how many follow the lesson and how far apart, speak, or look back. */
import type { Roster, Seated } from "./roster.ts";
import { say, type Key } from "./say.ts";

/** Whether the lesson goes out: before it has begun, and while its picture is away, no room follows it. */
export type Going = "before" | "out" | "stopped";

export interface InStep {
  words: string;
  /** A shape and colour of `.state`. */
  style: "" | "lowered" | "waiting";
}

/** Farther from their middle than this, rooms hear each other's lesson as an echo. */
const APART_MS = 100;

export function inStep({ rooms, spreadMs }: Pick<Roster, "rooms" | "spreadMs">, going: Going): InStep {
  const here = rooms.filter(({ admitted, present }) => admitted && present);
  if (here.length === 0) return { words: say("sync.none"), style: "waiting" };
  const follow = here.filter(({ playing }) => playing === "lesson");
  const isApart = going === "out" && spreadMs !== null && spreadMs > APART_MS;
  const parts = [
    ...(going === "out" ? following(follow, spreadMs) : [counted(follow, going === "before" ? "sync.here" : "sync.stopped")]),
    counted(here.filter(({ playing }) => playing === "talk"), "sync.talk"),
    counted(here.filter(({ playing }) => playing === "past"), "sync.past"),
  ];
  const isLowered = isApart || (going === "stopped" && follow.length > 0);
  return { words: parts.filter(Boolean).join(say("comma")), style: isLowered ? "lowered" : "" };
}

/** A room that has measured nothing yet is here, and no more is known of it. */
function following(rooms: readonly Seated[], spreadMs: number | null): string[] {
  const measured = rooms.filter(({ lagMs }) => lagMs !== null);
  const still = counted(rooms.filter(({ lagMs }) => lagMs === null), "sync.here");
  if (spreadMs === null) return [counted(measured, "sync.step"), still];
  // The service says how far they are from their middle: the first and the last are twice as far apart.
  const apart = ((2 * spreadMs) / 1000).toFixed(1);
  return [counted(measured, spreadMs > APART_MS ? "sync.farApart" : "sync.apart", { spread: Math.max(1, spreadMs), apart }), still];
}

function counted(rooms: readonly Seated[], key: Key, more: Record<string, string | number> = {}): string {
  return rooms.length ? say(key, { n: rooms.length, ...more }) : "";
}
