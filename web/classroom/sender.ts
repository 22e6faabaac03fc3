/**
 * Brings the chunks of a lesson to the service over a line that may break at any moment.
 *
 * What happens now goes first. What a break has held up goes beside it, whenever the socket has
 * room, and only what is durable is let go of. A line that is too thin for the picture carries the
 * sound on time, and the picture's chunks when there is room again.
 */
import { encode, Kept, markSentAgain, PICTURE, type Chunk, type Message, type Span } from "./chunks.ts";
import { Emitter } from "./emitter.ts";
import type { Line } from "./line.ts";
import type { Shelf } from "./shelf.ts";

/** What the service says when the line is there. */
export interface Hello {
  durable: number;
  above?: readonly Span[];
  part_ms: number;
  keyframe_ms: number;
  /** The greatest number of a chunk that it has, also above gaps; 0 for none. */
  highest: number;
  /** The last stream that it was told of; -1 for none. */
  last_stream: number;
}

export interface Configuration {
  stream: number;
  picture?: { width: number; height: number; description: string };
  sound?: { codec: "opus"; channels: number };
}

export interface SenderEvents {
  hello: Hello;
  /** The line is too thin for what is made. */
  congested: undefined;
}

/** While less than this waits in the socket there is room for what is sent again (the protocol). */
const ROOM_BYTES = 64_000;
/** A second of a lesson: with more in the socket, a picture would come too late for the class. */
const CONGESTED_BYTES = 256_000;
/** How often the socket is looked at: 64 kB each time is 25 Mbit/s. */
const PUMP_MS = 20;
/** What happens now has this long to begin before older things are sent. */
const NOW_FIRST_MS = 1000;
/** Durable within a second on a sound line; what takes longer is in danger of a reload. */
const SHELVE_AFTER_MS = 2000;
const SHELVE_EVERY_MS = 1000;
const SHELVE_BYTES = 16 * 2 ** 20;
const READ_CHUNKS = 100;
const STREAMS = 256;

export class Sender extends Emitter<SenderEvents> {
  readonly kept: Kept;
  private hello: Hello | null = null;
  private lastNumber = 0;
  /** The stream that chunks are made of now, and the last number that anybody gave to one. */
  private stream = -1;
  private lastStream = -1;
  /** The service has been told of our stream on this line. */
  private announced = false;
  /** Older chunks may be sent beside what happens now. */
  private mayPump = false;
  /** A picture was held up: those after it mean nothing before the next keyframe. */
  private holding = false;
  private readonly configurations = new Map<number, Configuration>();
  private fetched = new Map<number, Message>();
  private fetching = false;
  private shelving = false;
  private shelveBefore = -Infinity;
  private pumpTimer = 0;
  private shelveTimer = 0;
  private readonly line: Line;
  private readonly shelf: Shelf;

  constructor(line: Line, shelf: Shelf, kept = new Kept()) {
    super();
    this.line = line;
    this.shelf = shelf;
    this.kept = kept;
    line.on("message", (message) => this.onMessage(message));
    for (const end of ["broken", "refused"] as const) line.on(end, () => this.onEnd());
  }

  /** Take up what an earlier page left, and begin. */
  async open(): Promise<void> {
    const [streams, chunks] = await Promise.all([this.shelf.streams(), this.shelf.contents()]);
    for (const { stream, configuration } of streams) this.remember(configuration as Configuration, stream);
    this.kept.restore(chunks);
    this.lastNumber = chunks[chunks.length - 1]?.number ?? 0;
    this.shelveTimer = window.setInterval(() => void this.shelve(performance.now() - SHELVE_AFTER_MS), SHELVE_EVERY_MS);
    // The last chance of a page that is being left, if not a sure one.
    window.addEventListener("pagehide", this.onPageHide);
    this.line.open();
  }

  close(): void {
    clearInterval(this.shelveTimer);
    window.removeEventListener("pagehide", this.onPageHide);
    void this.shelve(Infinity);
    this.line.close();
    this.onEnd();
  }

  /** Begin a new stream; its first chunk is a keyframe, or of sound where there is no picture. */
  configure(coding: Omit<Configuration, "stream">): void {
    const configuration = { stream: (this.lastStream + 1) % STREAMS, ...coding };
    this.remember(configuration, configuration.stream);
    void this.shelf.putStream({ stream: configuration.stream, at: Date.now(), configuration });
    this.announced = this.hello !== null && this.line.send(configuration);
    this.mayPump = this.announced;
    this.holding = false;
  }

  /** Keep a chunk of the stream configured last, and send it if the line allows. */
  send(coded: Omit<Chunk, "number" | "stream">): void {
    const chunk: Chunk = { ...coded, stream: this.stream, number: (this.lastNumber += 1) };
    const message = encode(chunk);
    this.kept.add(chunk.number, chunk.stream, message, performance.now());
    // Before "hello" nothing is queued one by one: all of it will be.
    if (this.hello) this.sendNow(chunk, message);
    this.pump();
  }

