/**
 * Publishes a lesson from this browser: a camera or canvas and a microphone go, coded by the
 * browser, to `/live/{class}/publish` (docs/live-protocol.md). Needs a current Chromium.
 *
 * Nothing is lost in a break: the encoders go on, and sender.ts keeps what they make.
 */
import { takePictures, takeSound } from "./capture.ts";
import { PICTURE, SOUND } from "./chunks.ts";
import { LineClock } from "./clock.ts";
import { Emitter } from "./emitter.ts";
import { PictureFeed } from "./feed.ts";
import { Line, type Refusal } from "./line.ts";
import { Pace } from "./pace.ts";
import { PictureEncoder, type CodedPicture, type PictureCoding } from "./picture.ts";
import { Sender, type Hello } from "./sender.ts";
import { Shelf } from "./shelf.ts";
import { SoundEncoder, type CodedSound } from "./sound.ts";

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

/** Once a second, for the page. */
export interface Health {
  /** Chunks since the page was opened. */
  made: number;
  /** Up to this number everything is on the service's disk. */
  durable: number;
  keptChunks: number;
  keptBytes: number;
  memoryBytes: number;
  droppedPictures: number;
  /** bit/s that left in the last second, and what the picture may have. */
  sentBitrate: number;
  pictureBitrate: number;
  /** Bytes that wait in the socket. */
  backlog: number;
  roundTripMs: number;
}

export type PublisherState = "connecting" | "live" | "broken" | "ended";

export interface PublisherEvents {
  state: PublisherState;
  refused: Refusal;
  health: Health;
  /** A camera, canvas or microphone ended by itself. */
  lost: "picture" | "sound";
  /** The browser codes no H.264 of this size. */
  unsupported: undefined;
}

const BITRATE = 1_800_000;
const FRAMERATE = 30;
const HEALTH_MS = 1000;
/** Each stream tells once what it has: so the second track is waited for, and not for ever. */
const TRACK_WAIT_MS = 1500;

export class Publisher extends Emitter<PublisherEvents> {
  state: PublisherState = "connecting";
  readonly line: Line;
  readonly clock: LineClock;
  private readonly sender: Sender;
  private readonly pace: Pace;
  private readonly encoder: PictureEncoder;
  private readonly pictures: PictureFeed;
  private readonly sound = new SoundEncoder();
  private readonly worklet: string | null;
  private stops: { picture?: () => void; sound?: () => void } = {};
  private tracks: { picture?: MediaStreamTrack; sound?: MediaStreamTrack } = {};
  /** What the running stream was said to have. */
  private begun: { picture: PictureCoding | null; channels: number } | null = null;
  /** A new stream has to begin, with the next keyframe; until then the one before goes on. */
  private anew = true;
  private waitingSince = 0;
  private lastSentBytes = 0;
  private timer = 0;

  constructor({ address, classId, worklet = null, bitrate = BITRATE, framerate = FRAMERATE }: PublisherOptions) {
    super();
    this.worklet = worklet;
    this.line = new Line(address);
    this.clock = new LineClock(this.line);
    this.sender = new Sender(this.line, new Shelf(classId));
    this.pace = new Pace(bitrate);
    this.encoder = new PictureEncoder(bitrate, framerate);
    this.pictures = new PictureFeed(this.encoder, () => this.clock.now());
    this.listen();
  }

  async start(): Promise<void> {
    // Else a full disk may cost what the service does not have yet.
    void navigator.storage.persist();
    await this.sender.open();
    this.timer = window.setInterval(() => this.tellHealth(), HEALTH_MS);
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
    for (const stop of Object.values(this.stops)) stop();
    this.pictures.end();
    await Promise.all([this.encoder.flush(), this.sound.flush()]);
    while (this.sender.kept.count > 0 && this.state !== "ended") await new Promise((resolve) => setTimeout(resolve, 100));
    this.stop();
  }

  /** End at once; what is not durable stays on this computer for the next visit. */
  stop(): void {
    clearInterval(this.timer);
    for (const stop of Object.values(this.stops)) stop();
    this.stops = {};
    this.pictures.close();
    this.sound.close();
    this.sender.close();
    this.setState("ended");
  }

  private listen(): void {
    this.sender.on("hello", (hello) => this.onHello(hello));
    this.sender.on("congested", () => {
      if (this.pace.congested(performance.now())) this.encoder.setBitrate(this.pace.bitrate);
    });
    this.line.on("broken", () => this.setState("broken"));
    this.line.on("refused", (refusal) => {
      this.stop();
      this.tell("refused", refusal);
    });
    this.encoder.on("coded", (coded) => this.onPicture(coded));
    this.encoder.on("unsupported", () => this.tell("unsupported", undefined));
    this.sound.on("coded", (coded) => this.onSound(coded));
  }

  private onHello({ keyframe_ms }: Hello): void {
    this.pictures.keyframeMs = keyframe_ms;
    this.beginAnew();
    this.setState("live");
  }

  private take(kind: "picture" | "sound", track: MediaStreamTrack | undefined): void {
    if (this.tracks[kind] === track || this.state === "ended") return;
    this.stops[kind]?.();
    const before = this.tracks[kind];
    this.tracks[kind] = track;
    this.stops[kind] = track && (kind === "picture" ? this.takePictures(track) : this.takeSound(track));
    if (!track && kind === "picture") this.pictures.end();
    // One in place of another changes the coding, or it does not: the encoders will say.
    if (!track || !before) this.beginAnew();
    track?.addEventListener("ended", () => {
      if (this.tracks[kind] !== track) return;
      this.take(kind, undefined);
      this.tell("lost", kind);
    });
  }

  private takePictures(track: MediaStreamTrack): () => void {
    this.pictures.begin();
    return takePictures(track, (frame) => this.pictures.take(frame));
  }

  private takeSound(track: MediaStreamTrack): () => void {
    this.sound.begin();
    return takeSound(track, this.worklet, (data) => {
      this.sound.encode(data, this.clock.now());
      // Timers of a hidden page sleep, sound does not.
      this.pictures.repeat();
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

  private tellHealth(): void {
    const { kept, made, sentBytes } = this.sender;
    if (this.line.backlog === 0 && this.pace.free(performance.now())) this.encoder.setBitrate(this.pace.bitrate);
    const sentBitrate = ((sentBytes - this.lastSentBytes) * 8000) / HEALTH_MS;
    this.lastSentBytes = sentBytes;
    this.tell("health", {
      made, sentBitrate, durable: kept.durable, keptChunks: kept.count, keptBytes: kept.bytes, memoryBytes: kept.memoryBytes,
      droppedPictures: this.encoder.dropped, pictureBitrate: this.pace.bitrate, backlog: this.line.backlog, roundTripMs: this.clock.core.roundTrip,
    });
  }

  private setState(state: PublisherState): void {
    if (this.state === state) return;
    this.state = state;
    this.tell("state", state);
  }
}
