/**
 * Which stream is played: picture or sound only, at which quality, and how it changes while the
 * recording is still being encoded.
 *
 * A lesson can be watched seconds after its upload, with one quality; others follow. They are
 * offered in the menu as soon as they exist. Taking a new playlist up costs a short stop, so it
 * is done when one has come anyway: at a pause, a seek, a stall, or when the person chooses one.
 */
import { request, Problem } from "../shared/api.ts";
import { backoff } from "../shared/backoff.ts";
import { recall, remember } from "../shared/remember.ts";
import type { Media, Rendition } from "../shared/types.ts";
import { onStall } from "./stall.ts";
import { createSource, sameSize, type Source, type Trouble } from "./source.ts";

/** Until something can be played the person is waiting: look often. */
const POLL_WAITING_MS = 2000;
/** While it plays, a new quality may come a little later. */
const POLL_ENCODING_MS = 5000;

/** Encoding takes longer than this: what is gone again so soon has not moved. */
const MOVED_AGAIN_MS = 10_000;

/** Events: `media` (what the service says changed), `quality`, `trouble`. */
export class Stream extends EventTarget {
  media: Media | null = null;
  trouble: Trouble | null = null;
  /** Name of the rendition held to; null follows the line. */
  chosen: string | null = recall("quality") || null;
  soundOnly = recall("sound-only") === "yes";
  private source: Source | null = null;
  private loaded: string | null = null;
  /** The renditions there were when the playlist was taken up. */
  private known = "";
  private failures = 0;
  /** When files were found to have moved, and were taken up where they are now. */
  private movedAt = -Infinity;
  private timer = 0;
  private startAt: (media: Media) => number = () => 0;
  private readonly video: HTMLVideoElement;
  private readonly address: string;

  constructor(video: HTMLVideoElement, address: string) {
    super();
    this.video = video;
    this.address = address;
    for (const event of ["seeking", "pause"]) video.addEventListener(event, () => this.takeUpNewRenditions());
    onStall(video, () => this.takeUpNewRenditions());
    video.addEventListener("play", () => this.source?.readAhead());
    video.addEventListener("playing", () => this.setTrouble(null));
  }

  /** Begin: ask what there is, and play it from where `startAt` says, when there is something. */
  async open(startAt: (media: Media) => number): Promise<void> {
    this.startAt = startAt;
    const events = { levels: () => this.tell("quality"), trouble: (kind: Trouble) => void this.onTrouble(kind) };
    const [source] = await Promise.all([createSource(this.video, events).catch(() => null), this.refresh()]);
    this.source = source;
    if (source) this.loadFirst();
    else this.setTrouble("unsupported");
  }

  /** The renditions that can be chosen, best first; none where the browser chooses by itself. */
  qualities(): Rendition[] {
    if (!this.media || this.playsSound() || !this.source?.levels().length) return [];
    return [...this.media.renditions].sort((a, b) => b.bandwidth - a.bandwidth);
  }

  /** Name of the rendition on the screen now. */
  current(): string | null {
    const size = this.source?.current();
    return this.media?.renditions.find((rendition) => size && sameSize(rendition, size))?.name ?? null;
  }

  choose(name: string | null): void {
    this.chosen = name;
    remember("quality", name ?? "");
    const rendition = this.chosenRendition();
    this.source?.choose(rendition);
    if (rendition && !this.isOffered(rendition)) this.load(this.video.currentTime);
    this.tell("quality");
  }

  setSoundOnly(on: boolean): void {
    this.soundOnly = on;
    remember("sound-only", on ? "yes" : "no");
    if (this.addressToPlay() !== this.loaded) this.load(this.video.currentTime);
    this.tell("media");
    this.tell("quality");
  }

  /** True when there is no picture to see: chosen so, or the recording has none. */
  playsSound(): boolean {
    return this.media !== null && this.addressToPlay() === this.media.sound && this.media.sound !== null;
  }

