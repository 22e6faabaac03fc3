/**
 * By how much the player's clock has to run ahead of the lesson's, so that the pictures are shown in
 * their moment. Pure; times in ms.
 *
 * `Steering` follows the player's clock, which moves evenly; but how long after it a picture is on
 * the screen differs from browser to browser: by the sound's latency, and because a picture waits
 * for a refresh. Steered by the clock alone, a room stood up to a picture behind for a whole lesson.
 * So the mean of what is seen corrects it, now and then and by little; where no refresh is nearer it
 * leaves the room alone, as each correction costs a picture.
 */

/** Between two corrections: what the last one brought is seen by then. */
const SETTLES_MS = 2000;
const MEASURED_MS = 2000;
/** Half of it, as the rest may be the step of a whole refresh. */
const PART = 0.5;
/** Half a picture of 30 a second, and a little: a browser that shows nothing else refreshes no oftener. */
const REST_MS = 17;
/** Farther off it is not the screen: the class is being caught up. */
const FAR_MS = 80;
/** Sound ahead of the picture by more would be noticed (ITU-R BT.1359: from 45 ms). */
const MOST_MS = 40;

export class Trim {
  /** Positive: the player's clock runs ahead. */
  ms = 0;
  private sum = 0;
  private count = 0;
  private since: number | null = null;

  /** The pictures begin anew: what was seen before says nothing of them. */
  restart(at: number): void {
    this.sum = 0;
    this.count = 0;
    this.since = at + SETTLES_MS;
  }

  /** At `at` a picture is shown, `late` after its moment (negative: early). */
  seen(at: number, late: number): void {
    if (this.since === null || Math.abs(late) > FAR_MS) return this.restart(at);
    if (at < this.since) return;
    this.sum += late;
    this.count += 1;
    if (at - this.since >= MEASURED_MS) this.correct(at);
  }

  private correct(at: number): void {
    const mean = this.sum / this.count;
    if (Math.abs(mean) > REST_MS) this.ms = Math.max(-MOST_MS, Math.min(MOST_MS, this.ms + PART * mean));
    this.restart(at);
  }
}
