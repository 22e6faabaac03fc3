/**
 * Plays a lesson in step with every other room of the class.
 *
 * The playlist says when what is played was captured (EXT-X-PROGRAM-DATE-TIME), the lesson's clock
 * what time it is; the difference should be the class' delay, and `Steering` keeps it so. Runs on
 * Chromium 86.
 */
import { bufferedUntil } from "./buffered.ts";
import { dateAt, placeOf } from "./dates.ts";
import { Emitter } from "./emitter.ts";
import { KeptPlace } from "./kept_place.ts";
import { LiveSource } from "./live.ts";
import { Readout, type Measure } from "./measuring.ts";
import { Stalls } from "./stalls.ts";
import { Steering, type Order } from "./steering.ts";
import { Trim } from "./trim.ts";

export interface ReceiverOptions {
  video: HTMLVideoElement;
  /** A playlist of the lesson: `/live/{class}/hls/source/live.m3u8`, or another rendition's. */
  address: string;
  /** The lesson's clock: its time, in ms, at a time of `performance.now()`. */
  clock: { at(local: number): number };
  /** How long after its capture a picture is shown: one number for the class. */
  delayMs: number;
}

/**
 * `waiting`: nothing is sent now. `broken`: nothing reaches us. `ended`: nothing more will come.
 * Else the lesson plays, `in-step` or `catching-up`.
 */
export type ReceiverState = "waiting" | "in-step" | "catching-up" | "broken" | "ended";

export interface ReceiverEvents {
  state: ReceiverState;
  /** Once a second, while it plays. */
  measure: Measure;
  /** Each picture: the moment of the lesson that is shown, in ms of the lesson's clock. */
  moment: number;
  /** The browser plays only after a click. */
  blocked: undefined;
  /** As `LiveSource` says it. */
  playerless: undefined;
}

/** A picture, more or less: nobody sees it between two rooms. */
const IN_STEP_MS = 40;
/** Between the end of the playlist and what is captured now: a part on its way. */
const EDGE_LAG_S = 0.4;
const LEAST_SYNC_S = 0.5;
/** A leap into what is not loaded costs a moment: only a big one is worth that. */
const BLIND_LEAP_MS = 1000;
const MOST_LEAP_COST_MS = 500;
const WATCH_MS = 500;
const MEASURE_MS = 1000;
const NOT_FOUND = 404;
/** With so much delay there is time for a segment of two seconds and its way. */
const SEGMENTS_FIT_MS = 4000;
/** A line that needs more than this is behind with parts; with segments, a good one needs less. */
const PARTS_NEED_MS = 3000;

export class Receiver extends Emitter<ReceiverEvents> {
  state: ReceiverState = "waiting";
  delayMs: number;
  private readonly steering = new Steering();
  private readonly trim = new Trim();
  private readonly readout = new Readout();
  private readonly source: LiveSource;
  private readonly stalls: Stalls;
  private readonly kept: KeptPlace;
  private readonly video: HTMLVideoElement;
  private readonly clock: ReceiverOptions["clock"];
  private isFollowing = true;
  private isClosed = false;
  private holdTimer = 0;
  private leapt = false;
  private leapCostMs = 0;
  private lastFrame = -Infinity;
  private measuredAt = 0;
  private frameRequest = 0;
  private watch = 0;

  constructor({ video, address, clock, delayMs }: ReceiverOptions) {
    super();
    this.video = video;
    this.clock = clock;
    this.delayMs = delayMs;
    this.source = new LiveSource(video, address, Math.max(LEAST_SYNC_S, delayMs / 1000 - EDGE_LAG_S));
    this.source.on("playerless", () => this.tell("playerless", undefined));
    this.kept = new KeptPlace(video);
    this.source.on("anew", () => this.isFollowing || this.kept.keep(this.moment));
    this.stalls = new Stalls({
      video, source: this.source, target: () => this.target(performance.now()), leapTo: (moment) => this.leapTo(moment), play: () => this.play(),
    });
  }