  /** Seconds, of the whole recording even while its playlist still grows. */
  duration(): number {
    const known = Number.isFinite(this.video.duration) ? this.video.duration : 0;
    return Math.max(known, this.media?.duration_s ?? 0);
  }

  /** Go to `seconds`, or as near as can be played yet. */
  seek(seconds: number): void {
    const { seekable } = this.video;
    const end = seekable.length ? seekable.end(seekable.length - 1) : this.duration();
    this.video.currentTime = Math.min(Math.max(0, seconds), Math.max(0, end));
  }

  async retry(): Promise<void> {
    const kind = this.trouble;
    await this.refresh();
    if (!this.loaded || kind !== "line") this.load(this.video.currentTime);
    else this.source?.resume();
  }

  private async refresh(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.media = await request<Media>(this.address);
      this.failures = 0;
      if (this.media.state === "failed" && !this.addressToPlay()) this.setTrouble("failed");
      else if (!this.loaded) this.setTrouble(null);
      this.tell("media");
      this.loadFirst();
    } catch (error) {
      this.onRefusal(error);
    }
    this.pollAgain();
  }

  private onRefusal(error: unknown): void {
    if (!(error instanceof Problem)) throw error;
    this.failures += 1;
    // What plays goes on playing: the segments will say themselves when they no longer come.
    if (!this.media) this.setTrouble(error.passing ? "line" : error.status === 401 ? "signedOut" : "gone");
  }

  private pollAgain(): void {
    if (this.media ? !this.media.growing : this.trouble !== "line") return;
    const wait = this.failures ? backoff(this.failures) * 1000 : this.loaded ? POLL_ENCODING_MS : POLL_WAITING_MS;
    this.timer = window.setTimeout(() => void this.refresh(), wait);
  }

  private loadFirst(): void {
    if (!this.loaded && this.source && this.media && this.addressToPlay()) this.load(this.startAt(this.media));
  }

  private load(at: number): void {
    const url = this.addressToPlay();
    if (!url || !this.source) return;
    const playing = !this.video.paused;
    this.loaded = url;
    this.known = this.renditionNames();
    this.source.choose(this.chosenRendition());
    this.source.load(url, at);
    // Chromium refuses only what the person did not ask for, and then the button is there.
    if (playing) void this.video.play().catch(() => undefined);
  }

  private addressToPlay(): string | null {
    const media = this.media;
    return (this.soundOnly ? media?.sound ?? media?.hls : media?.hls ?? media?.sound) ?? null;
  }

  private chosenRendition(): Rendition | null {
    return this.media?.renditions.find(({ name }) => name === this.chosen) ?? null;
  }

  private isOffered(rendition: Rendition): boolean {
    return this.source?.levels().some((level) => sameSize(level, rendition)) ?? false;
  }

  private takeUpNewRenditions(): void {
    const offers = this.source !== null && this.source.levels().length > 0 && !this.playsSound();
    if (offers && !this.video.ended && this.known !== this.renditionNames()) this.load(this.video.currentTime);
  }

  private renditionNames(): string {
    return this.media?.renditions.map(({ name }) => name).sort().join(" ") ?? "";
  }

  /** A new attempt at encoding moves the files: where they are gone, ask once where they are now. */
  private async onTrouble(kind: Trouble): Promise<void> {
    if (kind === "gone") await this.refresh();
    const moved = kind === "gone" && this.failures === 0 && performance.now() - this.movedAt > MOVED_AGAIN_MS;
    if (!moved) {
      this.setTrouble(kind);
      return;
    }
    this.movedAt = performance.now();
    this.load(this.video.currentTime);
  }

  private setTrouble(kind: Trouble | null): void {
    if (this.trouble === kind) return;
    this.trouble = kind;
    this.tell("trouble");
  }

  private tell(event: "media" | "quality" | "trouble"): void {
    this.dispatchEvent(new Event(event));
  }
}
