/**
 * Looking back during the lesson, then catching up, or going to now.
 *
 * The talk has no past: who looks back from there leaves it, and the lesson's own picture comes first.
 */
import { Emitter } from "../emitter.ts";
import type { ReceiverState } from "../receiver.ts";
import type { Lesson } from "./lesson.ts";

interface BackEvents {
  /** Seconds behind now; null: in the lesson again. Said in the talk, it is left for that. */
  behind: number | null;
}

const STEP_S = 10;
const FASTER = 1.25;
const LOOK_MS = 250;
/** So near to now, the steering does the rest. */
const THERE_MS = 900;
/** Nearer to now than this, a player that is new has found its place; before, it stands where its playlist begins. */
const FOUND_MS = 3000;
/** A player that is sent to before its first piece, if by a hair, loads the last one and waits for ever. */
const CLEAR_S = 0.1;
const PLAYS: readonly ReceiverState[] = ["in-step", "catching-up"];

export class LookingBack extends Emitter<BackEvents> {
  isBack = false;
  private readonly lesson: Lesson;
  /** Out of the talk, and the lesson's own picture is still to come. */
  isComing = false;
  private timer = 0;

  constructor(lesson: Lesson) {
    super();
    this.lesson = lesson;
  }

  back(): void {
    if (this.lesson.isTalking) this.come();
    else if (!this.isComing) this.move(-STEP_S);
  }

  forward(): void {
    if (this.isBack && !this.isComing) this.move(STEP_S);
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
    if (!this.isBack) return;
    if (receiver) receiver.following = true;
    void this.lesson.video.play().catch(() => undefined);
    this.end();
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

  private come(): void {
    this.isBack = this.isComing = true;
    this.watch();
    this.tell("behind", 0);
  }

  private arrive(): void {
    const { receiver, video, isTalking } = this.lesson;
    // Called up meanwhile.
    if (isTalking) this.end();
    else if (receiver && PLAYS.includes(receiver.state) && Math.abs(this.behindMs) < FOUND_MS) {
      this.isComing = false;
      receiver.following = false;
      this.move(this.behindMs / 1000 - STEP_S);
      // The player is new, and begins by itself only while it follows.
      void video.play().catch(() => undefined);
    }
  }

  /** How long before what should be shown now; infinite before there is any picture. */
  private get behindMs(): number {
    const { receiver, session, delayMs } = this.lesson;
    return typeof receiver?.moment === "number" ? session.clock.now() - delayMs - receiver.moment : Infinity;
  }

  private end(): void {
    clearInterval(this.timer);
    this.isBack = this.isComing = false;
    this.tell("behind", null);
  }

  private watch(): void {
    clearInterval(this.timer);
    this.timer = window.setInterval(() => (this.isComing ? this.arrive() : this.look()), LOOK_MS);
  }

  private move(seconds: number): void {
    const { receiver, video } = this.lesson;
    if (!receiver || receiver.moment === null || (!this.isBack && seconds > 0)) return;
    if (!this.isBack) {
      this.isBack = true;
      receiver.following = false;
      this.watch();
    }
    const { seekable } = video;
    const first = Math.max(seekable.length ? seekable.start(0) : 0, (receiver.beginning ?? 0) + CLEAR_S);
    video.currentTime = Math.max(first, video.currentTime + seconds);
    this.look();
  }

  private look(): void {
    const { receiver, video } = this.lesson;
    // Another picture has taken its place.
    if (!receiver || receiver.following) {
      this.end();
      return;
    }
    // Before the first piece nothing says when it was.
    if (receiver.moment === null) return;
    const behind = this.behindMs;
    if (behind < THERE_MS && !video.paused) this.toNow();
    // A clock that was set anew may be a blink before the picture.
    else this.tell("behind", Math.max(0, behind) / 1000);
  }
}
