/**
 * The playlists that the service pushes (docs/live-protocol.md): who plays a lesson has each as soon as
 * there is one, without asking for it.
 *
 * The line is opened when a playlist is wanted, and again some time after it broke: until then, and
 * where this browser cannot unpack what comes, the player asks as ever.
 */

/** How far a playlist goes, of the delivery directives' numbers. */
export interface End {
  /** Sequence of the segment that is not complete. */
  open: number;
  openParts: number;
  /** Of the segment before it. */
  closedParts: number;
}

/** Whether a request for a part is answered by a playlist, as `tongke/live/delivery.py` says. */
export function answers({ open, openParts, closedParts }: End, sequence: number, part: number): boolean {
  if (sequence < open - 1) return true;
  if (sequence === open - 1) return part < closedParts || openParts > 0;
  return sequence === open && part < openParts;
}

/** Where a playlist ends; null of what is none. */
export function endOf(text: string): End | null {
  const first = /^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text);
  if (!first) return null;
  const skipped = /^#EXT-X-SKIP:SKIPPED-SEGMENTS=(\d+)/m.exec(text);
  const parts = text.split(/^#EXTINF:/m).map((segment) => segment.match(/^#EXT-X-PART:/gm)?.length ?? 0);
  const [closedParts = 0, openParts = 0] = parts.length > 1 ? parts.slice(-2) : [0, ...parts];
  return { open: Number(first[1]) + Number(skipped?.[1] ?? 0) + parts.length - 1, openParts, closedParts };
}

/** The line of a playlist's address; null where there is none for it. */
export function lineOf(playlist: string): string | null {
  const [, lesson, rendition] = /\/live\/(\d+)\/hls\/(\w+)\/live\.m3u8/.exec(playlist) ?? [];
  return rendition ? `/live/${lesson}/playlists/${rendition}` : null;
}

interface Wanted {
  sequence: number;
  part: number;
  tell: (text: string) => void;
}

const FIRST_WAIT_MS = 1000;
/** The player has what it needs without: who could not open it so often need not hurry. */
const LONGEST_WAIT_MS = 30_000;
/** Who looks back, or plays whole segments, wants none. */
const UNWANTED_MS = 10_000;

export class PushedPlaylists {
  private socket: WebSocket | null = null;
  private address = "";
  private latest: { text: string; end: End } | null = null;
  private readonly wanted = new Set<Wanted>();
  private wantedAt = 0;
  private heardAt = 0;
  private openAfter = 0;
  private wait = FIRST_WAIT_MS;
  private unpacking = Promise.resolve();

  /** Whether what is wanted may be hoped for. */
  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Call `tell`, once, with a playlist that has a part. What is returned ends the waiting. */
  want(address: string, sequence: number, part: number, tell: (text: string) => void): () => void {
    const wanted = { sequence, part, tell };
    this.wanted.add(wanted);
    this.wantedAt = performance.now();
    if (address !== this.address) this.close();
    this.address = address;
    if (!this.socket) this.open();
    // Not while it is asked for: the player does not expect that.
    else queueMicrotask(() => this.answer());
    return () => this.wanted.delete(wanted);
  }

  /** What has been wanted since `since` (of `performance.now()`) was had by asking. */
  outrun(since: number): void {
    if (this.isOpen && this.heardAt < since) this.lost();
  }

  close(): void {
    const { socket } = this;
    this.socket = null;
    this.latest = null;
    this.openAfter = 0;
    this.wait = FIRST_WAIT_MS;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private open(): void {
    if (performance.now() < this.openAfter || !("DecompressionStream" in window)) return;
    const url = new URL(this.address, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url.href);
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => this.onPacked(socket, data);
    socket.onclose = () => this.lost();
    this.socket = socket;
  }

  private lost(): void {
    const { wait } = this;
    this.close();
    this.openAfter = performance.now() + wait;
    this.wait = Math.min(LONGEST_WAIT_MS, wait * 2);
  }

  private onPacked(socket: WebSocket, data: ArrayBuffer): void {
    this.heardAt = performance.now();
    if (this.heardAt - this.wantedAt > UNWANTED_MS) {
      this.close();
      return;
    }
    this.wait = FIRST_WAIT_MS;
    // In the order in which they came.
    this.unpacking = this.unpacking.then(() => unpacked(data)).then(
      (text) => this.socket === socket && this.onText(text),
      () => this.socket === socket && this.lost(),
    ).then(() => undefined);
  }

  private onText(text: string): void {
    const end = endOf(text);
    if (end) this.latest = { text, end };
    this.answer();
  }

  private answer(): void {
    if (!this.latest) return;
    const { text, end } = this.latest;
    for (const wanted of [...this.wanted]) {
      if (answers(end, wanted.sequence, wanted.part) && this.wanted.delete(wanted)) wanted.tell(text);
    }
  }
}

function unpacked(data: ArrayBuffer): Promise<string> {
  return new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
