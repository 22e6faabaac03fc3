/** How two lessons are aligned, in the address of the page: who opens it again, or is sent it, sees
 * the same two moments side by side. */
import { clock } from "../../shared/format.ts";

const NAME = "offset";

/** Seconds that the right one is ahead of the left, to a tenth; 0 where the address says none. */
export function offsetIn(search: string): number {
  const said = Number(new URLSearchParams(search).get(NAME));
  return Number.isFinite(said) ? Math.round(said * 10) / 10 : 0;
}

/** The address with another offset in it. */
export function withOffset(address: string, offset: number): string {
  const url = new URL(address);
  if (isAligned(offset)) url.searchParams.delete(NAME);
  else url.searchParams.set(NAME, offset.toFixed(1));
  return url.href;
}

/** Whether both go from their beginning. */
export function isAligned(offset: number): boolean {
  return Math.abs(offset) < 0.05;
}

/** A place in a recording, with the tenth where there is one: they are nudged by half a second. */
export function placeSaid(seconds: number): string {
  const tenths = Math.round(seconds * 10);
  return clock(tenths / 10) + (tenths % 10 ? `.${tenths % 10}` : "");
}
