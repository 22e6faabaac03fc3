/**
 * The lesson's stream in a `<video>`, by hls.js, and how it is brought back from every failure.
 *
 * Nobody sits at a receiving room's computer: whatever fails is tried again, for as long as the
 * page is open. The picture stays while only the line is gone; what is broken inside the browser
 * is made anew.
 */
import type HlsClass from "hls.js";
import type { ErrorData, HlsConfig, LoadPolicy } from "hls.js";
import { aligned, type Piece } from "./dates.ts";
import { Emitter } from "./emitter.ts";
import { PushedPlaylists } from "./pushed.ts";
import { pushedLoader } from "./pushed_loader.ts";
import { putAwaySeen } from "./seen.ts";

/** Why nothing comes: `absent` is the service's word that there is nothing (yet), `line` is anything else. */
export type Trouble = { kind: "absent" | "line"; status: number };

interface LiveEvents {
  /** The class has ended: nothing more will come. */
  ended: undefined;
  /**
   * The player's script does not come. A new version of the service has none of that name, and most
   * browsers ask for a script that failed no more: only the page loaded anew can have it.
   */
  playerless: undefined;
  /** The player is about to be made anew: where it is, and whether it plays, is lost. */
  anew: undefined;
}

const FIRST_WAIT_MS = 300;
/** A room that returns is to be in step within three seconds. */
const LONGEST_WAIT_MS = 1000;
/** A decoder that fails twice so soon is not mended by emptying its buffers. */
const MEND_AGAIN_MS = 5000;
/** So often in vain, and more than the line is wrong. */
const TRIES = 5;
/** Answers that say: nothing here yet. */
const ABSENT = [404, 425, 503];

/** hls.js' own retries are short, so that ours decide; a blocking playlist answers within seconds. */
const POLICY: LoadPolicy = {
  default: {
    maxTimeToFirstByteMs: 10_000,
    maxLoadTimeMs: 20_000,
    timeoutRetry: { maxNumRetry: 1, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 2, retryDelayMs: 300, maxRetryDelayMs: 1000 },
  },
};

export class LiveSource extends Emitter<LiveEvents> {
  trouble: Trouble | null = null;
  private areParts = true;
  private hls: HlsClass | null = null;
  private Hls: typeof HlsClass | null = null;
  private known: Piece[] | null = null;
  /** What the player has buffers for: picture and sound in one, or the sound alone. */
  private tracks = "";
  private tries = 0;
  private mendedAt = -Infinity;
  private timer = 0;
  private closed = false;
  private readonly pushed = new PushedPlaylists();
  private readonly video: HTMLVideoElement;
  private readonly address: string;
  private readonly syncS: number;

  /** `syncS`: how far from the playlist's end to begin, in seconds. */
  constructor(video: HTMLVideoElement, address: string, syncS: number) {
    super();
    this.video = video;
    this.address = address;
    this.syncS = syncS;
    window.addEventListener("online", this.onOnline);
  }

  /** The player is a script of its own, which may fail to come as anything else may. */
  async open(): Promise<void> {
    this.Hls ??= await import("hls.js").then((module) => module.default, () => null);
    if (this.Hls) {
      this.create();
      return;
    }
    if (this.closed) return;
    this.trouble = { kind: "line", status: 0 };
    if (this.tries >= TRIES) this.tell("playerless", undefined);
    this.later(() => void this.open());
  }

  close(): void {
    this.closed = true;
    window.removeEventListener("online", this.onOnline);
    this.drop();
  }

  /** Begin from nothing. */
  create(): void {
    if (this.hls) this.tell("anew", undefined);
    this.drop();
    if (!this.Hls || this.closed) return;
    const { Events } = this.Hls;
    const hls = new this.Hls({ ...this.config(), pLoader: pushedLoader(this.Hls, this.pushed) });
    hls.on(Events.ERROR, (_event, data) => this.onError(data));
    hls.on(Events.LEVEL_UPDATED, (_event, { details }) => this.onUpdated(details.live));
    for (const event of [Events.LEVEL_PTS_UPDATED, Events.FRAG_BUFFERED] as const) hls.on(event, () => (this.known = null));
    hls.on(Events.FRAG_LOADED, () => this.onWell());
    putAwaySeen(this.Hls, hls, this.video);
    hls.on(Events.BUFFER_CODECS, (_event, tracks) => this.onTracks(Object.keys(tracks).sort().join()));
    hls.loadSource(this.address);
    hls.attachMedia(this.video);
    this.hls = hls;
  }

