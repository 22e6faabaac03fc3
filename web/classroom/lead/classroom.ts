/**
 * The class as the lead's page knows it, and what the teacher does in it.
 *
 * What she does to the screen is drawn at once, and told under the moment of her press: so the
 * composed picture and the cue that the rooms draw by have one time, however slow the line is. The
 * service's word of it changes nothing then. What is not told yet is drawn again over the state
 * that a new line brings.
 */
import { Emitter } from "../emitter.ts";
import { isOpen } from "../questions.ts";
import type { Hello, Session } from "../session.ts";
import { Stage } from "../stage.ts";
import type { Given, Happened, Page, PictureSource, Snapshot, Stroke } from "../vocabulary.ts";
import { Roster } from "./roster.ts";
import { Trainees } from "./trainees.ts";

interface ClassroomEvents {
  changed: undefined;
  /** A text of another teacher. */
  message: Happened;
  /** What the service said no to, for people. */
  refused: string;
  ended: undefined;
}

interface Ahead {
  event: Happened;
  /** The service has it. */
  done: boolean;
}

const SCREEN = new Set(["layout", "slide", "stroke", "undo_stroke", "clear_board", "spotlight"]);
/** Longer than an answer takes to become an event; what brings none is then forgotten. */
const SETTLED_MS = 10_000;
/** What was ticked or written when a question closes is sent then: a room closes it when its playhead is there, and a slow line takes a while more. */
const LAST_ANSWERS_MS = 1000;

export class Classroom extends Emitter<ClassroomEvents> {
  readonly stage = new Stage();
  readonly roster: Roster;
  readonly trainees = new Trainees();
  readonly session: Session;
  phase: Snapshot["phase"] = "waiting";
  lesson: Snapshot["lesson"] = "broadcast";
  begunMs: number | null = null;
  endedMs: number | null = null;
  /** Whether the lesson's picture comes, and from what; or what it came from last. */
  publishing = false;
  pictureSource: PictureSource = "page";
  messages: Happened[] = [];
  /** To the question on the screen, by who gave them. */
  readonly answers = new Map<string, Given>();
  private ahead: Ahead[] = [];
  /** The service has told the whole state once. */
  private isKnown = false;

  constructor(session: Session, roster: Roster) {
    super();
    this.session = session;
    this.roster = roster;
    session.on("hello", (hello) => this.onHello(hello));
    session.on("event", (event) => this.onEvent(event));
    session.on("presence", (presence) => {
      roster.hear(presence);
      this.tell("changed", undefined);
    });
  }

  /** Ask for something. What is `drawn` already is only told. */
  ask(kind: string, body: object = {}, drawn = false): Promise<boolean> {
    const entry = SCREEN.has(kind) ? this.foresee(kind, body, drawn) : null;
    return this.session.command(kind, body).then(
      () => {
        if (entry) entry.done = true;
        return true;
      },
      (error: Error) => {
        this.ahead = this.ahead.filter((other) => other !== entry);
        this.tell("refused", error.message);
        return false;
      },
    );
  }

  get isOver(): boolean {
    return this.phase === "ended";
  }

  /** Whether a question is on the screen that still takes answers. */
  get isAsking(): boolean {
    const { quiz } = this.stage;
    return quiz !== null && isOpen(quiz, this.session.clock.now());
  }

  /** How long the lesson has gone on, or went on; null before it begins. */
  get lengthMs(): number | null {
    return this.begunMs === null ? null : (this.endedMs ?? this.session.clock.now()) - this.begunMs;
  }

  /** Close the question on the screen, if it is open, and let its last answers come. */
  async closeQuestion(): Promise<void> {
    const { quiz } = this.stage;
    if (!quiz || !this.isAsking || !(await this.ask("close_quiz", { quiz: quiz.quiz }))) return;
    await new Promise((resolve) => setTimeout(resolve, (this.session.hello?.delay_ms ?? 0) + LAST_ANSWERS_MS));
  }

  /** Draw points here before they are told. */
  draw(part: object): void {
    this.stage.apply(this.happening("stroke", part));
  }

