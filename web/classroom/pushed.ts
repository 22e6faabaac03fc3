/**
 * The playlists that the service pushes (docs/live-protocol.md): who plays a lesson has each as soon as
 * there is one, without asking for it.
 *
 * The line is opened when a playlist is wanted, and again some time after it broke: until then, and
 * where this browser cannot unpack what comes, the player asks as ever.
 */

/** How far a playlist goes, of the delivery directives' numbers. */
export interface Edge {
  /** Sequence of the segment that is not complete. */
  open: number;
  openParts: number;
  /** Of the segment before it. */
  closedParts: number;
  /** Nothing more comes. */
  ended: boolean;
}

/** Whether a request for a part is answered by a playlist, as `tongke/live/delivery.py` says. */
export function answers({ open, openParts, closedParts, ended }: Edge, sequence: number, part: number): boolean {
  if (ended || sequence < open - 1) return true;
  if (sequence === open - 1) return part < closedParts || openParts > 0;
  return sequence === open && part < openParts;
}

/** Where a playlist ends; null of what is none. */
export function edgeOf(text: string): Edge | null {
  const first = /^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text);
  if (!first) return null;
  const skipped = /^#EXT-X-SKIP:SKIPPED-SEGMENTS=(\d+)/m.exec(text);
  const parts = text.split(/^#EXTINF:/m).map((segment) => segment.match(/^#EXT-X-PART:/gm)?.length ?? 0);
  const [closedParts = 0, openParts = 0] = parts.length > 1 ? parts.slice(-2) : [0, ...parts];
  const open = Number(first[1]) + Number(skipped?.[1] ?? 0) + parts.length - 1;
  return { open, openParts, closedParts, ended: /^#EXT-X-ENDLIST/m.test(text) };
}

/** The line of a playlist's address; null where there is none for it. */
export function lineOf(playlist: string): string | null {
  const [, lesson, rendition] = /\/live\/(\d+)\/hls\/(\w+)\/live\.m3u8/.exec(playlist) ?? [];
  return rendition ? `/live/${lesson}/playlists/${rendition}` : null;
}

export interface Wanted {
  sequence: number;
  part: number;
  /** A playlist that has the part. */
  tell: (text: string) => void;
  /** The line is gone: whoever wants the part asks for it. */
  ask: () => void;
}

const FIRST_WAIT_MS = 1000;
/** The player has what it needs without: who could not open it so often need not hurry. */
const LONGEST_WAIT_MS = 30_000;
/** All lose a service that starts anew at one moment: they should not all return at one. */
const SPREAD = 0.5;
/** A line that held for so long is opened again as soon as one that never failed. */
const HELD_MS = 10_000;
/** So many in a row that nobody wanted, ten seconds of them: who looks back far, or plays whole segments. */
const MOST_UNWANTED = 40;
/** The service says that there is none, or not one more: asking again soon would change nothing. */
const REFUSALS = [1013, 4004];

export class PushedPlaylists {
  private socket: WebSocket | null = null;
  private address = "";
  private latest: { text: string; edge: Edge } | null = null;
  private readonly wanted = new Set<Wanted>();
  private readonly waiting = new Set<(text: string | null) => void>();
  private unwanted = 0;
  private openedAt = 0;
  private heardAt = 0;
  private outrunAt = 0;
  private openAfter = 0;
  private wait = FIRST_WAIT_MS;
  private unpacking = Promise.resolve();

  /** Whether what is wanted may be hoped for. */
  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Say what is wanted; its `tell` or its `ask` is called once. What is returned ends the waiting. */
  want(address: string, wanted: Wanted): () => void {
    if (address !== this.address) this.close();
    this.address = address;
    this.wanted.add(wanted);
    this.unwanted = 0;
    if (!this.socket) this.open();
    // Not while it is asked for: the player does not expect that.
    else queueMicrotask(() => this.answer());
    return () => this.wanted.delete(wanted);
  }

  /** Call `act` once, with the next playlist, or null when the line is gone. What is returned ends the waiting. */
  next(act: (text: string | null) => void): () => void {
    this.waiting.add(act);
    this.unwanted = 0;
    return () => this.waiting.delete(act);
  }

  /**
   * What was wanted since `since` (of `performance.now()`) was had by asking. That may happen once: after a moment
   * in which nothing came, both come at one time. A second time, and nothing heard in between, the line is dead.
   */
  outrun(since: number): void {
    if (!this.isOpen || this.heardAt >= since) return;
    if (this.outrunAt > this.heardAt) this.lost();
    else this.outrunAt = performance.now();
  }

  /** For now: the next that is wanted opens it. */
  close(): void {
    this.drop();
    this.openAfter = 0;
    this.wait = FIRST_WAIT_MS;
  }

  private open(): void {
    if (performance.now() < this.openAfter || !("DecompressionStream" in window)) return;
    const url = new URL(this.address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url.href);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => (this.openedAt = this.heardAt = performance.now());
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.onPacked(socket, data);
    socket.onclose = ({ code }) => this.lost(REFUSALS.includes(code));
    this.socket = socket;
  }

  private lost(isRefused = false): void {
    this.drop();
    if (isRefused) this.wait = LONGEST_WAIT_MS;
    this.openAfter = performance.now() + this.wait * (1 + SPREAD * Math.random());
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
    const wanted = [...this.wanted];
    this.wanted.clear();
    for (const { ask } of wanted) ask();
    this.wake(null);
  }

  private wake(text: string | null): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const act of waiting) act(text);
  }

  private drop(): void {
    const { socket } = this;
    this.socket = null;
    this.latest = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private onPacked(socket: WebSocket, data: ArrayBuffer): void {
    this.heardAt = performance.now();
    this.unwanted += 1;
    if (this.unwanted > MOST_UNWANTED) {
      this.close();
      return;
    }
    // In the order in which they came.
    this.unpacking = this.unpacking.then(() => unpacked(data)).then(
      (text) => this.socket === socket && this.onText(text),
      () => this.socket === socket && this.lost(),
    ).then(() => undefined);
  }

  private onText(text: string): void {
    if (performance.now() - this.openedAt > HELD_MS) this.wait = FIRST_WAIT_MS;
    const edge = edgeOf(text);
    if (edge) this.latest = { text, edge };
    this.answer();
    this.wake(text);
  }

  private answer(): void {
    if (!this.latest) return;
    const { text, edge } = this.latest;
    for (const wanted of [...this.wanted]) {
      if (answers(edge, wanted.sequence, wanted.part) && this.wanted.delete(wanted)) wanted.tell(text);
    }
  }
}

function unpacked(data: ArrayBuffer): Promise<string> {
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