  private sendNow(chunk: Chunk, message: Message): void {
    const isSent = this.announced && !this.holds(chunk) && this.line.send(message);
    if (!isSent) this.kept.queueLast(chunk.number);
  }

  private holds({ track, keyframe }: Chunk): boolean {
    if (track !== PICTURE) return this.line.backlog > 2 * CONGESTED_BYTES;
    if (this.holding) this.holding = !keyframe || this.line.backlog > ROOM_BYTES;
    else if (this.line.backlog > CONGESTED_BYTES) {
      this.holding = true;
      this.tell("congested", undefined);
    }
    return this.holding;
  }

  private remember(configuration: Configuration, stream: number): void {
    // Set anew, it comes last: the map is in the order of the streams' beginnings.
    this.configurations.delete(stream);
    this.configurations.set(stream, configuration);
    this.stream = this.lastStream = stream;
  }

  private onMessage(message: object): void {
    if ("hello" in message) this.welcome(message.hello as Hello);
    else if ("durable" in message) this.settle(message as { durable: number; above?: Span[] });
  }

  private welcome(hello: Hello): void {
    this.hello = hello;
    this.announced = this.mayPump = false;
    this.lastNumber = Math.max(this.lastNumber, hello.highest);
    // Another browser may have published meanwhile.
    if (isLater(hello.last_stream, this.lastStream)) this.lastStream = hello.last_stream;
    this.settle(hello);
    this.kept.queueAll();
    this.tellMissed(hello.last_stream);
    this.tell("hello", hello);
    this.pumpLater(NOW_FIRST_MS);
  }

  /** Streams that began in the break, or that a service which died had not yet kept. */
  private tellMissed(lastStream: number): void {
    const streams = this.kept.streams;
    for (const [stream, configuration] of this.configurations) {
      if (streams.includes(stream) && isLater(stream, lastStream)) this.line.send(configuration);
    }
  }

  private onEnd(): void {
    this.hello = null;
    this.announced = this.mayPump = false;
    clearTimeout(this.pumpTimer);
    this.pumpTimer = 0;
  }

  private settle({ durable, above = [] }: { durable: number; above?: readonly Span[] }): void {
    if (this.kept.settle(durable, above)) void this.shelf.forget(durable, above);
  }

  /** Send again what there is room for. Called with each chunk too: timers of a hidden page sleep. */
  private pump(): void {
    while (this.mayPump && this.line.backlog < ROOM_BYTES && this.sendOldest());
    if (this.pumpTimer === 0 && this.hello && this.kept.next()) this.pumpLater(PUMP_MS);
  }

  private pumpLater(ms: number): void {
    clearTimeout(this.pumpTimer);
    this.pumpTimer = window.setTimeout(() => {
      this.pumpTimer = 0;
      // Nothing happens now (no camera has been chosen yet): the older things need not wait.
      this.mayPump = true;
      this.pump();
    }, ms);
  }

  private sendOldest(): boolean {
    const chunk = this.kept.next();
    if (!chunk) return false;
    const message = chunk.message ?? this.fetched.get(chunk.number);
    if (!message) {
      void this.fetch(chunk.number);
      return false;
    }
    if (!this.line.send(markSentAgain(message))) return false;
    this.fetched.delete(chunk.number);
    this.kept.sent();
    return true;
  }

  private async fetch(number: number): Promise<void> {
    if (this.fetching) return;
    this.fetching = true;
    const found = await this.shelf.read(number, READ_CHUNKS);
    this.fetching = false;
    this.fetched = found ?? new Map();
    if (!found) {
      // Only an answer says that it is gone. A disk that gives none is asked again, and not at once.
      if (this.hello) this.pumpLater(NOW_FIRST_MS);
      return;
    }
    if (!found.has(number)) this.kept.lose(number);
    this.pump();
  }

  private readonly onPageHide = (): void => void this.shelve(Infinity);

  /** Put on the disk what was made before `before`. What is asked for meanwhile is done with it. */
  private async shelve(before: number): Promise<void> {
    this.shelveBefore = Math.max(this.shelveBefore, before);
    if (this.shelving) return;
    this.shelving = true;
    while (await this.shelveSome());
    this.shelving = false;
    this.shelveBefore = -Infinity;
  }

  /** False where nothing is left, or the disk takes no more. */
  private async shelveSome(): Promise<boolean> {
    const chunks = this.kept.toShelve(this.shelveBefore, SHELVE_BYTES);
    if (chunks.length === 0 || !(await this.shelf.put(chunks))) return false;
    if (this.kept.shelved(chunks)) await this.shelf.forget(this.kept.durable, []);
    return true;
  }
}

/** Numbers of streams come round: the nearer way tells which is later. -1 is before all. */
function isLater(stream: number, than: number): boolean {
  if (stream < 0 || than < 0) return stream > than;
  const ahead = (stream - than + STREAMS) % STREAMS;
  return ahead > 0 && ahead < STREAMS / 2;
}
