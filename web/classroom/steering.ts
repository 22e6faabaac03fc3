/**
 * Keeps a player in step with the lesson: which speed brings the picture that is shown to the one
 * that should be. Pure; times in ms.
 *
 * The speed changes by at most a twentieth, which is not heard, and the error is smoothed, since
 * a busy browser tells single times late.
 */

/** A tenth of the error a picture, at 30 a second: its time constant. */
const SMOOTHING_MS = 316;
/** An error of a second is to be gone in a second, if the speed allowed it. */
const GAIN_MS = 1000;
const MOST_SPEED = 0.05;
/** Less is left alone: the sound's clock of a computer is not worth a change of speed. */
const DEAD_BAND_MS = 4;
/**
 * But what is being corrected is corrected to here, which is the noise of the measurement. Where
 * two rooms rest at the two ends of the band, one shows its pictures a refresh before the other.
 */
const SETTLED_MS = 0.5;
/** A second would take twenty to run in: then a leap is the smaller harm. */
const LEAP_MS = 1000;
/** The picture has just stood still: nobody sees whether it also leaps. */
const FRESH_LEAP_MS = 80;
/** A leap seldom lands exactly; after so many the speed does the rest. */
const FRESH_LEAPS = 2;

export type Order =
  | { kind: "speed"; speed: number }
  /** Behind: leap forward. */
  | { kind: "leap"; ms: number }
  /** Ahead: stand still for so long. */
  | { kind: "hold"; ms: number };

export class Steering {
  /** Smoothed: how far what is shown is behind what should be; negative when it is ahead. */
  error: number | null = null;
  private lastAt = 0;
  private leaps = FRESH_LEAPS;
  private isSettled = false;

  /** The picture stood still (it begins, or a stall is over): a small leap is allowed again. */
  restart(): void {
    this.error = null;
    this.leaps = FRESH_LEAPS;
  }

  /** At `at`, `actual` is shown and `target` should be. */
  step(target: number, actual: number, at: number): Order {
    const error = this.smoothed(target - actual, at);
    if (Math.abs(error) > (this.leaps > 0 ? FRESH_LEAP_MS : LEAP_MS)) {
      this.leaps -= 1;
      this.error = null;
      return error > 0 ? { kind: "leap", ms: error } : { kind: "hold", ms: -error };
    }
    this.isSettled = Math.abs(error) <= (this.isSettled ? DEAD_BAND_MS : SETTLED_MS);
    // It has begun: a new delay of the class is run in, in all rooms alike.
    if (this.isSettled) this.leaps = 0;
    return { kind: "speed", speed: this.isSettled ? 1 : speedFor(error) };
  }

  private smoothed(error: number, at: number): number {
    const weight = 1 - Math.exp(-(at - this.lastAt) / SMOOTHING_MS);
    this.error = this.error === null ? error : this.error + weight * (error - this.error);
    this.lastAt = at;
    return this.error;
  }
}

function speedFor(error: number): number {
  return 1 + Math.max(-MOST_SPEED, Math.min(MOST_SPEED, error / GAIN_MS));
}
