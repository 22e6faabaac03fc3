/**
 * What feeds the `<video>`: hls.js over Media Source Extensions, or the browser's own HLS where
 * those are missing (iPhone). Both look the same to the rest of the player.
 */
import type HlsClass from "hls.js";
import type { ErrorData, Level } from "hls.js";

/** What can go wrong, as far as a person can do something about it. */
export type Trouble = "line" | "gone" | "signedOut" | "decode" | "unsupported" | "failed";

export interface Size {
  width: number;
  height: number;
}

export interface SourceEvents {
  /** The choice of qualities, or the one being played, changed. */
  levels(): void;
  trouble(kind: Trouble): void;
}

export interface Source {
  /** Play `url` from `at` seconds; what was loaded before is dropped. */
  load(url: string, at: number): void;
  /** Try again where a failed line stopped it. */
  resume(): void;
  /** Hold to one size, or to none and follow the line. */
  choose(size: Size | null): void;
  /** The sizes on offer now; empty where the browser chooses by itself. */
  levels(): Size[];
  current(): Size | null;
  /** Fill a longer buffer, once the person has begun to watch. */
  readAhead(): void;
}

/** Enough to begin at once; before the first play no more is taken from a thin line. */
const WAITING_BUFFER_S = 10;
/** A minute ahead carries a lesson over a short break of the line. */
const WATCHING_BUFFER_S = 60;
/** A guess for the first segment, in bit/s: a county school's line in the evening. */
const FIRST_ESTIMATE = 800_000;

/** Answers that say: not for you, or not here. Asking again changes nothing. */
const REFUSALS = [401, 403, 404, 410];

/** @throws Error when this browser can play no HLS at all */
export async function createSource(video: HTMLVideoElement, events: SourceEvents): Promise<Source> {
  if ("MediaSource" in window || "ManagedMediaSource" in window) {
    const { default: Hls } = await import("hls.js");
    if (Hls.isSupported()) return new HlsSource(Hls, video, events);
  }
  if (video.canPlayType("application/vnd.apple.mpegurl")) return new NativeSource(video, events);
  throw new Error("this browser plays no HLS");
}

class HlsSource implements Source {
  private hls: HlsClass | null = null;
  private wanted: Size | null = null;
  private mended = 0;
  private refused = false;
  private bufferS = WAITING_BUFFER_S;
  private readonly Hls: typeof HlsClass;
  private readonly video: HTMLVideoElement;
  private readonly events: SourceEvents;

  constructor(Hls: typeof HlsClass, video: HTMLVideoElement, events: SourceEvents) {
    this.Hls = Hls;
    this.video = video;
    this.events = events;
  }

  load(url: string, at: number): void {
    const { Events } = this.Hls;
    this.hls?.destroy();
    this.refused = false;
    const hls = new this.Hls({
      autoStartLoad: false,
      // CMAF needs no remuxing, so a worker would only cost its start.
      enableWorker: false,
      // Nobody reads them, and their track has an address that our policy does not allow.
      enableDateRangeMetadataCues: false,
      enableEmsgMetadataCues: false,
      enableID3MetadataCues: false,
      maxBufferLength: this.bufferS,
      // Else hls.js goes on to 60 MB: of slides that is the whole lesson, before anyone pressed play.
      maxBufferSize: 0,
      capLevelToPlayerSize: true,
      abrEwmaDefaultEstimate: FIRST_ESTIMATE,
    });
    // The place is the video's own from the first: who seeks before anything is loaded is not
    // brought back to where it was to begin.
    hls.once(Events.MEDIA_ATTACHED, () => {
      if (this.video.currentTime === 0) this.video.currentTime = at;
      hls.loadSource(url);
    });
    hls.on(Events.MANIFEST_PARSED, () => {
      hls.startLoad(at, true);
      this.applyChoice();
      this.events.levels();
    });
    hls.on(Events.LEVEL_SWITCHED, () => this.events.levels());
    hls.on(Events.ERROR, (_event, data) => this.onError(data));
    hls.attachMedia(this.video);
    this.hls = hls;
  }

  resume(): void {
    this.hls?.startLoad(this.video.currentTime, true);
  }

  choose(size: Size | null): void {
    this.wanted = size;
    this.applyChoice();
  }

  levels(): Size[] {
    return (this.hls?.levels ?? []).filter((level) => level.height > 0);
  }

  current(): Size | null {
    const hls = this.hls;
    return hls?.levels[hls.currentLevel] ?? null;
  }

  readAhead(): void {
    this.bufferS = WATCHING_BUFFER_S;
    if (this.hls) this.hls.config.maxBufferLength = WATCHING_BUFFER_S;
  }

  /** The change is made at the next segment, so that playing goes on. */
  private applyChoice(): void {
    const hls = this.hls;
    if (!hls?.levels.length) return;
    const index = hls.levels.findIndex((level: Level) => this.wanted !== null && sameSize(level, this.wanted));
    if (hls.manualLevel !== index) hls.nextLevel = index;
  }

  private onError(data: ErrorData): void {
    const refused = REFUSALS.includes(data.response?.code ?? 0);
    if (this.refused || !(data.fatal || refused)) return;
    if (refused) {
      // hls.js would go round the qualities for minutes: what one refuses, all refuse.
      this.refused = true;
      this.hls?.stopLoad();
    }
    if (data.type === this.Hls.ErrorTypes.MEDIA_ERROR && this.mended < 2) {
      this.mended += 1;
      this.hls?.recoverMediaError();
      return;
    }
    this.events.trouble(kindOf(data.type === this.Hls.ErrorTypes.NETWORK_ERROR, data.response?.code));
  }
}

/** The kind of a fatal error: of the network with its HTTP status, or of the media themselves. */
export function kindOf(network: boolean, status: number | undefined): Trouble {
  if (!network) return "decode";
  if (status === 401) return "signedOut";
  return status === 403 || status === 404 || status === 410 ? "gone" : "line";
}

export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

class NativeSource implements Source {
  private readonly video: HTMLVideoElement;

  constructor(video: HTMLVideoElement, events: SourceEvents) {
    this.video = video;
    video.addEventListener("error", () => {
      const network = video.error?.code === MediaError.MEDIA_ERR_NETWORK;
      events.trouble(network ? "line" : "decode");
    });
  }

  load(url: string, at: number): void {
    const begin = (): void => {
      this.video.currentTime = at;
    };
    this.video.addEventListener("loadedmetadata", begin, { once: true });
    this.video.src = url;
  }

  resume(): void {
    this.load(this.video.src, this.video.currentTime);
  }

  choose(): void {
    // The browser follows the line by itself and takes no orders.
  }

  levels(): Size[] {
    return [];
  }

  current(): Size | null {
    return null;
  }

  readAhead(): void {
    // As above.
  }
}
