/** Pictures of a lesson, coded as H.264 by the browser (WebCodecs). */
import { Emitter } from "./emitter.ts";

export interface CodedPicture {
  atUs: number;
  durationUs: number;
  keyframe: boolean;
  data: Uint8Array;
  coding: PictureCoding;
}

/** What a decoder has to know; `description` is the avcC in base64. */
export interface PictureCoding {
  width: number;
  height: number;
  description: string;
}

export interface PictureEvents {
  coded: CodedPicture;
  /** The encoder had no time for so many ms of pictures. */
  lost: number;
  /** This browser codes no H.264 of this size. */
  unsupported: undefined;
}

/** With more in the encoder's queue the computer is too slow, and a picture less is seen by nobody. */
const MOST_QUEUED = 3;
/** Constrained baseline is decoded everywhere and coded by every software encoder; main is what hardware likes. */
const PROFILES = { "prefer-hardware": ["4d40", "42c0", "6400"], "no-preference": ["42c0", "4d40", "6400"] } as const;
/** Levels of H.264 (table A-1): macroblocks a second, and the level's byte. */
const LEVELS = [[108_000, "1f"], [245_760, "28"], [589_824, "32"], [Infinity, "33"]] as const;
/** Two pictures are never nearer: a screen at 240 Hz is not shown to a class as such. */
export const LEAST_STEP_US = 4000;
/** What fails at once each time would keep the browser busy with nothing else. */
export const RETRY_MS = 1000;

export class PictureEncoder extends Emitter<PictureEvents> {
  private encoder: VideoEncoder | null = null;
  private config: VideoEncoderConfig | null = null;
  private choosing = false;
  private retryAt = 0;
  private hardware = true;
  private coding: PictureCoding | null = null;
  private bitrate: number;
  private readonly framerate: number;

  /** `bitrate` in bit/s, `framerate` in pictures a second. */
  constructor(bitrate: number, framerate: number) {
    super();
    this.bitrate = bitrate;
    this.framerate = framerate;
  }

  /** Code a picture captured at `atUs`. False when it was dropped. */
  encode(frame: VideoFrame, atUs: number, keyframe: boolean): boolean {
    const encoder = this.ready(frame);
    if (!encoder) return false;
    if (encoder.encodeQueueSize > MOST_QUEUED) {
      this.tell("lost", 1000 / this.framerate);
      return false;
    }
    const timed = new VideoFrame(frame, { timestamp: atUs });
    encoder.encode(timed, { keyFrame: keyframe });
    timed.close();
    return true;
  }

  setBitrate(bitrate: number): void {
    this.bitrate = bitrate;
    if (!this.config || this.encoder?.state !== "configured") return;
    this.config = { ...this.config, bitrate };
    this.encoder.configure(this.config);
  }

  /** Wait for what is being coded. */
  async flush(): Promise<void> {
    if (this.encoder?.state === "configured") await this.encoder.flush().catch(() => undefined);
  }

  close(): void {
    this.retryAt = Infinity;
    this.drop();
  }

  /** The encoder for pictures of this size; null while there is none yet. */
  private ready(frame: VideoFrame): VideoEncoder | null {
    // H.264 has colour for every other pixel only.
    const [width, height] = [frame.displayWidth & ~1, frame.displayHeight & ~1];
    const fits = this.config?.width === width && this.config.height === height;
    if (fits && this.encoder?.state === "configured") return this.encoder;
    if (!this.choosing && performance.now() >= this.retryAt) void this.configure(width, height);
    return null;
  }

  private async configure(width: number, height: number): Promise<void> {
    this.choosing = true;
    this.retryAt = performance.now() + RETRY_MS;
    const config = await chooseConfig(width, height, this.framerate, this.bitrate, this.hardware);
    this.choosing = false;
    if (this.retryAt === Infinity) return;
    if (!config) {
      this.tell("unsupported", undefined);
      return;
    }
    this.drop();
    const encoder = new VideoEncoder({
      output: (chunk, metadata) => this.onOutput(chunk, metadata),
      error: () => this.onError(),
    });
    encoder.configure(config);
    this.encoder = encoder;
    this.config = config;
  }

  private onOutput(chunk: EncodedVideoChunk, metadata?: EncodedVideoChunkMetadata): void {
    const description = metadata?.decoderConfig?.description;
    if (description && this.config) this.coding = { width: this.config.width, height: this.config.height, description: base64(description) };
    if (!this.coding) return;
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.tell("coded", { atUs: chunk.timestamp, durationUs: chunk.duration ?? 0, keyframe: chunk.type === "key", data, coding: this.coding });
  }

  /** The graphics driver fails more often than the browser's own encoder. */
  private onError(): void {
    this.hardware = false;
    this.drop();
  }

  private drop(): void {
    if (this.encoder && this.encoder.state !== "closed") this.encoder.close();
    this.encoder = null;
    this.config = null;
  }
}

async function chooseConfig(width: number, height: number, framerate: number, bitrate: number, hardware: boolean): Promise<VideoEncoderConfig | null> {
  const rate = Math.ceil(width / 16) * Math.ceil(height / 16) * framerate;
  const level = LEVELS.find(([most]) => rate <= most)?.[1] ?? "33";
  for (const hardwareAcceleration of hardware ? (["prefer-hardware", "no-preference"] as const) : (["no-preference"] as const)) {
    for (const profile of PROFILES[hardwareAcceleration]) {
      const config: VideoEncoderConfig = {
        codec: `avc1.${profile}${level}`, width, height, framerate, bitrate, hardwareAcceleration, latencyMode: "realtime", avc: { format: "avc" },
      };
      const { supported } = await VideoEncoder.isConfigSupported(config);
      if (supported) return config;
    }
  }
  return null;
}

export function base64(source: AllowSharedBufferSource): string {
  const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
  return btoa(String.fromCharCode(...bytes));
}
