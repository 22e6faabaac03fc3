/** What an event changes of the room that it is about: `tongke/live/state.py`. */
import type { Happened, Level, Playing, Room } from "./vocabulary.ts";

const CHANGES: Readonly<Record<string, (event: Happened) => Partial<Room>>> = {
  admit: () => ({ admitted: true, removed: false }),
  remove: () => ({ admitted: false, removed: true, hand: 0 }),
  mute: ({ on }) => ({ muted: on as boolean }),
  raise_hand: ({ count }) => ({ hand: count as number }),
  lower_hand: () => ({ hand: 0 }),
  head_count: ({ heads }) => ({ heads: heads as number, counted: true }),
  line: ({ level }) => ({ level: level as Level }),
  mode: ({ playing }) => ({ playing: playing as Playing }),
};

/** Null of an event that changes no room. */
export function roomChange(event: Happened): Partial<Room> | null {
  return CHANGES[event.kind]?.(event) ?? null;
}
