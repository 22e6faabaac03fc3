/**
 * The lesson's clock: the service's time, as this browser knows it (docs/live-protocol.md).
 *
 * `LessonClock` is pure: answers go in, and it says the lesson's time for a time of
 * `performance.now()`. `LineClock` asks over a line.
 */
import type { Line } from "./line.ts";

/** One question and its answer, all in ms: when asked and answered here, and the service's time. */
export interface Answer {
  asked: number;
  received: number;
  at: number;
}

/** The more there are, the better the best; the older, the more the two clocks have run apart. */
const KEPT_ANSWERS = 8;
/** Two clocks run apart by less in the time of so many answers. */
const DRIFT_MS = 20;
/** Corrections run in: a picture steered by this clock must not see it jump. ms a ms. */
const SLOW = 0.02;
const FAST = 0.5;
/** Farther off than any round trip explains: the computer slept, or the service's clock was set. */
const FAR_MS = 200;

export class LessonClock {
  private answers: Answer[] = [];
  /** Lesson time minus local time at `since`, on its way to `target`. */
  private offset = 0;
  private target = 0;
  private since = 0;

  get known(): boolean {
    return this.answers.length > 0;
  }

  answered(answer: Answer): void {
    const first = !this.known;
    const sound = this.answers.filter((known) => agree(known, answer));
    this.answers = [...sound, answer].slice(-KEPT_ANSWERS);
    const best = this.answers.reduce((a, b) => (roundTrip(b) < roundTrip(a) ? b : a));
    const offset = this.at(answer.received) - answer.received;
    this.target = offsetOf(best);
    this.since = answer.received;
    // Time may leap forward, and never back.
    this.offset = first || this.target - offset > FAR_MS ? this.target : offset;
  }

  /** The lesson's time at `local`, in ms since 1970. Never falls while `local` rises. */
  at(local: number): number {
    const error = this.target - this.offset;
    const speed = error < -FAR_MS ? FAST : SLOW;
    const most = speed * Math.max(0, local - this.since);
    return local + this.offset + Math.sign(error) * Math.min(Math.abs(error), most);
  }
}

function offsetOf({ asked, received, at }: Answer): number {
  return at - (asked + received) / 2;
}

/** Whether both can be right. After a computer has slept, what it was told before is not. */
function agree(a: Answer, b: Answer): boolean {
  return Math.abs(offsetOf(a) - offsetOf(b)) <= (roundTrip(a) + roundTrip(b)) / 2 + DRIFT_MS;
}

function roundTrip({ asked, received }: Answer): number {
  return received - asked;
}

const FIRST_QUESTIONS = 5;
const FIRST_PAUSE_MS = 200;
const PAUSE_MS = 5000;

export class LineClock {
  /** Kept once the lesson's time is known. */
  readonly ready: Promise<void>;
  readonly core = new LessonClock();
  private isReady: () => void = () => undefined;
  private questions = new Map<number, number>();
  private asked = 0;
  private timer = 0;
  private readonly line: Line;

  constructor(line: Line) {
    this.line = line;
    this.ready = new Promise((resolve) => (this.isReady = resolve));
    line.on("open", () => this.begin());
    line.on("message", (message) => this.onMessage(message));
    line.on("broken", () => clearTimeout(this.timer));
    line.on("closed", () => this.end());
  }

  /** The lesson's time now, in ms; no earlier than what it said before. */
  now(): number {
    return this.at(performance.now());
  }

  /** The lesson's time at a time of `performance.now()`. */
  at(local: number): number {
    return this.core.at(local);
  }

  private begin(): void {
    // Questions of a line that broke get no answer.
    this.questions.clear();
    // A line that may have died with the old network shows it by not answering.
    window.addEventListener("online", this.onOnline);
    this.askAgain(FIRST_QUESTIONS);
  }

  private end(): void {
    clearTimeout(this.timer);
    this.questions.clear();
    window.removeEventListener("online", this.onOnline);
  }

  private readonly onOnline = (): void => this.ask();

  private askAgain(quickly: number): void {
    clearTimeout(this.timer);
    this.ask();
    const pause = quickly > 1 ? FIRST_PAUSE_MS : PAUSE_MS;
    this.timer = window.setTimeout(() => this.askAgain(quickly - 1), pause);
  }

  private ask(): void {
    this.asked += 1;
    if (this.line.send({ ping: this.asked })) this.questions.set(this.asked, performance.now());
  }

  private onMessage(message: object): void {
    const { pong, at } = message as { pong?: unknown; at?: unknown };
    if (typeof pong !== "number" || typeof at !== "number") return;
    const asked = this.questions.get(pong);
    if (asked === undefined) return;
    this.questions.delete(pong);
    this.core.answered({ asked, received: performance.now(), at });
    this.isReady();
  }
}
