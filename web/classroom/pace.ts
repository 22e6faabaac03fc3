/**
 * How many bits a second the picture may have. Pure.
 *
 * Down at once when the line is too thin for it, up slowly again: each step down is seen once,
 * each step up that was too bold is a moment of the lesson that comes late.
 */

const DOWN = 0.7;
const UP = 1.15;
const DOWN_EVERY_MS = 2000;
const UP_AFTER_MS = 10_000;
/** Slides and a face can still be told at this; below, the sound is worth more. */
const LEAST = 150_000;

export class Pace {
  bitrate: number;
  private changedAt = -Infinity;
  private readonly wanted: number;

  constructor(wanted: number) {
    this.wanted = wanted;
    this.bitrate = wanted;
  }

  /** The line is congested. True when the rate changes. */
  congested(now: number): boolean {
    return now - this.changedAt >= DOWN_EVERY_MS && this.change(Math.max(LEAST, this.bitrate * DOWN), now);
  }

  /** The line is free. True when the rate changes. */
  free(now: number): boolean {
    return now - this.changedAt >= UP_AFTER_MS && this.change(Math.min(this.wanted, this.bitrate * UP), now);
  }

  private change(bitrate: number, now: number): boolean {
    const changes = Math.round(bitrate) !== this.bitrate;
    this.bitrate = Math.round(bitrate);
    this.changedAt = now;
    return changes;
  }
}
