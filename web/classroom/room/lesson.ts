/**
 * A lesson as it is followed: the class's line, its picture in step, and its screen, each cue at
 * its media time. For a receiving room and for who watches.
 */
import { Emitter } from "../emitter.ts";
import type { Refusal } from "../line.ts";
import type { Measure } from "../measuring.ts";
import { Receiver, type ReceiverState } from "../receiver.ts";
import { Session, type Hello } from "../session.ts";
import { Cues, Stage } from "../stage.ts";
import type { Happened, Level, PictureSource, StageState } from "../vocabulary.ts";

/** The lesson with its picture, with a small one, or its sound alone. */
export type Rendition = "source" | "small" | "sound";

export function renditionOf(level: Level): Rendition {
  if (level === "full") return "source";
  return level === "small_picture" ? "small" : "sound";
}

export function isSoundAlone(level: Level): boolean {
  return renditionOf(level) === "sound";
}

interface LessonEvents {
  hello: Hello;
  /** At once, before its media time. */
  event: Happened;
  /** What is on the screen has changed. */
  stage: Stage;
  state: ReceiverState;
  measure: Measure;
  /** The browser plays only after a click. */
  blocked: undefined;
  /** The class's line is gone, and comes back by itself. */
  broken: undefined;
  refused: Refusal;
}

/** Without pictures (sound alone, a hidden page) cues are looked after this often. */
const LOOK_MS = 200;
/** A moment that is older says nothing: the picture stands still. */
const FRESH_MS = 1500;

export class Lesson extends Emitter<LessonEvents> {
  readonly session: Session;
  readonly stage = new Stage();
  readonly video: HTMLVideoElement;
  receiver: Receiver | null = null;
  /** In the talk the screen changes at the lead's own time. */
  isTalking = false;
  /** What the lesson's picture comes from. */
  pictureSource: PictureSource = "page";
  private readonly id: string;
  private readonly cues = new Cues();
  private rendition: Rendition = "source";
  private restoring: { at: number; seq: number; state: StageState } | null = null;
  private isShown = false;
  private moment = 0;
  private momentAt = -Infinity;
  private timer = 0;
  private turn = 0;

  constructor(id: string, video: HTMLVideoElement) {
    super();
    this.id = id;
    this.video = video;
    this.session = new Session(`/live/${id}/socket`);
    this.session.on("hello", (hello) => this.onHello(hello));
    this.session.on("event", (event) => this.onEvent(event));
    this.session.on("broken", () => this.tell("broken", undefined));
    this.session.on("refused", (refusal) => this.tell("refused", refusal));
  }

  open(rendition: Rendition): void {
    this.rendition = rendition;
    this.timer = window.setInterval(() => this.onTime(), LOOK_MS);
    this.session.open();
  }

  close(): void {
    clearInterval(this.timer);
    this.stop();
    this.session.close();
  }

  get delayMs(): number {
    return this.session.hello?.delay_ms ?? 0;
  }

  /** What the lesson's clock shows on this screen now, in ms. */
  get now(): number {
    const now = this.session.clock.now();
    if (this.isTalking) return now;
    const fresh = performance.now() - this.momentAt < FRESH_MS;
    return fresh ? this.moment : now - this.delayMs;
  }

  /** Whether a rendition is made now; null where the service does not say. */
  async offers(rendition: Rendition): Promise<boolean | null> {
    try {
      const answer = await fetch(`/live/${this.id}/program.m3u8`);
      return answer.ok ? (await answer.text()).includes(`${rendition}/live.m3u8`) : null;
    } catch {
      return null;
    }
  }

  /** Play another rendition of the lesson. */
  play(rendition: Rendition): void {
    if (rendition === this.rendition) return;
    this.rendition = rendition;
    if (!this.receiver) return;
    this.stop();
    void this.start();
  }

  /** Leave the lesson's plane: the picture is somebody else's now. */
  stop(): void {
    this.turn += 1;
    this.receiver?.close();
    this.receiver = null;
    this.momentAt = -Infinity;
  }

  async start(): Promise<void> {
    if (this.receiver) return;
    this.turn += 1;
    const turn = this.turn;
    await this.session.clock.ready;
    if (turn !== this.turn) return;
    // Not the multi-variant playlist: what the line carries is decided here, and told to the lead.
    const receiver = new Receiver({
      video: this.video, address: `/live/${this.id}/hls/${this.rendition}/live.m3u8`, clock: this.session.clock, delayMs: this.delayMs,
    });
    this.receiver = receiver;
    receiver.on("state", (state) => this.tell("state", state));
    receiver.on("measure", (measure) => this.tell("measure", measure));
    receiver.on("blocked", () => this.tell("blocked", undefined));
    receiver.on("playerless", () => void loadAnew());
    receiver.on("moment", (moment) => this.onMoment(moment));
    await receiver.open();
  }

  private onHello(hello: Hello): void {
    if (this.receiver) this.receiver.delayMs = hello.delay_ms;
    const { stage, phase, media_ms, picture_source } = hello.state;
    this.pictureSource = picture_source ?? "page";
    if (stage) this.take(stage, media_ms ?? 0, hello.seq);
    this.tell("hello", hello);
    if (phase === "running" && stage && !this.isTalking) void this.start();
  }

  /** Who comes late is shown all there is; who comes back, when the picture has got so far. */
  private take(state: StageState, at: number, seq: number): void {
    if (this.isShown) {
      this.restoring = { at, seq, state };
      return;
    }
    this.isShown = true;
    this.stage.restore(state, at);
    this.tell("stage", this.stage);
  }

  private onEvent(event: Happened): void {
    if (event.kind === "delay" && this.receiver) this.receiver.delayMs = this.delayMs;
    if (event.kind === "publisher" && event.on) this.pictureSource = event.source as PictureSource;
    this.cues.add(event);
    this.tell("event", event);
    if (event.kind === "begin" && !this.isTalking) void this.start();
    if (this.isTalking) this.onTime();
  }

  private onMoment(moment: number): void {
    this.moment = moment;
    this.momentAt = performance.now();
    this.onTime();
  }

  private onTime(): void {
    // Whoever looks back sees the picture alone, which has everything in it.
    if (!this.session.clock.core.known || this.receiver?.following === false) return;
    // In the talk nothing waits for a picture.
    const now = this.isTalking ? Infinity : this.now;
    const due = this.cues.due(now);
    let changed = due.length > 0;
    if (this.restoring && this.restoring.at <= now) {
      const { at, seq, state } = this.restoring;
      this.restoring = null;
      this.stage.restore(state, at);
      for (const event of due) if (event.seq > seq) this.stage.apply(event);
      changed = true;
    } else for (const event of due) this.stage.apply(event);
    if (changed) this.tell("stage", this.stage);
  }
}

/** Load the page anew, but not while the service is away: nobody brings it back from an empty one. */
async function loadAnew(): Promise<void> {
  const answer = await fetch("/healthz", { cache: "no-store" }).catch(() => null);
  if (answer?.ok) location.reload();
}
