/** What a classroom is told of its devices before a class, where they fail. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Checks, type Found, type Thing } from "../classroom/room/checks.ts";

class Stream {
  private readonly tracks: object[];

  constructor(tracks: object[] = [{ stop: () => undefined }]) {
    this.tracks = tracks;
  }

  getTracks(): object[] {
    return this.tracks;
  }
}

let tones = 0;
let heard = (): void => undefined;

/** Hears the same all the time: a tone is no louder than the room. */
class Sound {
  currentTime = 0;
  destination = {};

  createAnalyser(): object {
    return { fftSize: 8, getFloatTimeDomainData: (samples: Float32Array) => void (samples.fill(0.1), heard()) };
  }

  createMediaStreamSource(): object {
    return { connect: () => undefined };
  }

  createOscillator(): object {
    tones += 1;
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
  devices = { getUserMedia: () => Promise.resolve(new Stream()) };
  const window = Object.assign(globalThis, { isSecureContext: true });
  Object.assign(globalThis, { window, MediaStream: Stream, AudioContext: Sound, fetch: () => Promise.reject(new Error("no line")) });
  Object.defineProperty(globalThis, "navigator", { configurable: true, get: () => ({ mediaDevices: devices }) });
});

async function found(during: (checks: Checks) => void = () => undefined): Promise<Partial<Record<Thing, Found>>> {
  const all: Partial<Record<Thing, Found>> = {};
  const checks = new Checks("/probe");
  checks.on("found", ({ thing, found }) => (all[thing] = found));
  during(checks);
  await checks.run(true);
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
