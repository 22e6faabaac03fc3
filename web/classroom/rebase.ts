/**
 * Capture times on the lesson's clock. Pure.
 *
 * A track counts from a beginning of its own, at a pace of its own (a microphone's crystal), and
 * says neither. What can be seen is when its data arrive: late by how busy the browser is, never
 * early. So the earliest arrivals of the last seconds tell where the track's clock stands.
 */

/** Long enough to hold an arrival that nothing delayed. */
const WINDOW_MS = 3000;
/** The first data come late, while devices and decoders start: they are only looked at. */
const WARM_UP_MS = 200;
/** How fast a correction runs in, ms a ms: what nobody hears, and what is better heard than kept. */
const SLOW = 0.005;
const FAST = 0.05;
const FAR_MS = 100;
/** The computer slept: there is nothing to run through. */
const LEAP_MS = 500;

interface Arrival {
  arrived: number;
  offset: number;
}

export class Rebase {
  /** Arrivals earlier than all later ones of the window; the first is the earliest. */
  private earliest: Arrival[] = [];
  private first: number | null = null;
  private lastArrived = 0;
  /** Lesson time minus track time, ms. */
  private offset = 0;
  private lastUs = 0;
  private readonly leastStepUs: number;

  /** `leastStepUs`: how far apart two times are at least. */
  constructor(leastStepUs = 1) {
    this.leastStepUs = leastStepUs;
  }

  /** Another track, with a clock of its own; its times still come after those before. */
  restart(): void {
    this.earliest = [];
    this.first = null;
  }

  /** What ends at `positionUs` of the track has arrived at `arrived`, in ms of the lesson. */
  observe(positionUs: number, arrived: number): void {
    const seen = { arrived, offset: arrived - positionUs / 1000 };
    this.earliest = this.earliest.filter((one) => one.offset < seen.offset && one.arrived > arrived - WINDOW_MS);
    this.earliest.push(seen);
    this.first ??= arrived;
    this.follow((this.earliest[0] ?? seen).offset, arrived - this.lastArrived);
    this.lastArrived = arrived;
  }

  /** Times can be relied on. */
  get warm(): boolean {
    return this.first !== null && this.lastArrived - this.first >= WARM_UP_MS;
  }

  /** The lesson's time of `positionUs`, in µs; later than the one before. */
  at(positionUs: number): number {
    const time = Math.round(positionUs + this.offset * 1000);
    this.lastUs = Math.max(time, this.lastUs + this.leastStepUs);
    return this.lastUs;
  }

  /** A time for what no track has sent, `us` after the last. */
  after(us: number): number {
    this.lastUs += Math.max(this.leastStepUs, Math.round(us));
    return this.lastUs;
  }

  private follow(target: number, elapsed: number): void {
    const error = target - this.offset;
    if (!this.warm || error > LEAP_MS) {
      this.offset = target;
      return;
    }
    const most = (Math.abs(error) > FAR_MS ? FAST : SLOW) * Math.max(0, elapsed);
    this.offset += Math.sign(error) * Math.min(Math.abs(error), most);
  }
}
