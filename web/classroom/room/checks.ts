/**
 * Before a class: does the camera see, the microphone hear, do the speakers come back into it, and
 * what does the line carry? Each with a word, and what to do.
 */
import { Emitter } from "../emitter.ts";
import { hearing } from "./hearing.ts";
import { NEEDS } from "./level.ts";
import { throughput } from "./level_keeper.ts";
import { say } from "./words.ts";

export type Thing = "camera" | "microphone" | "echo" | "lineCheck";
export const THINGS: readonly Thing[] = ["camera", "microphone", "echo", "lineCheck"];

export interface Found {
  /** `waiting`: not known yet. */
  mark: "good" | "lowered" | "dropped" | "waiting";
  detail: string;
}

interface CheckEvents {
  found: { thing: Thing; found: Found };
  /** Pictures to look at. */
  camera: MediaStream;
}

const MEASURED_MS = 3000;
const TRIPS = 3;
/** Of full scale: a quiet room is above it, a switch that is off is not. */
const SILENT = 0.0005;
/** The tone is so much louder than the room, in the microphone. */
const HEARD = 3;
/** Where the address is not https, a browser has no devices at all. */
const INSECURE = "insecure";

export class Checks extends Emitter<CheckEvents> {
  private readonly probe: string;
  private stream: MediaStream | null = null;
  private running: Promise<void> = Promise.resolve();
  private isWanted = false;

  constructor(probe: string) {
    super();
    this.probe = probe;
  }

  /** Everything; `aloud`: with a tone for the echo, which the room hears. */
  run(aloud: boolean): Promise<void> {
    this.isWanted = true;
    this.running = this.running.then(() => this.checkAll(aloud));
    return this.running;
  }

  /** Let go of the camera, and of what is still to be checked. */
  stop(): void {
    this.isWanted = false;
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }

  private async checkAll(aloud: boolean): Promise<void> {
    if (!this.isWanted) return;
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    for (const thing of THINGS) this.say(thing, "waiting", say("checking"));
    await Promise.all([this.checkDevices(aloud), this.checkLine()]);
  }

  private async checkDevices(aloud: boolean): Promise<void> {
    const [camera, microphone] = await Promise.all([open({ video: true }), open({ audio: true })]);
    this.stream = new MediaStream([...tracksOf(camera), ...tracksOf(microphone)]);
    if (!this.isWanted) {
      this.stop();
      return;
    }
    if (camera instanceof MediaStream) {
      this.tell("camera", camera);
      this.say("camera", "good", say("good"));
    } else this.say("camera", "dropped", trouble(camera));
    if (microphone instanceof MediaStream) await this.checkHearing(microphone, aloud);
    else if (microphone === INSECURE) {
      // One cause, said once.
      this.say("microphone", "dropped", say("insecureToo"));
      this.say("echo", "waiting", say("insecureToo"));
    } else {
      this.say("microphone", "dropped", trouble(microphone));
      this.say("echo", "waiting", say("echoNotYet"));
    }
  }

  private async checkHearing(microphone: MediaStream, aloud: boolean): Promise<void> {
    const quiet = await hearing(microphone, false);
    if (!this.isWanted) return;
    if (quiet < SILENT) this.say("microphone", "lowered", say("microphoneQuiet"));
    else this.say("microphone", "good", say("good"));
    if (!aloud) this.say("echo", "waiting", say("echoNotYet"));
    else await this.checkEcho(microphone, quiet);
  }

  /** The tone has to be in the raw sound, or there are no speakers; and no more in the cleaned one. */
  private async checkEcho(cleaned: MediaStream, quiet: number): Promise<void> {
    const raw = await open({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
    if (!(raw instanceof MediaStream)) {
      this.say("echo", "lowered", say("echoUnknown"));
      return;
    }
    const before = Math.max(SILENT, await hearing(raw, false));
    const loud = this.isWanted ? await hearing(raw, true) : 0;
    for (const track of raw.getTracks()) track.stop();
    // No tone in a lesson that has begun meanwhile.
    if (!this.isWanted) return;
    if (loud < before * HEARD) {
      this.say("echo", "lowered", say("echoNoSpeaker"));
      return;
    }
    const left = await hearing(cleaned, true);
    if (!this.isWanted) return;
    if (left > Math.max(SILENT, quiet) * HEARD) this.say("echo", "lowered", say("echoLoud"));
    else this.say("echo", "good", say("good"));
  }

  private async checkLine(): Promise<void> {
    const trip = await roundTrip();
    if (trip === null) {
      this.say("lineCheck", "dropped", say("lineGone"));
      return;
    }
    const bits = await throughput(this.probe, MEASURED_MS);
    const speed = (bits / 1e6).toFixed(1);
    if (bits < NEEDS.full) this.say("lineCheck", "lowered", say("lineWeak", { speed }));
    else this.say("lineCheck", "good", say("lineGood", { trip: Math.round(trip), speed }));
  }

  private say(thing: Thing, mark: Found["mark"], detail: string): void {
    this.tell("found", { thing, found: { mark, detail } });
  }
}

/** The devices asked for, or the name of what stands in the way. */
async function open(wanted: MediaStreamConstraints): Promise<MediaStream | string> {
  if (!window.isSecureContext) return INSECURE;
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    return error instanceof Error ? error.name : "";
  }
}

function tracksOf(found: MediaStream | string): MediaStreamTrack[] {
  return found instanceof MediaStream ? found.getTracks() : [];
}

function trouble(name: string): string {
  if (name === INSECURE) return say("insecure");
  if (name === "NotAllowedError") return say("cameraDenied");
  return say(name === "NotReadableError" ? "cameraBusy" : "cameraMissing");
}

/** The shortest of some, in ms; null where nothing answers. */
async function roundTrip(): Promise<number | null> {
  const trips: number[] = [];
  for (let tries = 0; tries < TRIPS; tries += 1) {
    const asked = performance.now();
    const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
    if (answer) trips.push(performance.now() - asked);
  }
  return trips.length ? Math.min(...trips) : null;
}
