/** Runs on the browser's sound thread: posts what it hears, 20 ms at a time (capture.ts). */
import type { Heard } from "./capture.ts";

// TypeScript has no types for this thread.
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const FRAMES = 960;

class SoundProcessor extends AudioWorkletProcessor {
  private channels = 1;
  private filled = 0;
  private before = 0;
  private samples = new Float32Array(FRAMES);

  process([input]: Float32Array[][]): boolean {
    if (input?.length) this.hear(input.slice(0, 2));
    return true;
  }

  private hear(input: Float32Array[]): void {
    if (input.length !== this.channels) this.begin(input.length);
    const length = input[0]?.length ?? 0;
    for (let at = 0; at < length; ) {
      if (this.filled === 0) this.before = currentFrame + at;
      const count = Math.min(length - at, FRAMES - this.filled);
      for (const [channel, samples] of input.entries()) this.samples.set(samples.subarray(at, at + count), channel * FRAMES + this.filled);
      at += count;
      this.filled += count;
      if (this.filled === FRAMES) this.post();
    }
  }

  private post(): void {
    const heard: Heard = { samples: this.samples, channels: this.channels, before: this.before };
    this.port.postMessage(heard, [this.samples.buffer]);
    this.begin(this.channels);
  }

  private begin(channels: number): void {
    this.channels = channels;
    this.samples = new Float32Array(FRAMES * channels);
    this.filled = 0;
  }
}

registerProcessor("tongke-sound", SoundProcessor);
