/**
 * A receiving room in the talk: its camera and microphone go to the lead, and the lesson comes back
 * without its own voice (docs/live-protocol.md).
 *
 * While `state` is `talking` the room has the lesson by `video` and `voice`, some tenth of a second behind the
 * lead: the player of the lesson plane has to be silent then, and the screen keeps the lead's own time.
 */
import { Emitter } from "../emitter.ts";
import { newId, type Session, type TalkWord } from "../session.ts";
import type { Level } from "../vocabulary.ts";
import { Peer, type LinkWord, type SentPicture } from "./link.ts";
import { TalkSeats } from "./seats.ts";
import { Voice } from "./voice.ts";

/** What to ask the browser for. A speaker in the room is heard by its microphone: so no echo. */
export const TALK_CAMERA: MediaStreamConstraints = {
  video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 25 } },
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
};

export type TalkState = "out" | "connecting" | "talking" | "broken";

interface RoomTalkEvents {
  state: TalkState;
  /** The browser plays only after a click. */
  blocked: undefined;
}

/** A line that carries less of the lesson carries less of the room: at the last, its voice alone. */
const FULL = { bitrate: 600_000, divisor: 1 };
const SMALL = { bitrate: 200_000, divisor: 2 };
const PICTURES: Readonly<Record<Level, SentPicture | null>> = { full: FULL, small_picture: SMALL, slides_and_sound: SMALL, sound_only: null };
const LOOK_MS = 500;
/** A word got lost, or a way between the two. */
const HURRY_MS = 1500;
/** Then everything is tried anew: the lead's page is another, or the room's network. */
const ANEW_MS = 6000;

export class RoomTalk extends Emitter<RoomTalkEvents> {
  state: TalkState = "out";
  private readonly session: Session;
  private readonly video: HTMLVideoElement;
  private readonly voice = new Voice(() => this.tell("blocked", undefined));
  private readonly seats: TalkSeats;
  private camera: MediaStream | null = null;
  private peer: Peer | null = null;
  private call = "";
  /** The window of the lead whose answer was taken, and what others said before there was one. */
  private answerer: string | null = null;
  private early: LinkWord[] = [];
  private timer = 0;
  private dialledAt = 0;
  private hurriedAt = 0;
  private hasTold = false;
  private arrived: () => void = () => undefined;

  /** `video`: of its own, or free while the room talks. */
  constructor(session: Session, video: HTMLVideoElement) {
    super();
    this.session = session;
    this.video = video;
    video.muted = true;
    this.seats = new TalkSeats(session);
    this.seats.on("changed", () => this.onSeats());
    session.on("talk", (word) => this.hear(word));
    session.on("hello", () => this.peer?.hurry());
  }

  /** When the lead was last heard: `Link.heardAt`. */
  get heardAt(): number {
    return this.peer?.heardAt ?? 0;
  }

  /** Enter the talk; kept once the lesson comes by it, or `stop` was called. */
  start(camera: MediaStream): Promise<void> {
    if (this.camera) {
      this.show(camera);
      return Promise.resolve();
    }
    this.take(camera);
    this.dial();
    this.timer = window.setInterval(() => this.look(), LOOK_MS);
    return new Promise((resolve) => (this.arrived = resolve));
  }

  /** Another camera or microphone. */
  show(camera: MediaStream): void {
    if (this.state === "out") return;
    this.take(camera);
    if (this.camera) this.peer?.send(this.camera);
  }

  /** Leave the talk. The camera stays the caller's. */
  stop(): void {
    if (this.state === "out") return;
    clearInterval(this.timer);
    this.hangUp();
    for (const track of this.camera?.getTracks() ?? []) track.stop();
    this.camera = null;
    this.video.srcObject = null;
    this.voice.stop();
    this.setState("out");
    if (this.hasTold) this.tellMode("lesson");
    this.arrived();
  }

  /** What is sent is a copy: muted, the room's own level meter still shows that its microphone works. */
  private take(camera: MediaStream): void {
    for (const track of this.camera?.getTracks() ?? []) track.stop();
    this.camera = camera.clone();
    this.setSound();
  }

  private onSeats(): void {
    this.setSound();
    this.peer?.limit(this.picture);
  }

  private get seat(): string {
    return this.session.hello?.seat ?? "";
  }

  private get picture(): SentPicture | null {
    return PICTURES[this.seats.level(this.seat)];
  }

  private setSound(): void {
    const muted = this.seats.isMuted(this.seat);
    for (const track of this.camera?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  private dial(): void {
    const { camera } = this;
    if (!camera) return;
    this.hangUp();
    this.call = newId();
    this.answerer = null;
    this.early = [];
    this.dialledAt = this.hurriedAt = performance.now();
    const say = (word: LinkWord): void => this.session.say("lead", word);
    const peer = new Peer({ call: this.call, servers: this.session.hello?.ice_servers ?? [], say, picture: this.picture });
    this.peer = peer;
    peer.on("stream", (stream) => this.play(stream));
    peer.on("state", () => this.onLink());
    peer.dial(camera);
    if (this.state !== "broken") this.setState("connecting");
  }

  private hangUp(): void {
    const { peer } = this;
    this.peer = null;
    peer?.close();
  }

  private play(stream: MediaStream): void {
    this.video.srcObject = stream;
    // Without a picture it ends with the link.
    void this.video.play().catch(() => undefined);
    this.voice.play(stream);
  }

  private hear({ from, data }: TalkWord): void {
    if (from !== "lead" || !this.camera) return;
    if (data.wanted) this.dial();
    else if (data.call === this.call) this.hearOf(data as unknown as LinkWord);
  }

  /** Of several windows of the lead the first that answers is heard, and no other. */
  private hearOf(word: LinkWord): void {
    const { end = "", description } = word;
    if (this.answerer === null && !description) {
      this.early.push(word);
      return;
    }
    this.answerer ??= end;
    // Said again to whoever has not heard it.
    if (description) this.session.say("lead", { call: this.call, taken: this.answerer });
    if (end !== this.answerer) return;
    this.peer?.hear(word);
    for (const candidate of this.early.splice(0)) if ((candidate.end ?? "") === end) this.peer?.hear(candidate);
  }

  private onLink(): void {
    const state = this.peer?.state;
    if (state === "connected") this.onConnected();
    else if (state === "broken") this.onBroken();
  }

  private onConnected(): void {
    this.setState("talking");
    if (!this.hasTold) this.tellMode("talk");
    this.arrived();
  }

  private onBroken(): void {
    if (this.state === "talking") {
      this.dialledAt = this.hurriedAt = performance.now();
      this.setState("broken");
    }
    this.peer?.hurry();
  }

  private tellMode(playing: "talk" | "lesson"): void {
    this.hasTold = playing === "talk";
    // Refused where the room was sent out or the class is over, which says it as well.
    this.session.command("mode", { room: this.seat, playing }).catch(() => undefined);
  }

  private look(): void {
    if (this.state === "talking") return;
    const now = performance.now();
    if (now - this.dialledAt > ANEW_MS) this.dial();
    else if (now - this.hurriedAt > HURRY_MS) {
      this.hurriedAt = now;
      this.peer?.hurry();
    }
  }

  private setState(state: TalkState): void {
    if (this.state === state) return;
    this.state = state;
    this.tell("state", state);
  }
}