  /**
   * Whether the lesson is fetched part by part, or in whole segments: on a line whose round trip is
   * nearly as long as a part, one part after the other never comes up with the lesson.
   */
  set parts(on: boolean) {
    this.areParts = on;
    if (this.hls) this.hls.lowLatencyMode = on;
  }

  /** Which moments of the lesson there are, and where. */
  get pieces(): readonly Piece[] {
    this.known ??= this.readPieces();
    return this.known;
  }

  private config(): Partial<HlsConfig> {
    return {
      enableWorker: false,
      // Nobody reads them, and their track has an address that our policy does not allow.
      enableDateRangeMetadataCues: false,
      enableEmsgMetadataCues: false,
      enableID3MetadataCues: false,
      lowLatencyMode: this.areParts,
      // Where to be is steered by the lesson's clock, and by nobody else.
      maxLiveSyncPlaybackRate: 1,
      liveSyncDuration: this.syncS,
      liveMaxLatencyDuration: Infinity,
      liveSyncOnStallIncrease: 0,
      // What was seen is put away by `putAwaySeen`.
      backBufferLength: Infinity,
      manifestLoadPolicy: POLICY,
      playlistLoadPolicy: POLICY,
      fragLoadPolicy: POLICY,
    };
  }

  private readPieces(): Piece[] {
    const details = this.hls?.latestLevelDetails;
    if (!details) return [];
    const { fragments, fragmentHint } = details;
    const found = (fragmentHint ? [...fragments, fragmentHint] : fragments).flatMap(
      ({ start, duration, programDateTime: date, cc, elementaryStreams: { audiovideo, video, audio } }) =>
        typeof date === "number"
          ? [{ start, duration, date, continuity: cc, loaded: (audiovideo ?? video ?? audio)?.startPTS ?? null }]
          : [],
    );
    return aligned(found);
  }

  private onUpdated(live: boolean): void {
    this.known = null;
    this.onWell();
    if (!live) this.tell("ended", undefined);
  }

  /** A lesson that began with its sound alone has its picture later: the player takes none into buffers that it has. */
  private onTracks(found: string): void {
    if (this.tracks && this.tracks !== found) this.later(() => this.create());
    this.tracks ||= found;
  }

  private onWell(): void {
    this.trouble = null;
    this.tries = 0;
  }

  private onError(data: ErrorData): void {
    if (!this.Hls) return;
    const network = data.type === this.Hls.ErrorTypes.NETWORK_ERROR;
    if (network) this.onTrouble(data);
    if (!data.fatal) return;
    const bare = !this.hls?.latestLevelDetails;
    // The playlist is no longer the one that it had: the process that gave it has died.
    if (data.details === this.Hls.ErrorDetails.LEVEL_PARSING_ERROR && !bare) this.create();
    else if (network) this.later(bare || this.tries >= TRIES ? () => this.create() : () => this.hls?.startLoad());
    else if (data.type === this.Hls.ErrorTypes.MEDIA_ERROR && performance.now() - this.mendedAt > MEND_AGAIN_MS) this.mend();
    else this.later(() => this.create());
  }

  private onTrouble(data: ErrorData): void {
    const status = data.response?.code ?? 0;
    const empty = data.details === this.Hls?.ErrorDetails.LEVEL_EMPTY_ERROR;
    this.trouble = { kind: empty || ABSENT.includes(status) ? "absent" : "line", status };
  }

  private mend(): void {
    this.mendedAt = performance.now();
    this.tell("anew", undefined);
    this.hls?.recoverMediaError();
  }

  private later(act: () => void): void {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries);
    this.tries += 1;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(act, wait);
  }

  private readonly onOnline = (): void => {
    // When the network has just changed, an open socket is more likely dead than alive.
    this.pushed.close();
    if (this.trouble) this.later(() => (this.hls?.latestLevelDetails ? this.hls.startLoad() : void this.open()));
    this.tries = 0;
  };

  private drop(): void {
    clearTimeout(this.timer);
    this.hls?.destroy();
    this.pushed.close();
    this.hls = null;
    this.known = null;
    this.tracks = "";
  }
}
