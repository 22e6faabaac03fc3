/**
 * A WebSocket that comes back by itself (docs/live-protocol.md).
 *
 * A school's line fails without a word: the cable is pulled, the router starts anew, and the
 * browser's socket would look open for minutes. So silence counts as a break too. The service
 * answers pings every five seconds, and what is published more often than that.
 */
import { Emitter } from "./emitter.ts";

/** The closes of the protocol: the service refuses, and trying again would change nothing. */
const REFUSALS: ReadonlyMap<number, Refusal> = new Map([
  [4000, "damaged"],
  [4001, "replaced"],
  [4003, "not-yours"],
  [4004, "no-such-class"],
  [4010, "class-ended"],
]);

export type Refusal = "damaged" | "replaced" | "not-yours" | "no-such-class" | "class-ended";

/** `closed` is for good: by us, or refused. */
export type LineState = "connecting" | "open" | "broken" | "closed";

export interface LineEvents {
  open: undefined;
  /** What the service said, of the protocol's shapes. */
  message: object;
  broken: undefined;
  /** For good: by us, or because it was refused, which is said next. */
  closed: undefined;
  refused: Refusal;
}

/** A line that blinked is there again at once. */
const FIRST_WAIT_MS = 300;
/** A service that starts anew costs a lesson no more than it must: it is asked every second. */
const LONGEST_WAIT_MS = 1000;
/** All rooms lose a service that starts anew at one moment: they should not all return at one. */
const SPREAD = 0.2;
/** Browsers give a connection two minutes to come about. */
const CONNECT_MS = 5000;
/** Two pings without an answer, and some room for a slow line. */
const SILENT_MS = 12_000;
/**
 * Who failed so often looks by other means first whether the service is there: Chromium has a page whose WebSockets
 * fail again and again wait for up to five seconds more before each, and that is longer than a lesson may take to go on.
 */
const FEW_FAILURES = 3;
const ANY_PAGE = "/healthz";
/** When the network has just changed, an open socket is more likely dead than alive. */
const DOUBTFUL_MS = 3000;

export class Line extends Emitter<LineEvents> {
  state: LineState = "closed";
  private socket: WebSocket | null = null;
  private wait = FIRST_WAIT_MS;
  private failures = 0;
  private looking: AbortController | null = null;
  private timer = 0;
  private silence = 0;
  private readonly address: () => string;

  /** `address`: path or URL, asked for at each attempt, since it may say what was seen last. */
  constructor(address: string | (() => string)) {
    super();
    this.address = typeof address === "string" ? () => address : address;
  }

  open(): void {
    if (this.state !== "closed") return;
    window.addEventListener("online", this.onOnline);
    this.connect();
  }

  /** End it for good. */
  close(): void {
    window.removeEventListener("online", this.onOnline);
    this.drop();
    this.state = "closed";
    this.tell("closed", undefined);
  }

  /** False when there is no line: it has not been sent, and nobody will send it later. */
  send(message: object | Uint8Array<ArrayBuffer>): boolean {
    if (this.state !== "open") return false;
    this.socket?.send(message instanceof Uint8Array ? message : JSON.stringify(message));
    return true;
  }

  /** Bytes that the browser has taken and the line has not. */
  get backlog(): number {
    return this.socket?.bufferedAmount ?? 0;
  }

  private connect(): void {
    this.drop();
    this.state = "connecting";
    this.listenFor(CONNECT_MS);
    if (this.failures < FEW_FAILURES) this.openSocket();
    else void this.look();
  }

  /** Whether the service is there; then the line is opened. */
  private async look(): Promise<void> {
    const looking = new AbortController();
    this.looking = looking;
    const isThere = await fetch(new URL(ANY_PAGE, this.url), { cache: "no-store", signal: looking.signal }).then(({ status }) => status < 500, () => false);
    if (this.looking !== looking) return;
    if (isThere) this.openSocket();
    else this.onBreak();
  }

  private get url(): URL {
    return new URL(this.address(), location.href);
  }

  private openSocket(): void {
    const { url } = this;
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url.href);
    this.socket = socket;
    socket.onopen = () => this.onOpen();
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.onMessage(data);
    socket.onclose = ({ code }) => this.onClose(code);
  }

  /** Let go of the socket without waiting for an answer, which a dead line never gives. */
  private drop(): void {
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.looking?.abort();
    this.looking = null;
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private onOpen(): void {
    this.state = "open";
    this.listenFor(SILENT_MS);
    this.tell("open", undefined);
  }

  private onMessage(data: unknown): void {
    // Only now: a service that dies at each "open" is to be asked less and less often.
    this.wait = FIRST_WAIT_MS;
    this.failures = 0;
    this.listenFor(SILENT_MS);
    if (typeof data !== "string") return;
    const message: unknown = JSON.parse(data);
    if (typeof message === "object" && message !== null) this.tell("message", message);
  }

  private onClose(code: number): void {
    const refusal = REFUSALS.get(code);
    if (refusal === undefined) {
      this.onBreak();
      return;
    }
    this.close();
    this.tell("refused", refusal);
  }

  private onBreak(): void {
    const wasOpen = this.state === "open";
    this.failures += 1;
    this.drop();
    this.state = "broken";
    const wait = this.wait * (1 + SPREAD * (Math.random() - 0.5));
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
    this.timer = window.setTimeout(() => this.connect(), wait);
    if (wasOpen) this.tell("broken", undefined);
  }

  /** Silence for longer than `ms` is a break. */
  private listenFor(ms: number): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => this.onBreak(), ms);
  }

  private readonly onOnline = (): void => {
    this.wait = FIRST_WAIT_MS;
    if (this.state === "broken") this.connect();
    else this.listenFor(DOUBTFUL_MS);
  };
}
