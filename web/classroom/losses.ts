/**
 * What a busy computer leaves out of the lesson before it is coded: pictures for which the encoder has
 * no time, and sound that the browser did not come to hear. Nothing brings it back, so whoever leads
 * the class is told. Pure.
 */

const WINDOW_MS = 10_000;
/** Some pictures are lost whenever an encoder begins; half a second of them is seen. */
const MOST_PICTURE_MS = 500;
/** A syllable. */
const MOST_SOUND_MS = 200;
/** So long a hole is no busy computer: it slept. */
const SLEPT_MS = 5000;

export type Lost = "picture" | "sound" | "both";

export class Losses {
  private readonly picture = new Lately();
  private readonly sound = new Lately();

  /** `ms` of the lesson are lost; `now` is of any clock that goes on. */
  losePicture(ms: number, now: number): void {
    this.picture.add(ms, now);
  }

  loseSound(ms: number, now: number): void {
    this.sound.add(ms, now);
  }

  /** What is missing from the last ten seconds; null: nothing that anybody sees or hears. */
  lost(now: number): Lost | null {
    const picture = this.picture.sum(now) >= MOST_PICTURE_MS;
    const sound = this.sound.sum(now) >= MOST_SOUND_MS;
    if (picture && sound) return "both";
    return picture ? "picture" : sound ? "sound" : null;
  }
}

class Lately {
  private losses: { ms: number; at: number }[] = [];

  add(ms: number, at: number): void {
    if (ms < SLEPT_MS) this.losses.push({ ms, at });
    this.forget(at);
  }

  sum(now: number): number {
    this.forget(now);
    return this.losses.reduce((sum, { ms }) => sum + ms, 0);
  }

  private forget(now: number): void {
    this.losses = this.losses.filter(({ at }) => at > now - WINDOW_MS);
  }
}