  private foresee(kind: string, body: object, drawn: boolean): Ahead {
    const entry = { event: this.happening(kind, body), done: false };
    const old = entry.event.media_ms - SETTLED_MS;
    this.ahead = [...this.ahead.filter(({ event, done }) => !done || event.media_ms > old), entry];
    if (!drawn) this.stage.apply(entry.event);
    this.tell("changed", undefined);
    return entry;
  }

  private happening(kind: string, body: object): Happened {
    const now = Math.round(this.session.clock.now());
    return { seq: 0, at: now, media_ms: now, kind, by: { role: "lead", room: "" }, ...body };
  }

  private onHello({ state }: Hello): void {
    this.phase = state.phase;
    this.lesson = state.lesson;
    this.begunMs = state.begun_ms ?? null;
    this.endedMs = state.ended_ms ?? null;
    this.publishing = state.publishing ?? false;
    this.pictureSource = state.picture_source ?? "page";
    this.hearMessages(state.messages ?? []);
    this.roster.restore(state.rooms ?? [], state.roll_called_ms ?? null);
    this.trainees.restore(state.trainees ?? []);
    this.answers.clear();
    for (const given of state.answers ?? []) this.answers.set(given.by, given);
    if (state.stage) this.stage.restore(state.stage, state.media_ms ?? 0);
    this.ahead = this.ahead.filter(({ done }) => !done);
    for (const { event } of this.ahead) this.applyNew(event);
    this.tell("changed", undefined);
    if (this.isOver) this.tell("ended", undefined);
  }

  /** What was written in a break is news as well; what was there before the page came is not. */
  private hearMessages(messages: Happened[]): void {
    const known = this.isKnown ? new Set(this.messages.map(({ id }) => id)) : null;
    this.isKnown = true;
    this.messages = messages;
    for (const message of messages) if (known && !known.has(message.id)) this.tellMessage(message);
  }

  private tellMessage(message: Happened): void {
    if (message.by.role !== "lead") this.tell("message", message);
  }

  private onEvent(event: Happened): void {
    this.roster.apply(event);
    this.trainees.apply(event);
    const expected = event.by.role === "lead" ? this.ahead.findIndex((entry) => isSame(entry.event, event)) : -1;
    if (expected >= 0) this.ahead.splice(expected, 1);
    else this.applyNew(event);
    this.take(event);
    this.tell("changed", undefined);
  }

  /** Of a stroke, only the points that are not there yet. */
  private applyNew(event: Happened): void {
    if (event.kind !== "stroke") {
      this.stage.apply(event);
      return;
    }
    const { stroke, start = 0, points } = event as unknown as Stroke & { start?: number };
    const there = [...this.stage.strokes(event.page as Page | null)].find((one) => one.stroke === stroke)?.points.length ?? 0;
    const fresh = points.slice(Math.max(0, there - start));
    if (fresh.length) this.stage.apply({ ...event, points: fresh });
  }

  private take(event: Happened): void {
    switch (event.kind) {
      case "begin":
        this.phase = "running";
        this.begunMs = event.media_ms;
        break;
      case "end":
        this.phase = "ended";
        this.endedMs = event.media_ms;
        this.tell("ended", undefined);
        break;
      case "publisher":
        this.publishing = event.on as boolean;
        this.pictureSource = event.source as PictureSource;
        break;
      case "open_quiz":
        this.answers.clear();
        break;
      case "answer":
        this.answer(event);
        break;
      case "text":
        this.messages = [...this.messages, event];
        this.tellMessage(event);
        break;
    }
  }

  private answer(event: Happened): void {
    if (event.quiz !== this.stage.quiz?.quiz) return;
    const by = `${event.by.role}:${event.by.id ?? ""}`;
    this.answers.set(by, { by, room: event.by.room, given: event.given as string[], shown_ms: event.shown_ms as number });
  }
}

/** Whether an event is what was foreseen. Points are known by where they begin. */
function isSame(foreseen: Happened, event: Happened): boolean {
  if (foreseen.kind !== event.kind) return false;
  const skipped = ["seq", "at", "media_ms", "by", "points"];
  return Object.keys(foreseen).every((name) => skipped.includes(name) || JSON.stringify(foreseen[name]) === JSON.stringify(event[name]));
}