  async open(): Promise<void> {
    for (const [event, act] of this.listeners) this.video.addEventListener(event, act);
    this.watch = window.setInterval(() => this.look(), WATCH_MS);
    await this.source.open();
    this.requestFrame();
  }

  close(): void {
    for (const [event, act] of this.listeners) this.video.removeEventListener(event, act);
    clearInterval(this.watch);
    clearTimeout(this.holdTimer);
    this.isClosed = true;
    this.source.close();
  }

  /** False while a person looks back: then the player is theirs. */
  get following(): boolean {
    return this.isFollowing;
  }

  set following(on: boolean) {
    this.isFollowing = on;
    this.kept.forget();
    this.release();
    this.readout.clear();
    if (on) this.leapTo(this.target(performance.now()));
  }

  /** The moment of the lesson that is shown, in ms of its clock; null before there is any. */
  get moment(): number | null {
    return this.kept.moment ?? dateAt(this.source.pieces, this.video.currentTime);
  }

  /** Where the playlist begins, in seconds of the media; null before there is any. */
  get beginning(): number | null {
    return this.source.pieces[0]?.start ?? null;
  }

  /** The moment up to which the playlist goes: later than what is shown, while the line keeps up. */
  get edge(): number | null {
    const last = this.source.pieces[this.source.pieces.length - 1];
    return last ? last.date + last.duration * 1000 : null;
  }

  /** Whether there is nothing to play on: what is shown stands now, or will in a moment. */
  get isStarved(): boolean {
    return this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
  }

  /** Whether the service says that there is no such playlist. */
  get isAbsent(): boolean {
    return this.source.trouble?.status === NOT_FOUND;
  }

  private readonly listeners: [string, () => void][] = [
    ["canplay", () => this.onCanPlay()],
    ["playing", () => this.onPlaying()],
    // Another source has other pictures, and forgets who asked for them.
    ["loadedmetadata", () => this.requestFrame()],
    ["timeupdate", () => this.onTime()],
  ];

  /** After a stall a small leap is allowed again; after a leap of ours it would never end. */
  private onPlaying(): void {
    if (!this.leapt) this.steering.restart();
  }

  private onCanPlay(): void {
    if (this.kept.isKept) this.comeBack();
    this.play();
  }

  /** To the moment that was looked back to, or to now where that is no more to be had. */
  private comeBack(): void {
    const { moment } = this.kept;
    const place = moment === null ? null : placeOf(this.source.pieces, moment);
    if (place === null) this.following = true;
    else this.kept.comeBack(place);
  }

