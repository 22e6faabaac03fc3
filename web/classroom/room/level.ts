/**
 * What a room's line carries: how far the room comes down when it stalls, and when it may go up
 * again. Pure; times in ms.
 *
 * Down soon, up slowly, and after an ascent that failed more slowly still: each change is seen by
 * a whole class.
 */
import { isDrawn } from "../slide.ts";
import type { Level, Page, View } from "../vocabulary.ts";

/** From the most to the least. */
export const LADDER: readonly Level[] = ["full", "small_picture", "slides_and_sound", "sound_only"];
/** Bits a second that a level asks of the line, with what it needs to keep up. */
export const NEEDS: Readonly<Record<Level, number>> = { full: 2_200_000, small_picture: 900_000, slides_and_sound: 300_000, sound_only: 150_000 };
/** Whether a screen at this level has nothing to look at: words stand there then. */
export function isBlank(level: Level, screen: { layout: View; page: Page | null }): boolean {
  return level === "sound_only" || (level === "slides_and_sound" && !isDrawn(screen));
}

const STALLS = 2;
const WITHIN_MS = 30_000;
/** Just after a change the player fills its buffers. */
const SETTLE_MS = 8_000;
const FIRST_PATIENCE_MS = 60_000;
const MOST_PATIENCE_MS = 600_000;

export class LevelLaw {
  level: Level;
  private stalls: number[] = [];
  private changedAt: number;
  private calmSince: number;
  private patience = FIRST_PATIENCE_MS;
  private hasRisen = false;

  constructor(level: Level, now: number) {
    this.level = level;
    this.changedAt = this.calmSince = now;
  }

  /** The lesson went on, and the picture stood still. True when the level changes. */
  stalled(now: number): boolean {
    this.calmSince = now;
    if (now - this.changedAt < SETTLE_MS) return false;
    this.stalls = [...this.stalls.filter((at) => at > now - WITHIN_MS), now];
    const lower = LADDER[LADDER.indexOf(this.level) + 1];
    if (this.stalls.length < STALLS || !lower) return false;
    if (this.hasRisen) this.wait();
    this.hasRisen = false;
    return this.become(lower, now);
  }

  /** Whether it is time to measure if the line carries more. */
  wantsMeasure(now: number): boolean {
    return this.level !== LADDER[0] && now - this.calmSince >= this.patience;
  }

  /** The line carried so many bits a second just now: up to where it does. True when the level changes. */
  measured(bits: number, now: number): boolean {
    this.calmSince = now;
    if (this.level === LADDER[0]) return false;
    const higher = LADDER.slice(0, LADDER.indexOf(this.level)).find((level) => bits >= NEEDS[level]);
    if (!higher) {
      this.wait();
      return false;
    }
    this.hasRisen = true;
    return this.become(higher, now);
  }

  private wait(): void {
    this.patience = Math.min(MOST_PATIENCE_MS, this.patience * 2);
  }

  private become(level: Level, now: number): boolean {
    this.level = level;
    this.stalls = [];
    this.changedAt = this.calmSince = now;
    return true;
  }
}
