/**
 * One MediaRecorder on one track: its coded frames, on the lesson's clock.
 *
 * For browsers without WebCodecs. A recorder of its own for each track, so that another picture
 * leaves no hole in the sound.
 */
import { Rebase } from "./rebase.ts";
import { WebmReader, type WebmFrame } from "./webm.ts";

export const PICTURE_TYPE = "video/webm;codecs=h264";
export const SOUND_TYPE = "audio/webm;codecs=opus";

/** A slice waits for its last frame, and the class for the slice. */
const SLICE_MS = 100;

/** https://www.w3.org/TR/mediastream-recording/ ; TypeScript lacks the keyframes. */
export interface RecordingOptions extends MediaRecorderOptions {
  videoKeyFrameIntervalDuration?: number;
}

export function canRecord(type: string): boolean {
  return typeof MediaRecorder !== "undefined" && MediaRecorder.isTypeSupported(type);
}

interface Told {
  /** The lesson's time, in ms. */
  now: () => number;
  /** How long a frame lasts, in µs, where it is there only at its end: sound. */
  lasts: (data: Uint8Array) => number;
  /** The next frame, and when it was captured, in µs of the lesson. */
  frame: (frame: WebmFrame, atUs: number) => void;
  /** The recorder failed. */
  failed: () => void;
}

export class Recording {
  private readonly recorder: MediaRecorder;
  private readonly reader = new WebmReader();
  private readonly rebase = new Rebase();
  /** What came before the track's clock was known. */
  private held: WebmFrame[] = [];
  private reading: Promise<void>;
  private readonly stopped: Promise<void>;
  private readonly told: Told;

  /** `before`: what has to be read whole first. */
  constructor(track: MediaStreamTrack, options: RecordingOptions, before: Promise<void>, told: Told) {
    this.told = told;
    this.reading = before;
    this.recorder = new MediaRecorder(new MediaStream([track]), options);
    this.stopped = new Promise((resolve) => (this.recorder.onstop = () => resolve()));
    this.recorder.onerror = () => told.failed();
    this.recorder.ondataavailable = ({ data }) => this.take(data, told.now());
    this.recorder.start(SLICE_MS);
  }

  /** End it; kept when all of it has been given. */
  async stop(): Promise<void> {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    await this.stopped;
    await this.reading;
    // A track that ended at once: its clock will not be known better.
    this.give();
  }

  private take(slice: Blob, arrived: number): void {
    this.reading = this.reading.then(() => this.read(slice, arrived)).catch((error: unknown) => {
      // Whatever it was: the lesson goes on with a new recorder, which waits for this one.
      console.error(error);
      this.told.failed();
    });
  }

  private async read(slice: Blob, arrived: number): Promise<void> {
    const frames = this.reader.feed(new Uint8Array(await slice.arrayBuffer()));
    for (const frame of frames) this.rebase.observe(frame.atUs + this.told.lasts(frame.data), arrived);
    this.held.push(...frames);
    if (this.rebase.warm) this.give();
  }

  private give(): void {
    for (const frame of this.held.splice(0)) this.told.frame(frame, this.rebase.at(frame.atUs));
  }
}
