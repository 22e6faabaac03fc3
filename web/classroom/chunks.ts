/**
 * The chunks of a lesson: their bytes (tongke/live/wire.py says the same), and which of them this
 * browser still has to keep. Pure: the line and the disk are sender.ts and shelf.ts.
 */

export const PICTURE = 1;
export const SOUND = 2;

export interface Chunk {
  track: typeof PICTURE | typeof SOUND;
  stream: number;
  /** From 1, over all tracks of a lesson. */
  number: number;
  /** When it was captured, in µs of the lesson's clock. */
  atUs: number;
  /** 0 when only the next one tells. */
  durationUs: number;
  keyframe: boolean;
  data: Uint8Array;
}

export type Message = Uint8Array<ArrayBuffer>;

const VERSION = 1;
const HEADER_BYTES = 20;
const FLAGS_AT = 2;
const NUMBER_AT = 4;
const KEYFRAME = 1;
const SENT_AGAIN = 2;

export function encode(chunk: Chunk): Message {
  const message = new Uint8Array(HEADER_BYTES + chunk.data.byteLength);
  const view = new DataView(message.buffer);
  view.setUint8(0, VERSION);
  view.setUint8(1, chunk.track);
  view.setUint8(FLAGS_AT, chunk.keyframe ? KEYFRAME : 0);
  view.setUint8(3, chunk.stream);
  view.setUint32(NUMBER_AT, chunk.number);
  view.setBigUint64(8, BigInt(Math.round(chunk.atUs)));
  view.setUint32(16, Math.round(chunk.durationUs));
  message.set(chunk.data, HEADER_BYTES);
  return message;
}

export function numberOf(message: Message): number {
  return new DataView(message.buffer, message.byteOffset).getUint32(NUMBER_AT);
}

/** The same message, marked as sent again after a break. */
export function markSentAgain(message: Message): Message {
  message[FLAGS_AT] = (message[FLAGS_AT] ?? 0) | SENT_AGAIN;
  return message;
}

export interface KeptChunk {
  readonly number: number;
  readonly stream: number;
  readonly size: number;
  /** When it was made, in ms of this browser. */
  readonly madeAt: number;
  /** Null while only the disk has it. */
  message: Message | null;
  shelved: boolean;
}

/** First and last number of a run of chunks. */
export type Span = readonly [first: number, last: number];

/** Four minutes of a lesson at 2 Mbit/s. A classroom computer has 4 GB, and not for us alone. */
const MEMORY_BYTES = 64 * 2 ** 20;

/**
 * Every chunk from when it is made until it is durable.
 *
 * What the service does not acknowledge in time is also put on the disk ("shelved"); above a bound
 * the oldest of these leave memory. After a break all are queued to be sent again, oldest first.
 */
export class Kept {
  /** Up to this number everything is durable. */
  durable = 0;
  /** Bytes of those that are in memory. */
  memoryBytes = 0;
  private readonly chunks = new Map<number, KeptChunk>();
  private queue: number[] = [];
  private unshelved: KeptChunk[] = [];
  /** On the disk and in memory, oldest first: what may leave memory. */
  private spare: KeptChunk[] = [];
  /** Spans above the gap that have been let go: first number -> last. */
  private above = new Map<number, number>();
  private readonly bound: number;

  constructor(bound = MEMORY_BYTES) {
    this.bound = bound;
  }

  get count(): number {
    return this.chunks.size;
  }

  /** The streams that kept chunks belong to, oldest first. */
  get streams(): number[] {
    return [...new Set([...this.chunks.values()].map(({ stream }) => stream))];
  }

  /** What the disk has from an earlier page; before anything is added, in ascending order. */
  restore(found: readonly { number: number; stream: number; size: number }[]): void {
    for (const one of found) this.keep({ ...one, madeAt: 0, message: null, shelved: true });
  }

  add(number: number, stream: number, message: Message, madeAt: number): void {
    const chunk = { number, stream, size: message.byteLength, madeAt, message, shelved: false };
    this.keep(chunk);
    this.unshelved.push(chunk);
    this.memoryBytes += chunk.size;
  }

  has(number: number): boolean {
    return this.chunks.has(number);
  }

  /** Let go of what is durable. True when the disk has some of it. */
  settle(durable: number, above: readonly Span[] = []): boolean {
    let shelved = false;
    for (const number of this.chunks.keys()) {
      if (number > durable) break;
      shelved = this.release(number) || shelved;
    }
    this.durable = Math.max(this.durable, durable);
    for (const span of above) shelved = this.releaseSpan(span) || shelved;
    this.above = new Map(above);
    return shelved;
  }

  /** The line is new: what was sent on the old one may be lost. */
  queueAll(): void {
    this.queue = [...this.chunks.keys()].reverse();
  }

  /** A chunk that could not be sent when it was made. */
  queueLast(number: number): void {
    this.queue.unshift(number);
  }

  /** The oldest that waits to be sent again. */
  next(): KeptChunk | null {
    for (let last = this.queue.length - 1; last >= 0; last -= 1) {
      const chunk = this.chunks.get(this.queue[last] ?? 0);
      if (chunk) return chunk;
      this.queue.pop();
    }
    return null;
  }

  /** `next()` has been sent. */
  sent(): void {
    this.queue.pop();
  }

  /** The disk has lost it: nothing more can be done for it. */
  lose(number: number): void {
    this.release(number);
  }

  /** What is to be put on the disk: made before `before`, oldest first, of some `mostBytes`. */
  toShelve(before: number, mostBytes: number): KeptChunk[] {
    this.unshelved = this.unshelved.filter(({ number }) => this.chunks.has(number));
    const found: KeptChunk[] = [];
    let bytes = 0;
    for (const chunk of this.unshelved) {
      if (chunk.madeAt >= before || bytes >= mostBytes) break;
      found.push(chunk);
      bytes += chunk.size;
    }
    return found;
  }

  /** They are on the disk. True when some of them have become durable meanwhile. */
  shelved(chunks: readonly KeptChunk[]): boolean {
    for (const chunk of chunks) chunk.shelved = true;
    this.unshelved = this.unshelved.filter((chunk) => !chunk.shelved);
    const kept = chunks.filter(({ number }) => this.chunks.has(number));
    this.spare = [...this.spare, ...kept].filter(({ number }) => this.chunks.has(number));
    this.spareMemory();
    return kept.length < chunks.length;
  }

  private keep(chunk: KeptChunk): void {
    this.chunks.set(chunk.number, chunk);
  }

  private spareMemory(): void {
    let taken = 0;
    for (const chunk of this.spare) {
      if (this.memoryBytes <= this.bound) break;
      taken += 1;
      this.forget(chunk);
    }
    this.spare.splice(0, taken);
  }

  private releaseSpan([first, last]: Span): boolean {
    let shelved = false;
    const done = this.above.get(first) ?? first - 1;
    for (let number = done + 1; number <= last; number += 1) shelved = this.release(number) || shelved;
    return shelved;
  }

  private release(number: number): boolean {
    const chunk = this.chunks.get(number);
    if (!chunk) return false;
    this.chunks.delete(number);
    this.forget(chunk);
    return chunk.shelved;
  }

  private forget(chunk: KeptChunk): void {
    if (chunk.message) this.memoryBytes -= chunk.size;
    chunk.message = null;
  }
}
