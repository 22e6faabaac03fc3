/** Sound of a lesson, coded as Opus by the browser (WebCodecs). */
import { takeSound } from "./capture.ts";
import type { SoundCoder, SoundEvents } from "./coder.ts";
import { Emitter } from "./emitter.ts";
import { Rebase } from "./rebase.ts";

/** Speech, and music that a lesson plays. */
export const BITRATE_PER_CHANNEL = 40_000;
const PACKET_US = 20_000;
/** Capture times waver by some milliseconds; farther off, sound is missing. */
export const HOLE_US = 60_000;
export const MOST_CHANNELS = 2;
/** An encoder that fails at once each time would keep the browser busy with nothing else. */
const RETRY_MS = 1000;

export class SoundEncoder extends Emitter<SoundEvents> implements SoundCoder {
  channels = 0;
  private encoder: AudioEncoder | null = null;
  private rate = 0;
  private retryAt = 0;
  /** An encoder counts samples and knows no holes: its times are those since it began. */
  private beganUs = 0;
  private inUs = 0;
  private packets = 0;
  private readonly rebase = new Rebase(PACKET_US / 2);
  private stopTaking: () => void = () => undefined;
  private readonly worklet: string | null;
  private readonly now: () => number;

  /** `worklet`: address of the built worklet.ts, for browsers that need it; `now`: the lesson's time, in ms. */
  constructor(worklet: string | null, now: () => number) {
    super();
    this.worklet = worklet;
    this.now = now;
  }

  /** A new track has a clock of its own. */
  begin(track: MediaStreamTrack): void {
    this.stopTaking();
    this.rebase.restart();
    this.drop();
    this.stopTaking = takeSound(track, this.worklet, (data) => this.encode(data, this.now()));
  }

  end(): void {
    this.stopTaking();
  }

  /** `arrived`: when it came, in ms of the lesson. */
  private encode(data: AudioData, arrived: number): void {
    const fits = data.sampleRate === this.rate && Math.min(data.numberOfChannels, MOST_CHANNELS) === this.channels;
    const missingUs = data.timestamp - this.beganUs - this.inUs;
    if (this.encoder && missingUs > HOLE_US) this.tell("lost", missingUs / 1000);
    if (!this.encoder || !fits || Math.abs(missingUs) > HOLE_US) this.configure(data);
    this.inUs += (data.numberOfFrames * 1e6) / data.sampleRate;
    this.rebase.observe(this.beganUs + this.inUs, arrived);
    if (this.rebase.warm) this.encoder?.encode(data);
    else this.beginAfter();
  }

  async flush(): Promise<void> {
    if (this.encoder?.state === "configured") await this.encoder.flush().catch(() => undefined);
  }

  close(): void {
    this.stopTaking();
    this.retryAt = Infinity;
    this.drop();
  }

  private configure(data: AudioData): void {
    this.drop();
    this.beganUs = data.timestamp;
    this.inUs = this.packets = 0;
    this.rate = data.sampleRate;
    this.channels = Math.min(data.numberOfChannels, MOST_CHANNELS);
    if (performance.now() < this.retryAt) return;
    const encoder = new AudioEncoder({ output: (chunk) => this.onOutput(chunk), error: () => this.onError() });
    encoder.configure({
      codec: "opus",
      sampleRate: this.rate,
      numberOfChannels: this.channels,
      bitrate: BITRATE_PER_CHANNEL * this.channels,
      opus: { frameDuration: PACKET_US },
    });
    this.encoder = encoder;
  }

  /** While its clock is being found out, the track is heard and not coded. */
  private beginAfter(): void {
    this.beganUs += this.inUs;
    this.inUs = 0;
  }

  private onOutput(chunk: EncodedAudioChunk): void {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    const atUs = this.rebase.at(this.beganUs + this.packets * PACKET_US);
    this.packets += 1;
    this.tell("coded", { atUs, durationUs: PACKET_US, data });
  }

  private onError(): void {
    this.retryAt = performance.now() + RETRY_MS;
    this.drop();
  }

  private drop(): void {
    if (this.encoder && this.encoder.state !== "closed") this.encoder.close();
    this.encoder = null;
  }
}
