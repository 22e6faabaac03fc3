/** Looking back during the lesson, then catching up, or going to now. */
import { Emitter } from "../emitter.ts";
import type { Lesson } from "./lesson.ts";

interface BackEvents {
  /** Seconds behind now; null: in the lesson again. */
  behind: number | null;
}

const STEP_S = 10;
const FASTER = 1.25;
const LOOK_MS = 250;
/** So near to now, the steering does the rest. */
const THERE_MS = 900;

export class LookingBack extends Emitter<BackEvents> {
  isBack = false;
  private readonly lesson: Lesson;
  private timer = 0;

  constructor(lesson: Lesson) {
    super();
    this.lesson = lesson;
  }

  back(): void {
    this.move(-STEP_S);
  }

  forward(): void {
    if (this.isBack) this.move(STEP_S);
  }

  /** Play on faster than the lesson until it is reached. */
  catchUp(): void {
    if (!this.isBack) return;
    const { video } = this.lesson;
    video.playbackRate = FASTER;
    void video.play().catch(() => undefined);
  }

  toNow(): void {
    const { receiver } = this.lesson;
    if (!this.isBack || !receiver) return;
    clearInterval(this.timer);
    this.isBack = false;
    receiver.following = true;
    void this.lesson.video.play().catch(() => undefined);
    this.tell("behind", null);
  }

  /** Stand still, and go on from there: behind the others. */
  togglePause(): void {
    const { video } = this.lesson;
    if (video.paused) void video.play().catch(() => undefined);
    else video.pause();
    if (!this.isBack) this.move(0);
  }

  /** To a moment of the lesson, as far as the player has it. */
  to(moment: number): void {
    const shown = this.lesson.receiver?.moment;
    if (typeof shown === "number") this.move((moment - shown) / 1000);
  }

  private move(seconds: number): void {
    const { receiver, video } = this.lesson;
    if (!receiver || receiver.moment === null || (!this.isBack && seconds > 0)) return;
    if (!this.isBack) {
      this.isBack = true;
      receiver.following = false;
      this.timer = window.setInterval(() => this.look(), LOOK_MS);
    }
    const { seekable } = video;
    const first = seekable.length ? seekable.start(0) : 0;
    video.currentTime = Math.max(first, video.currentTime + seconds);
    this.look();
  }

  private look(): void {
    const { receiver, session, delayMs } = this.lesson;
    // Another picture has taken its place.
    if (!receiver || receiver.following) {
      clearInterval(this.timer);
      this.isBack = false;
      this.tell("behind", null);
      return;
    }
    const behind = session.clock.now() - delayMs - (receiver.moment ?? 0);
    if (behind < THERE_MS && !this.lesson.video.paused) this.toNow();
    else this.tell("behind", behind / 1000);
  }
}
