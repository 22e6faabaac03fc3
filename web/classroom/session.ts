/**
 * Somebody's part in a class: what they know of it, and what they ask for (docs/live-protocol.md).
 *
 * The line may break at any time. What was asked and not answered is asked again on the next one:
 * whoever asks names things with ids of their own, so that nothing happens twice.
 */
import { LineClock } from "./clock.ts";
import { Emitter } from "./emitter.ts";
import { Line, type Refusal } from "./line.ts";
import type { Happened, OwnLag, Presence, Snapshot } from "./vocabulary.ts";
import { words } from "./words.ts";

export interface Hello {
  role: "lead" | "teacher" | "room" | "observer" | "trainee" | "device";
  /** Of a room and its teacher: the room's number. */
  seat: string;
  delay_ms: number;
  seq: number;
  state: Snapshot;
  /** Of the ends of a talk: who helps them to find each other. */
  ice_servers?: RTCIceServer[];
}

/** A word of the other end of a talk: a room's number, or `lead`. */
export interface TalkWord {
  from: string;
  data: Record<string, unknown>;
}

/** A small picture of a room, for the lead alone: a JPEG in base64. */
export interface RoomStill {
  room: string;
  jpeg: string;
}

interface SessionEvents {
  /** The whole state: at first, and after each break. */
  hello: Hello;
  event: Happened;
  talk: TalkWord;
  still: RoomStill;
  /** When it has changed, at most once a second. */
  presence: Presence;
  broken: undefined;
  refused: Refusal;
}

const say = words({ both: "{message}。{remedy}。" }, { both: "{message}. {remedy}." });

/** What the service says no to; `message` is for people, and says what to do. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string, remedy: string) {
    super(message && remedy ? say("both", { message, remedy }) : message);
    this.code = code;
  }
}

interface Asked {
  body: object;
  resolve: () => void;
  reject: (error: Refused) => void;
}

export class Session extends Emitter<SessionEvents> {
  readonly line: Line;
  readonly clock: LineClock;
  hello: Hello | null = null;
  private seq = 0;
  private number = 0;
  private readonly asked = new Map<number, Asked>();

  /** `address`: `/live/{class}/socket`, or a device's own. */
  constructor(address: string) {
    super();
    this.line = new Line(address);
    this.clock = new LineClock(this.line);
    this.line.on("message", (message) => this.onMessage(message));
    this.line.on("broken", () => this.tell("broken", undefined));
    this.line.on("refused", (refusal) => this.tell("refused", refusal));
  }

  open(): void {
    this.line.open();
  }

  close(): void {
    this.line.close();
  }

  /** Ask for something; kept once the service has it, however often the line breaks. @throws Refused */
  command(command: string, body: object = {}): Promise<void> {
    this.number += 1;
    const ref = this.number;
    // Before the lesson's time is known here, the service takes its own.
    const pressed = this.clock.core.known ? { media_ms: Math.round(this.clock.now()) } : {};
    const said = { command, ref, ...pressed, ...body };
    return new Promise((resolve, reject) => {
      this.asked.set(ref, { body: said, resolve, reject });
      if (this.hello) this.line.send(said);
    });
  }

  /** Say something to the other end of a talk, if there is a line: it is not said later. */
  say(to: string, data: object): void {
    this.line.send({ talk: { to, data } });
  }

  /** Of a receiving room: say how far it is behind, if there is a line. */
  measured(lag: OwnLag): void {
    this.line.send({ lag });
  }

  /** Of a receiving room: show what it looks like, where the line has nothing else to carry. */
  sendStill(jpeg: string): void {
    if (this.line.backlog === 0) this.line.send({ still: jpeg });
  }

  private onMessage(message: object): void {
    const said = message as { hello?: Hello; event?: Happened; talk?: TalkWord; still?: RoomStill; presence?: Presence; done?: number; refused?: number; code?: string; message?: string; remedy?: string };
    if (said.hello) this.onHello(said.hello);
    else if (said.event) this.onEvent(said.event);
    else if (said.talk) this.tell("talk", said.talk);
    else if (said.still) this.tell("still", said.still);
    else if (said.presence) this.tell("presence", said.presence);
    else if (typeof said.done === "number") this.answered(said.done)?.resolve();
    else if (typeof said.refused === "number") this.answered(said.refused)?.reject(new Refused(said.code ?? "", said.message ?? "", said.remedy ?? ""));
  }

  private onHello(hello: Hello): void {
    // A page is made for who somebody is: an observer who was named the teacher beside a room has another.
    if (this.hello && !isSame(this.hello, hello)) {
      location.reload();
      return;
    }
    this.hello = hello;
    this.seq = hello.seq;
    this.tell("hello", hello);
    for (const { body } of this.asked.values()) this.line.send(body);
  }

  private onEvent(event: Happened): void {
    if (event.seq <= this.seq) return;
    this.seq = event.seq;
    if (event.kind === "delay" && this.hello) this.hello.delay_ms = event.ms as number;
    this.tell("event", event);
  }

  private answered(ref: number): Asked | undefined {
    const asked = this.asked.get(ref);
    this.asked.delete(ref);
    return asked;
  }
}

function isSame(before: Hello, now: Hello): boolean {
  return before.role === now.role && before.seat === now.seat;
}

/** A name for a quiz, stroke, message or note. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(9))].map((byte) => byte.toString(36).padStart(2, "0")).join("");
}
