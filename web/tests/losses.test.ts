/** What a busy computer leaves out of the lesson is counted where it is left out, and told while it lasts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Losses } from "../classroom/losses.ts";
import { PictureEncoder } from "../classroom/picture.ts";
import { SoundEncoder } from "../classroom/sound.ts";

/** Longer than a track's clock takes to be found out. */
const WARM_MS = 1000;

test("some pictures of an encoder that begins are nothing, half a second of them is told for ten", () => {
  const losses = new Losses();
  for (let number = 0; number < 14; number += 1) losses.losePicture(1000 / 30, number);
  assert.equal(losses.lost(14), null);
  losses.losePicture(1000 / 30, 20);
  losses.losePicture(1000 / 30, 20);
  assert.equal(losses.lost(20), "picture");
  assert.equal(losses.lost(9_990), "picture");
  assert.equal(losses.lost(10_010), null);
});

test("a syllable is told, a click is not, and a computer that slept lost nothing", () => {
  const losses = new Losses();
  losses.loseSound(70, 0);
  assert.equal(losses.lost(0), null);
  losses.loseSound(3_600_000, 1);
  assert.equal(losses.lost(1), null);
  losses.loseSound(150, 2);
  assert.equal(losses.lost(2), "sound");
  losses.losePicture(800, 3);
  assert.equal(losses.lost(3), "both");
});

class Frame {
  readonly displayWidth = 1280;
  readonly displayHeight = 720;
  close(): void {
    return;
  }
}

test("a picture for which the encoder has no time is told, and one that comes before it is there is not", async () => {
  const made: { encodeQueueSize: number; coded: number }[] = [];
  class SlowEncoder {
    static readonly isConfigSupported = (): Promise<object> => Promise.resolve({ supported: true });
    state = "unconfigured";
    encodeQueueSize = 0;
    coded = 0;
    constructor() {
      made.push(this);
    }
    configure(): void {
      this.state = "configured";
    }
    encode(): void {
      this.coded += 1;
    }
  }
  Object.assign(globalThis, { VideoEncoder: SlowEncoder, VideoFrame: Frame });
  const encoder = new PictureEncoder(1_800_000, 25);
  const lost: number[] = [];
  encoder.on("lost", (ms) => lost.push(ms));
  const frame = new Frame() as unknown as VideoFrame;
  assert.equal(encoder.encode(frame, 0, true), false);
  await new Promise((resolve) => setTimeout(resolve));
  const [slow] = made;
  assert.ok(slow);
  assert.equal(encoder.encode(frame, 40_000, true), true);
  assert.deepEqual(lost, []);
  slow.encodeQueueSize = 4;
  assert.equal(encoder.encode(frame, 80_000, false), false);
  assert.deepEqual([lost, slow.coded], [[40], 1]);
});

test("a hole in what a microphone gives is told, and another microphone is none", async () => {
  class Encoder {
    state = "configured";
    configure(): void {
      return;
    }
    encode(): void {
      return;
    }
    close(): void {
      this.state = "closed";
    }
  }
  let heard: ReadableStreamDefaultController<object> | null = null;
  class Processor {
    readonly readable = new ReadableStream<object>({ start: (given) => void (heard = given) });
  }
  Object.assign(globalThis, { window: { MediaStreamTrackProcessor: Processor }, AudioEncoder: Encoder });
  let now = 0;
  const sound = new SoundEncoder(null, () => now);
  const lost: number[] = [];
  sound.on("lost", (ms) => lost.push(ms));
  const hear = async (fromMs: number, untilMs: number): Promise<void> => {
    for (let at = fromMs; at < untilMs; at += 10) {
      now = at + 10;
      heard?.enqueue({ timestamp: at * 1000, numberOfFrames: 480, sampleRate: 48_000, numberOfChannels: 1, close: () => undefined });
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
  sound.begin({} as MediaStreamTrack);
  await hear(0, WARM_MS);
  await hear(WARM_MS + 50, WARM_MS + 200);
  assert.deepEqual(lost, [], "capture times waver");
  await hear(WARM_MS + 600, WARM_MS + 700);
  assert.deepEqual(lost.map(Math.round), [450]);
  sound.begin({} as MediaStreamTrack);
  await hear(90_000, 90_100);
  assert.equal(lost.length, 1);
});
