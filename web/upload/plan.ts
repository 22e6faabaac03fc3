/** What the state asks for: which transfers run, how far the whole lot is, how long it takes. */
import { isPending, type Item } from "./store.ts";

/** Two share a line well: one is in flight while the other waits for its acknowledgement. */
export const AT_ONCE = 2;

/** Keys of transfers to begin and to stop, so that the first `atOnce` that can run do. */
export function plan(items: readonly Item[], atOnce = AT_ONCE): { start: string[]; stop: string[] } {
  // One whose line failed keeps its place: what failed for it would fail for the next.
  const able = items.filter(({ phase }) => ["queued", "uploading", "cut"].includes(phase.name));
  const running = able.slice(0, atOnce);
  return {
    start: running.filter(({ phase }) => phase.name === "queued").map(({ key }) => key),
    stop: able.slice(atOnce).filter(({ phase }) => phase.name === "uploading").map(({ key }) => key),
  };
}

export interface Totals {
  files: number;
  /** Bytes over all files that count: what was refused or known already does not. */
  size: number;
  sent: number;
  /** Seconds until the last byte, null while the speed is unknown or nothing is being sent. */
  left: number | null;
}

export function totals(items: readonly Item[]): Totals {
  const counted = items.filter(({ phase }) => phase.name !== "failed" && phase.name !== "known");
  const size = sum(counted, (item) => item.size);
  const sent = sum(counted, (item) => item.sent);
  const rate = sum(counted, (item) => item.rate);
  // What is paused or absent goes on only when the person says so.
  const toSend = sum(counted.filter((item) => isPending(item) && !["paused", "absent"].includes(item.phase.name)), (item) => item.size - item.sent);
  return { files: counted.length, size, sent, left: rate > 0 && toSend > 0 ? toSend / rate : null };
}

/** For one that waits: how many go before it, and in how many seconds its turn comes. */
export function turnOf(items: readonly Item[], key: string): { before: number; seconds: number | null } {
  const able = items.filter(({ phase }) => ["queued", "uploading", "cut"].includes(phase.name));
  const before = able.slice(0, Math.max(0, able.findIndex((item) => item.key === key)));
  const rate = sum(before, (item) => item.rate);
  return { before: before.length, seconds: rate > 0 ? sum(before, (item) => item.size - item.sent) / rate : null };
}

function sum(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
