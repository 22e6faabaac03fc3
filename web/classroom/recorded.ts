/** Pictures and sound of a lesson, coded by the browser's recorder where WebCodecs is missing. */
import { fromStartCodes } from "./avc.ts";
import type { PictureCoder, SoundCoder, SoundEvents } from "./coder.ts";
import { Emitter } from "./emitter.ts";
import { packetUs } from "./opus.ts";
import { base64, LEAST_STEP_US, RETRY_MS, type PictureCoding, type PictureEvents } from "./picture.ts";
import { PICTURE_TYPE, Recording, SOUND_TYPE } from "./recording.ts";
import { BITRATE_PER_CHANNEL, HOLE_US, MOST_CHANNELS } from "./sound.ts";
import type { WebmFrame } from "./webm.ts";

/** So often a recorder may begin anew for a keyframe: each time costs some pictures their ease. */
const ANEW_MS = 500;
/** Where the browser sets no keyframes by itself: a segment is to end some time. */
const MOST_STRETCHES = 3;
/** A higher rate is a new recorder: not for a little more. */
const WORTH_IT = 1.5;

export class RecordedPictures extends Emitter<PictureEvents> implements PictureCoder {
  keyframeMs = 2000;
  private recording: Recording | null = null;
  private track: MediaStreamTrack | null = null;
  private ended: Promise<void> = Promise.resolve();
  private coding: PictureCoding | null = null;
  private keyframeWanted = false;
  private begunAt = 0;
  private keyframeUs = 0;
  private lastUs = 0;
  private timer = 0;
  private bitrate: number;
  private readonly now: () => number;

  /** `now`: the lesson's time, in ms. */
  constructor(bitrate: number, now: () => number) {
    super();
    this.bitrate = bitrate;
    this.now = now;
  }

  begin(track: MediaStreamTrack): void {
    this.track = track;
    this.record();
  }

  end(): void {
    this.track = null;
    this.halt();
  }

  /** A recorder codes its first picture so, and takes no word for another. */
  wantKeyframe(): void {
    this.keyframeWanted = true;
    if (performance.now() - this.begunAt >= ANEW_MS) this.record();
  }

  /** A canvas that stands still is given no picture; the lead's never does. */
  repeat(): void {
    return;
  }

  setBitrate(bitrate: number): void {
    if (bitrate >= this.bitrate && bitrate < this.bitrate * WORTH_IT) return;
    this.bitrate = bitrate;
    this.record();
  }

  async flush(): Promise<void> {
    await this.ended;
  }

  close(): void {
    this.end();
  }

  private record(): void {
    if (!this.track) return;
    this.halt();
    this.keyframeWanted = false;
    this.begunAt = performance.now();
    const options = { mimeType: PICTURE_TYPE, videoBitsPerSecond: this.bitrate, videoKeyFrameIntervalDuration: this.keyframeMs };
    this.recording = new Recording(this.track, options, this.ended, {
      now: this.now,
      lasts: () => 0,
      frame: (frame, atUs) => this.onFrame(frame, atUs),
      failed: () => {
        this.halt();
        this.timer = window.setTimeout(() => this.record(), RETRY_MS);
      },
    });
  }

  private halt(): void {
    clearTimeout(this.timer);
    if (this.recording) this.ended = this.recording.stop();
    this.recording = null;
  }

  private onFrame({ track, keyframe, data: coded }: WebmFrame, at: number): void {
    // Without an avcC of its own the recording is of start codes: older browsers'.
    const { data, avcc } = track.codecPrivate.length ? { data: coded, avcc: track.codecPrivate } : fromStartCodes(coded);
    if (avcc) this.describe(avcc, track.width, track.height);
    if (!this.coding) return;
    const atUs = (this.lastUs = Math.max(at, this.lastUs + LEAST_STEP_US));
    if (keyframe) {
      this.keyframeUs = atUs;
      this.keyframeWanted = false;
    }
    this.tell("coded", { atUs, durationUs: 0, keyframe, data, coding: this.coding });
    const late = atUs - this.keyframeUs > MOST_STRETCHES * this.keyframeMs * 1000;
    if (late || this.keyframeWanted) this.wantKeyframe();
  }

  private describe(avcc: Uint8Array, width: number, height: number): void {
    const description = base64(avcc);
    if (this.coding?.description !== description) this.coding = { width, height, description };
  }
}

export class RecordedSound extends Emitter<SoundEvents> implements SoundCoder {
  channels = 0;
  private recording: Recording | null = null;
  private ended: Promise<void> = Promise.resolve();
  private lastUs = 0;
  /** When what this recorder heard last ended; null before it heard anything. */
  private endedUs: number | null = null;
  private timer = 0;
  private readonly now: () => number;

  /** `now`: the lesson's time, in ms. */
  constructor(now: () => number) {
    super();
    this.now = now;
  }

  begin(track: MediaStreamTrack): void {
    this.end();
    this.endedUs = null;
    const options = { mimeType: SOUND_TYPE, audioBitsPerSecond: BITRATE_PER_CHANNEL * MOST_CHANNELS };
    this.recording = new Recording(track, options, this.ended, {
      now: this.now,
      lasts: packetUs,
      frame: (frame, atUs) => this.onFrame(frame, atUs),
      failed: () => {
        this.end();
        this.timer = window.setTimeout(() => this.begin(track), RETRY_MS);
      },
    });
  }

  end(): void {
    clearTimeout(this.timer);
    if (this.recording) this.ended = this.recording.stop();
    this.recording = null;
  }

  async flush(): Promise<void> {
    await this.ended;
  }

  close(): void {
    this.end();
  }

  private onFrame({ track, data }: WebmFrame, at: number): void {
    this.channels = track.channels;
    const atUs = (this.lastUs = Math.max(at, this.lastUs + 1));
    const missingUs = atUs - (this.endedUs ?? atUs);
    if (missingUs > HOLE_US) this.tell("lost", missingUs / 1000);
    const durationUs = packetUs(data);
    this.endedUs = atUs + durationUs;
    this.tell("coded", { atUs, durationUs, data });
  }
}
