/**
 * Decides which pictures are coded, when, and which are keyframes.
 *
 * Keyframes fall on the lesson's clock, so that segments are equally long whoever publishes. A
 * canvas gives no pictures while nothing on it changes: then the last one is coded again, since a
 * lesson has to go on for those who watch.
 */
import type { PictureEncoder } from "./picture.ts";
import { Rebase } from "./rebase.ts";

/** Within a part of the playlist (250 ms), so that each has a picture. */
const REPEAT_AFTER_MS = 200;
const LOOK_MS = 100;
/** Two pictures are never nearer: a screen at 240 Hz is not shown to a class as such. */
const LEAST_STEP_US = 4000;

export class PictureFeed {
  keyframeMs = 2000;
  private readonly rebase = new Rebase(LEAST_STEP_US);
  private last: VideoFrame | null = null;
  private lastAt = 0;
  /** The stretch of the lesson that the last keyframe was for. */
  private stretch = -1;
  private keyframeWanted = true;
  private isNew = false;
  private readonly timer: number;
  private readonly encoder: PictureEncoder;
  private readonly now: () => number;

  /** `now`: the lesson's time, in ms. */
  constructor(encoder: PictureEncoder, now: () => number) {
    this.encoder = encoder;
    this.now = now;
    this.timer = window.setInterval(() => this.repeat(), LOOK_MS);
  }

  /** A track begins; until it gives pictures, the last of the one before stays. */
  begin(): void {
    this.rebase.restart();
    this.isNew = true;
  }

  /** There is no track any more. */
  end(): void {
    this.last?.close();
    this.last = null;
  }

  close(): void {
    clearInterval(this.timer);
    this.end();
    this.encoder.close();
  }

  wantKeyframe(): void {
    this.keyframeWanted = true;
  }

  take(frame: VideoFrame): void {
    const now = this.now();
    this.rebase.observe(frame.timestamp, now);
    if (!this.rebase.warm) return;
    if (this.isNew) this.wantKeyframe();
    this.isNew = false;
    this.last?.close();
    this.last = frame.clone();
    this.encode(frame, this.rebase.at(frame.timestamp), now);
  }

  /** Code the last picture again, if none has come for a while. */
  repeat(): void {
    const now = this.now();
    if (!this.last || now - this.lastAt < REPEAT_AFTER_MS) return;
    this.encode(this.last, this.rebase.after((now - this.lastAt) * 1000), now);
  }

  private encode(frame: VideoFrame, atUs: number, now: number): void {
    const stretch = Math.floor(atUs / 1000 / this.keyframeMs);
    const keyframe = this.keyframeWanted || stretch !== this.stretch;
    this.lastAt = now;
    if (!this.encoder.encode(frame, atUs, keyframe) || !keyframe) return;
    this.keyframeWanted = false;
    this.stretch = stretch;
  }
}
