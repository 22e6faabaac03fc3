/**
 * Decides which pictures are coded, when, and which are keyframes.
 *
 * Keyframes fall on the lesson's clock, so that segments are equally long whoever publishes. A
 * canvas gives no pictures while nothing on it changes: then the last one is coded again, since a
 * lesson has to go on for those who watch.
 */
import { takePictures } from "./capture.ts";
import type { PictureCoder } from "./coder.ts";
import { Emitter } from "./emitter.ts";
import { LEAST_STEP_US, PictureEncoder, type PictureEvents } from "./picture.ts";
import { Rebase } from "./rebase.ts";

/** Within a part of the playlist (250 ms), so that each has a picture. */
const REPEAT_AFTER_MS = 200;
const LOOK_MS = 100;

export class PictureFeed extends Emitter<PictureEvents> implements PictureCoder {
  keyframeMs = 2000;
  private readonly rebase = new Rebase(LEAST_STEP_US);
  private last: VideoFrame | null = null;
  private lastAt = 0;
  /** The stretch of the lesson that the last keyframe was for. */
  private stretch = -1;
  private keyframeWanted = true;
  private isNew = false;
  private stopTaking: () => void = () => undefined;
  private readonly timer: number;
  private readonly encoder: PictureEncoder;
  private readonly now: () => number;

  /** `bitrate` in bit/s, `framerate` in pictures a second; `now`: the lesson's time, in ms. */
  constructor(bitrate: number, framerate: number, now: () => number) {
    super();
    this.encoder = new PictureEncoder(bitrate, framerate);
    this.encoder.on("coded", (coded) => this.tell("coded", coded));
    this.encoder.on("lost", (ms) => this.tell("lost", ms));
    this.encoder.on("unsupported", () => this.tell("unsupported", undefined));
    this.now = now;
    this.timer = window.setInterval(() => this.repeat(), LOOK_MS);
  }

  /** Until the track gives pictures, the last of the one before stays. */
  begin(track: MediaStreamTrack): void {
    this.stopTaking();
    this.rebase.restart();
    this.isNew = true;
    this.stopTaking = takePictures(track, (frame) => this.take(frame));
  }

  end(): void {
    this.stopTaking();
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

  setBitrate(bitrate: number): void {
    this.encoder.setBitrate(bitrate);
  }

  async flush(): Promise<void> {
    await this.encoder.flush();
  }

  private take(frame: VideoFrame): void {
    const now = this.now();
    this.rebase.observe(frame.timestamp, now);
    if (!this.rebase.warm) return;
    if (this.isNew) this.wantKeyframe();
    this.isNew = false;
    this.last?.close();
    this.last = frame.clone();
    this.encode(frame, this.rebase.at(frame.timestamp), now);
  }

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
