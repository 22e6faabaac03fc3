/** The player's keys, as data: what a key does, and the list that `?` shows. */
import type { Key } from "../shared/i18n.ts";

export type Command =
  | { name: "toggle" | "mute" | "fullscreen" | "help" }
  | { name: "skip"; seconds: number }
  | { name: "volume"; by: number }
  | { name: "speed"; steps: number }
  | { name: "part"; tenths: number };

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

const KEYS: Record<string, Command> = {
  " ": { name: "toggle" },
  k: { name: "toggle" },
  ArrowLeft: { name: "skip", seconds: -5 },
  ArrowRight: { name: "skip", seconds: 5 },
  j: { name: "skip", seconds: -10 },
  l: { name: "skip", seconds: 10 },
  ArrowUp: { name: "volume", by: 0.05 },
  ArrowDown: { name: "volume", by: -0.05 },
  m: { name: "mute" },
  f: { name: "fullscreen" },
  "<": { name: "speed", steps: -1 },
  ">": { name: "speed", steps: 1 },
  "?": { name: "help" },
  // A Chinese input method gives these for the same keys.
  "《": { name: "speed", steps: -1 },
  "》": { name: "speed", steps: 1 },
  "？": { name: "help" },
};

/** What a key asks for; null when it is none of ours, or belongs to the browser. */
export function commandOf(pressed: Pressed): Command | null {
  if (pressed.ctrlKey || pressed.metaKey || pressed.altKey) return null;
  if (/^[0-9]$/.test(pressed.key)) return { name: "part", tenths: Number(pressed.key) };
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  return KEYS[key] ?? null;
}

/** Commands whose keys the page itself uses: they are ours only while the player has the focus. */
export function needsFocus(command: Command): boolean {
  return command.name === "volume";
}

/** The keys and what they do, in the order of the list. */
export const SHORTCUTS: readonly [keys: string, meaning: Key][] = [
  ["Space K", "keys.toggle"],
  ["← →", "keys.skip5"],
  ["J L", "keys.skip10"],
  ["0 – 9", "keys.part"],
  ["↑ ↓", "keys.volume"],
  ["M", "keys.mute"],
  ["< >", "keys.speed"],
  ["F", "keys.fullscreen"],
  ["?", "keys.help"],
];
