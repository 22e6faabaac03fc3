/** What a classroom is told of its devices before a class. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Checks, type Found, type Thing } from "../classroom/room/checks.ts";

class Stream {
  readonly isRaw: boolean;
  private readonly tracks: object[];

  constructor(tracks: object[] = [{ stop: () => undefined }], isRaw = false) {
    this.tracks = tracks;
    this.isRaw = isRaw;
  }

  getTracks(): object[] {
    return this.tracks;
  }
}

let tones = 0;
let heard = (): void => undefined;
/** How loud it is in the microphone: as the browser cleans it or raw, during a tone or before. */
let loudness: (isRaw: boolean, isTone: boolean) => number;

class Sound {
  currentTime = 0;
  destination = {};
  private isRaw = false;
  private isTone = false;

  createAnalyser(): object {
    return { fftSize: 8, getFloatTimeDomainData: (samples: Float32Array) => void (samples.fill(loudness(this.isRaw, this.isTone)), heard()) };
  }

  createMediaStreamSource({ isRaw }: Stream): object {
    this.isRaw = isRaw;
    return { connect: () => undefined };
  }

  createOscillator(): object {
    tones += 1;
    this.isTone = true;
    return { frequency: {}, connect: (next: object) => next, start: () => undefined, stop: () => undefined };
  }

  createGain(): object {
    return { gain: {}, connect: () => undefined };
  }

  resume(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

let devices: { getUserMedia(wanted: { audio?: true | object }): Promise<Stream> };

beforeEach(() => {
  tones = 0;
  heard = () => undefined;
  loudness = () => 0.1;
  devices = { getUserMedia: ({ audio }) => Promise.resolve(new Stream(undefined, typeof audio === "object")) };
  const window = Object.assign(globalThis, { isSecureContext: true });
  Object.assign(globalThis, { window, MediaStream: Stream, AudioContext: Sound, fetch: () => Promise.reject(new Error("no line")) });
  Object.defineProperty(globalThis, "navigator", { configurable: true, get: () => ({ mediaDevices: devices }) });
});

async function found(during: (checks: Checks) => void = () => undefined, aloud = true): Promise<Partial<Record<Thing, Found>>> {
  const all: Partial<Record<Thing, Found>> = {};
  const checks = new Checks("/probe");
  checks.on("found", ({ thing, found }) => (all[thing] = found));
  during(checks);
  await checks.run(aloud);
  return all;
}

test("where the address is not https, it is not the cable", async () => {
  Object.assign(globalThis, { isSecureContext: false });
  Object.assign(devices, { getUserMedia: () => Promise.reject(new TypeError("no such thing")) });
  const { camera, microphone, echo } = await found();
  assert.match(camera?.detail ?? "", /https/);
  assert.deepEqual([microphone?.detail, echo?.detail], ["同上", "同上"]);
});

test("a microphone that opens only once leaves the echo unknown, and that is said", async () => {
  devices.getUserMedia = ({ audio }) => (typeof audio === "object" ? Promise.reject(new DOMException("busy", "NotReadableError")) : Promise.resolve(new Stream()));
  const { echo } = await found();
  assert.match(echo?.detail ?? "", /没试成/);
  assert.equal(echo?.mark, "lowered");
});

test("no tone is played once the class has begun", async () => {
  await found((checks) => (heard = () => checks.stop()));
  assert.equal(tones, 0);
});

test("a tone that the speakers play and the browser takes out again: all is well", async () => {
  loudness = (isRaw, isTone) => (isRaw && isTone ? 0.2 : 0.01);
  const { microphone, echo } = await found();
  assert.deepEqual([microphone, echo], [{ mark: "good", detail: "好" }, { mark: "good", detail: "好" }]);
  assert.equal(tones, 2);
});

test("a tone that comes back although the browser cleans the sound is an echo", async () => {
  loudness = (_, isTone) => (isTone ? 0.2 : 0.01);
  const { microphone, echo } = await found();
  assert.equal(microphone?.mark, "good");
  assert.equal(echo?.mark, "lowered");
  assert.match(echo?.detail ?? "", /^有回声。把音箱调小一点/);
});

test("a tone that is no louder than the room: the speakers are off, and it is not played again", async () => {
  const { microphone, echo } = await found();
  assert.equal(microphone?.mark, "good");
  assert.deepEqual(echo, { mark: "lowered", detail: "没听到音箱。看看音箱开了没有" });
  assert.equal(tones, 1);
});

test("a microphone that is switched off hears nothing at all", async () => {
  loudness = () => 0;
  const { microphone, echo } = await found();
  assert.deepEqual(microphone, { mark: "lowered", detail: "听不到声音。看看开关，对它说句话再查" });
  assert.notEqual(echo?.mark, "good");
});

test("before the doors are open there is no tone, and when it comes is said", async () => {
  const { microphone, echo } = await found(undefined, false);
  assert.equal(microphone?.mark, "good");
  assert.deepEqual(echo, { mark: "waiting", detail: "按“再查一遍”，会放一声短音来查" });
  assert.equal(tones, 0);
});
