/**
 * Publishes a lesson from this browser: a camera or canvas and a microphone go, coded by the
 * browser, to `/live/{class}/publish` (docs/live-protocol.md). What codes them is in coders.ts.
 *
 * Nothing is lost in a break: the coders go on, and sender.ts keeps what they make.
 */
import { PICTURE, SOUND } from "./chunks.ts";
import { LineClock } from "./clock.ts";
import type { CodedSound, PictureCoder, SoundCoder } from "./coder.ts";
import { otherPictureCoder, pictureCoder, soundCoder, type Wanted } from "./coders.ts";
import { Emitter } from "./emitter.ts";
import { Line, type Refusal } from "./line.ts";
import { Losses, type Lost } from "./losses.ts";
import { Pace } from "./pace.ts";
import type { CodedPicture, PictureCoding } from "./picture.ts";
import { Sender, type Hello } from "./sender.ts";
import { Shelf } from "./shelf.ts";

export interface PublisherOptions {
  /** `/live/{class}/publish` */
  address: string;
  classId: string;
  /** Address of the built worklet.ts; null where the browser has MediaStreamTrackProcessor. */
  worklet?: string | null;
  /** bit/s of the picture on a line that carries it. */
  bitrate?: number;
  framerate?: number;
}

export type PublisherState = "connecting" | "live" | "broken" | "ended";

export interface PublisherEvents {
  state: PublisherState;
  refused: Refusal;
  /** Once a second: how many chunks are not known to be durable. */
  kept: number;
  /** The browser codes no H.264 of this size. */
  unsupported: undefined;
}

const BITRATE = 1_800_000;
const FRAMERATE = 30;
const LOOK_MS = 1000;
/** Each stream tells once what it has: so the second track is waited for, and not for ever. */
const TRACK_WAIT_MS = 1500;

export class Publisher extends Emitter<PublisherEvents> {
  state: PublisherState = "connecting";
  readonly line: Line;
  readonly clock: LineClock;
  private readonly sender: Sender;
  private readonly pace: Pace;
  private readonly losses = new Losses();
  private readonly wanted: Wanted;
  private pictures: PictureCoder;
  private readonly sound: SoundCoder;
  private tracks: { picture?: MediaStreamTrack; sound?: MediaStreamTrack } = {};
  /** What the running stream was said to have. */
  private begun: { picture: PictureCoding | null; channels: number } | null = null;
  /** A new stream has to begin, with the next keyframe; until then the one before goes on. */
  private anew = true;
  private waitingSince = 0;
  private timer = 0;

  constructor({ address, classId, worklet = null, bitrate = BITRATE, framerate = FRAMERATE }: PublisherOptions) {
    super();
    this.line = new Line(address);
    this.clock = new LineClock(this.line);
    this.sender = new Sender(this.line, new Shelf(classId));
    this.pace = new Pace(bitrate);
    this.wanted = { bitrate, framerate, worklet, now: () => this.clock.now() };
    this.pictures = this.listenTo(pictureCoder(this.wanted));
    this.sound = soundCoder(this.wanted);
    this.listen();
  }

  /** What this computer had no time to code lately. */
  get lost(): Lost | null {
    return this.losses.lost(performance.now());
  }

  async start(): Promise<void> {
    // Else a full disk may cost what the service does not have yet.
    void navigator.storage.persist();
    await this.sender.open();
    this.timer = window.setInterval(() => this.look(), LOOK_MS);
  }

  /** Publish these tracks from now on, in place of those before. */
  show(stream: MediaStream): void {
    void this.clock.ready.then(() => {
      this.take("picture", stream.getVideoTracks()[0]);
      this.take("sound", stream.getAudioTracks()[0]);
    });
  }

  /** End the lesson's publishing once all of it is durable. */
  async finish(): Promise<void> {
    this.pictures.end();
    this.sound.end();
    await Promise.all([this.pictures.flush(), this.sound.flush()]);
    while (this.sender.kept.count > 0 && this.state !== "ended") await new Promise((resolve) => setTimeout(resolve, 100));
    this.stop();
  }

