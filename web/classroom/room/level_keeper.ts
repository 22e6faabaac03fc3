/**
 * Keeps a room, or who watches, at what the line carries: by itself, or as a person chose on this device. What was
 * found out is remembered, so that the next lesson does not begin with a stall.
 */
import { recall, remember } from "../../shared/remember.ts";
import { Emitter } from "../emitter.ts";
import type { Level } from "../vocabulary.ts";
import { LADDER, LevelLaw } from "./level.ts";
import type { Lesson } from "./lesson.ts";

export type Choice = Level | "auto";

interface LevelEvents {
  level: Level;
}

/** The lesson as it comes by the talk. */
interface Talked {
  readonly video: HTMLVideoElement;
  /** Another, when sound has come. */
  readonly heardAt: number;
}

const LOOK_MS = 1000;
/** A stall that lasts is a stall again. */
const STALL_MS = 3000;
/** A picture that goes by fits and starts: of the last looks so many found nothing to play on. */
const LOOKS = 6;
const STARVED = 3;
/** The playlist goes so far beyond what should be shown: it is the picture that does not come. */
const AHEAD_MS = 200;
const MEASURED_MS = 2000;
/** A service that starts anew has its small picture again within seconds. */
const ABSENT_MS = 6000;
/** A machine that was busy is asked again. */
const ASK_AGAIN_MS = 60_000;
const WITH_PICTURE: readonly Level[] = ["full", "small_picture"];
const LEVEL = "room-level";
const CHOICE = "room-level-choice";

export class LevelKeeper extends Emitter<LevelEvents> {
  choice: Choice = known(recall(CHOICE)) ?? "auto";
  private law = new LevelLaw(known(recall(LEVEL)) ?? "full", performance.now());
  private readonly lesson: Lesson;
  private readonly probe: string;
  private readonly talk: Talked | null;
  private talkFrames = 0;
  private talkHeardAt = 0;
  private stalledAt = -Infinity;
  private starved: boolean[] = [];
  private isMeasuring = false;
  /** The small picture that is wanted is not made: the service makes it while it has time. */
  private isMissing = false;
  private presentAt = performance.now();
  private askedAt = -Infinity;
  private told = this.level;
  private timer = 0;

  /** `probe`: address of some hundred kilobytes, for measuring. */
  constructor(lesson: Lesson, probe: string, talk: Talked | null = null) {
    super();
    this.talk = talk;
    this.lesson = lesson;
    this.probe = probe;
  }

  get level(): Level {
    return this.wanted === "small_picture" && this.isMissing ? "slides_and_sound" : this.wanted;
  }

  private get wanted(): Level {
    return this.choice === "auto" ? this.law.level : this.choice;
  }

  start(): void {
    this.timer = window.setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  choose(choice: Choice): void {
    const before = this.level;
    this.choice = choice;
    remember(CHOICE, choice);
    if (choice === "auto") this.law = new LevelLaw(before, performance.now());
    this.changed();
  }

  private look(): void {
    // Another picture would take who looks back to now.
    const isBack = this.lesson.receiver?.following === false;
    const now = performance.now();
    if (!isBack) this.lookForSmall(now);
    if (isBack || this.choice !== "auto") {
      this.starved = [];
      return;
    }
    this.starved = [...this.starved, this.isStarved].slice(-LOOKS);
    const stands = this.stands || this.starved.filter(Boolean).length >= STARVED;
    if (stands && now - this.stalledAt >= STALL_MS) {
      this.stalledAt = now;
      this.starved = [];
      if (this.law.stalled(now)) this.changed();
    } else if (this.law.wantsMeasure(now) && !this.isMeasuring) void this.measure();
  }

  private lookForSmall(now: number): void {
    if (this.wanted !== "small_picture") this.isMissing = false;
    // The talk's is made by the lead, for this room.
    else if (this.isMissing && this.lesson.isTalking) {
      this.isMissing = false;
      this.changed();
    }
    if (this.isMissing) {
      if (now - this.askedAt >= ASK_AGAIN_MS) void this.askForSmall(now);
    } else if (this.wanted !== "small_picture" || !this.lesson.receiver?.isAbsent) this.presentAt = now;
    else if (now - this.presentAt >= ABSENT_MS) {
      this.isMissing = true;
      this.askedAt = now;
      this.changed();
    }
  }

  private async askForSmall(now: number): Promise<void> {
    this.askedAt = now;
    const isMade = await this.lesson.offers("small");
    if (isMade === null || this.lesson.isTalking) return;
    this.isMissing = !isMade;
    this.presentAt = performance.now();
    this.changed();
  }

  /** The lesson goes on and this room's picture does not, though its line to the class is there. */
  private get stands(): boolean {
    const { receiver, session } = this.lesson;
    if (this.lesson.isTalking) return session.line.state === "open" && this.talkStands();
    if (!receiver?.following || session.line.state !== "open") return false;
    return receiver.state === "broken" || (receiver.state === "waiting" && this.isAhead);
  }

  /** It has a picture for a moment, and leaps to the next: a line that nearly carries what it should. */
  private get isStarved(): boolean {
    const { receiver, session, isTalking } = this.lesson;
    return !isTalking && session.line.state === "open" && receiver?.following === true && receiver.isStarved && this.isAhead;
  }

  /** Whether what should be shown is there to be fetched. */
  private get isAhead(): boolean {
    const { receiver, session, delayMs } = this.lesson;
    return receiver?.edge != null && receiver.edge > session.clock.now() - delayMs + AHEAD_MS;
  }

  /**
   * Since the last look; the lead sends thirty pictures a second, where a level has any. A line that
   * carries no sound either is cut, and not too thin: it comes back to what it carried.
   */
  private talkStands(): boolean {
    const { talkFrames, talkHeardAt } = this;
    this.talkFrames = this.talk?.video.getVideoPlaybackQuality().totalVideoFrames ?? 0;
    this.talkHeardAt = this.talk?.heardAt ?? 0;
    const stands = this.talkFrames === talkFrames && this.talkHeardAt !== talkHeardAt;
    return stands && !document.hidden && WITH_PICTURE.includes(this.level);
  }

  private async measure(): Promise<void> {
    this.isMeasuring = true;
    const bits = await throughput(this.probe, MEASURED_MS);
    const isMade = await this.lesson.offers("small");
    this.isMeasuring = false;
    if (!this.law.measured(bits, performance.now())) return;
    this.isMissing = isMade === false && !this.lesson.isTalking;
    this.changed();
  }

  private changed(): void {
    remember(LEVEL, this.law.level);
    if (this.level === this.told) return;
    this.told = this.level;
    this.tell("level", this.level);
    // Rather than find out by a picture that does not come.
    if (this.level === "small_picture" && !this.lesson.isTalking) void this.askForSmall(performance.now());
  }
}

function known(value: string | null): Level | null {
  return LADDER.find((level) => level === value) ?? null;
}

/** Bits a second that come from an address, measured for at most `ms`; 0 where nothing comes. */
export async function throughput(address: string, ms: number): Promise<number> {
  const stop = new AbortController();
  const timer = window.setTimeout(() => stop.abort(), ms);
  let bytes = 0;
  let since = performance.now();
  try {
    const reader = (await fetch(address, { cache: "no-store", signal: stop.signal })).body?.getReader();
    // The round trip before the first byte is not the line's width.
    since = performance.now();
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) bytes += read.value.length;
  } catch {
    // Stopped, or the line broke: what came is what counts.
  } finally {
    clearTimeout(timer);
  }
  return bytes === 0 ? 0 : (bytes * 8000) / Math.max(1, performance.now() - since);
}