  private play(): void {
    if (!this.video.paused || !this.isFollowing) return;
    this.video.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.tell("blocked", undefined);
    });
  }

  private requestFrame(): void {
    if (this.isClosed || !("requestVideoFrameCallback" in this.video)) return;
    this.video.cancelVideoFrameCallback(this.frameRequest);
    this.frameRequest = this.video.requestVideoFrameCallback((_now, { mediaTime, expectedDisplayTime }) => {
      this.lastFrame = performance.now();
      this.requestFrame();
      this.step();
      const moment = dateAt(this.source.pieces, mediaTime);
      this.show(moment, expectedDisplayTime);
      this.trimBy(moment, expectedDisplayTime);
    });
  }

  /** Where no pictures are shown (sound alone, a hidden page), the time that is played has to do. */
  private onTime(): void {
    const now = performance.now();
    if (now - this.lastFrame < WATCH_MS) return;
    this.step();
    this.show(this.moment, now);
  }

  private target(local: number): number {
    return this.clock.at(local) - this.delayMs;
  }

  /**
   * By the player's clock (its sound), which moves evenly. Pictures keep the screen's pace and are
   * up to a refresh early or late for as long as it lasts. Steered by those, the speed never came to
   * rest: a picture a second was dropped and p95 was 16–30 ms, where it is 8–14 ms now. What is seen
   * only trims it.
   */
  private step(): void {
    const { video } = this;
    const now = performance.now();
    const actual = dateAt(this.source.pieces, video.currentTime);
    if (actual === null) return;
    this.stalls.moved(now);
    if (!this.isFollowing || video.paused || video.seeking || this.holdTimer) return;
    const target = this.target(now) + this.trim.ms;
    if (this.leapt) this.learn(target - actual);
    this.obey(this.steering.step(target, actual, now), target);
  }

  /** What a person sees goes into the readout. */
  private show(moment: number | null, local: number): void {
    if (moment === null) return;
    this.tell("moment", moment);
    const { video } = this;
    if (!this.isFollowing || video.paused || video.seeking || this.holdTimer) return;
    const lag = this.clock.at(local) - moment;
    this.readout.add(local, lag, lag - this.delayMs, lag - this.reserveMs());
    this.report();
  }

  /** Only what is seen at an even pace says how the screen is behind the player's clock. */
  private trimBy(moment: number | null, local: number): void {
    if (moment === null || !this.isFollowing || this.video.playbackRate !== 1) this.trim.restart(local);
    else this.trim.seen(local, this.target(local) - moment);
  }

  private obey(order: Order, target: number): void {
    if (order.kind === "hold") this.hold(order.ms);
    else if (order.kind === "speed") this.setSpeed(order.speed);
    else if (!this.leapTo(target, order.ms)) this.setSpeed(1);
  }

  private setSpeed(speed: number): void {
    // Each change is work for the sound's pipeline.
    if (Math.abs(this.video.playbackRate - speed) > 0.0005) this.video.playbackRate = speed;
  }

  /** Stand still. Not `pause()`, which would look like somebody's wish. */
  private hold(ms: number): void {
    this.video.playbackRate = 0;
    this.holdTimer = window.setTimeout(() => this.release(), ms);
  }

  private release(): void {
    clearTimeout(this.holdTimer);
    this.holdTimer = 0;
    this.video.playbackRate = 1;
  }

  /** How late a leap has landed; the next one aims ahead by so much. */
  private learn(error: number): void {
    this.leapt = false;
    this.leapCostMs = Math.max(0, Math.min(MOST_LEAP_COST_MS, this.leapCostMs + error / 2));
  }

  /** Go to a moment of the lesson. False where it is not there, or not worth the stop. */
  private leapTo(date: number, ms = Infinity): boolean {
    const place = placeOf(this.source.pieces, date + this.leapCostMs) ?? placeOf(this.source.pieces, date);
    if (place === null || (ms < BLIND_LEAP_MS && bufferedUntil(this.video, place) === null)) return false;
    this.video.currentTime = place;
    this.leapt = true;
    return true;
  }

  /** How much of what follows the picture is here already. */
  private reserveMs(): number {
    const { currentTime } = this.video;
    return ((bufferedUntil(this.video, currentTime) ?? currentTime) - currentTime) * 1000;
  }

  private look(): void {
    if (this.isFollowing && !this.holdTimer) this.stalls.rouse();
    const { error } = this.steering;
    const inStep = error !== null && Math.abs(error) <= IN_STEP_MS;
    this.setState(this.stalls.why(this.holdTimer !== 0) ?? (inStep ? "in-step" : "catching-up"));
  }

  private report(): void {
    const now = performance.now();
    if (now - this.measuredAt < MEASURE_MS) return;
    this.measuredAt = now;
    const { measure } = this.readout;
    if (!measure) return;
    if (this.delayMs < SEGMENTS_FIT_MS) this.source.parts = true;
    else if (measure.needMs !== null && measure.needMs > PARTS_NEED_MS) this.source.parts = false;
    this.tell("measure", measure);
  }

  private setState(state: ReceiverState): void {
    if (state === "waiting" || state === "broken") this.readout.clear();
    if (this.state === state) return;
    this.state = state;
    this.tell("state", state);
  }
}