  /** End at once; what is not durable stays on this computer for the next visit. */
  stop(): void {
    clearInterval(this.timer);
    this.pictures.close();
    this.sound.close();
    this.sender.close();
    this.setState("ended");
  }

  private listen(): void {
    this.sender.on("hello", (hello) => this.onHello(hello));
    this.sender.on("congested", () => {
      if (this.pace.congested(performance.now())) this.pictures.setBitrate(this.pace.bitrate);
    });
    this.line.on("broken", () => this.setState("broken"));
    this.line.on("refused", (refusal) => {
      this.stop();
      this.tell("refused", refusal);
    });
    this.sound.on("lost", (ms) => this.losses.loseSound(ms, performance.now()));
    this.sound.on("coded", (coded) => {
      this.onSound(coded);
      // Timers of a hidden page sleep, sound does not.
      this.pictures.repeat();
    });
  }

  private listenTo(coder: PictureCoder): PictureCoder {
    coder.on("coded", (coded) => this.onPicture(coded));
    coder.on("lost", (ms) => this.losses.losePicture(ms, performance.now()));
    coder.on("unsupported", () => this.onUnsupported());
    return coder;
  }

  private onUnsupported(): void {
    const other = otherPictureCoder(this.pictures, { ...this.wanted, bitrate: this.pace.bitrate });
    if (!other) {
      this.tell("unsupported", undefined);
      return;
    }
    other.keyframeMs = this.pictures.keyframeMs;
    this.pictures.close();
    this.pictures = this.listenTo(other);
    if (this.tracks.picture) this.pictures.begin(this.tracks.picture);
  }

  private onHello({ keyframe_ms }: Hello): void {
    this.pictures.keyframeMs = keyframe_ms;
    this.beginAnew();
    this.setState("live");
  }

  private take(kind: "picture" | "sound", track: MediaStreamTrack | undefined): void {
    if (this.tracks[kind] === track || this.state === "ended") return;
    const before = this.tracks[kind];
    this.tracks[kind] = track;
    const coder = kind === "picture" ? this.pictures : this.sound;
    if (track) coder.begin(track);
    else coder.end();
    // One in place of another changes the coding, or it does not: the encoders will say.
    if (!track || !before) this.beginAnew();
    track?.addEventListener("ended", () => {
      if (this.tracks[kind] === track) this.take(kind, undefined);
    });
  }

  private beginAnew(): void {
    this.anew = true;
    this.waitingSince = performance.now();
    this.pictures.wantKeyframe();
  }

  private onPicture({ coding, ...coded }: CodedPicture): void {
    const fits = this.begun?.picture?.description === coding.description;
    if (!this.tracks.picture || ((this.anew || !fits) && !this.begin(coding, coded.keyframe) && !fits)) return;
    this.sender.send({ track: PICTURE, ...coded });
  }

  private onSound(coded: CodedSound): void {
    if (this.begun && this.begun.channels !== this.sound.channels) this.beginAnew();
    if (this.anew && !this.begin(null, true) && !this.begun) return;
    this.sender.send({ track: SOUND, keyframe: true, ...coded });
  }

  /** Begin a stream, if this chunk can be its first. */
  private begin(picture: PictureCoding | null, first: boolean): boolean {
    const { channels } = this.sound;
    const waits = performance.now() - this.waitingSince < TRACK_WAIT_MS;
    const misses = picture ? this.tracks.sound && !channels : this.tracks.picture;
    if (!first || (misses && waits)) {
      if (picture) this.pictures.wantKeyframe();
      return false;
    }
    this.anew = false;
    this.begun = { picture, channels: this.tracks.sound ? channels : 0 };
    this.sender.configure({
      ...(picture && { picture }),
      ...(this.begun.channels && { sound: { codec: "opus" as const, channels } }),
    });
    return true;
  }

  private look(): void {
    if (this.line.backlog === 0 && this.pace.free(performance.now())) this.pictures.setBitrate(this.pace.bitrate);
    this.tell("kept", this.sender.kept.count);
  }

  private setState(state: PublisherState): void {
    if (this.state === state) return;
    this.state = state;
    this.tell("state", state);
  }
}
