/**
 * A pupil's part in a class: the question when their classroom sees it, and their answer, timed on
 * the lesson's clock, so that a slow line costs nothing.
 */
import { Emitter } from "../emitter.ts";
import { Refused, Session, type Hello } from "../session.ts";
import { Cues, Stage } from "../stage.ts";
import type { Happened, Quiz } from "../vocabulary.ts";

/** `aside`: its room is sent out, for as long as the teacher wants. `out`: the class does not know it. */
export type Place = "connecting" | "in" | "broken" | "aside" | "over" | "out";

interface PupilEvents {
  changed: undefined;
  /** The service says no to an answer; for people. */
  refused: string;
}

const LOOK_MS = 100;

export class Pupil extends Emitter<PupilEvents> {
  place: Place = "connecting";
  /** What was chosen here, and whether the class has it. */
  given: string[] = [];
  isReceived = false;
  /** The last that the class has. */
  private received: string[] = [];
  private readonly session: Session;
  private readonly stage = new Stage();
  private readonly cues = new Cues();
  private isInteractive = false;

  constructor(classId: string) {
    super();
    this.session = new Session(`/live/${classId}/device`);
    this.session.on("hello", (hello) => this.onHello(hello));
    this.session.on("event", (event) => this.cues.add(event));
    this.session.on("broken", () => this.become("broken"));
    this.session.on("refused", (refusal) => this.become(refusal === "class-ended" ? "over" : "out"));
  }

  open(): void {
    this.session.open();
    window.setInterval(() => this.look(), LOOK_MS);
  }

  /** What the lesson's clock shows in the classroom now. */
  get now(): number {
    return this.session.clock.now() - this.delayMs;
  }

  get quiz(): Quiz | null {
    return this.stage.quiz;
  }

  /** `atMs`: when it was given, on the lesson's clock. */
  answer(given: string[], atMs = this.now): void {
    const { quiz } = this;
    if (!quiz) return;
    this.given = given;
    this.isReceived = false;
    this.tell("changed", undefined);
    const shown = Math.round(Math.max(quiz.opened_ms, atMs));
    this.session.command("answer", { quiz: quiz.quiz, given, shown_ms: shown }).then(
      () => this.onReceived(quiz, given),
      (error: unknown) => this.onRefused(quiz, error),
    );
  }

  private onReceived(quiz: Quiz, given: string[]): void {
    if (this.quiz?.quiz !== quiz.quiz) return;
    this.received = given;
    if (this.given === given) this.isReceived = true;
    this.tell("changed", undefined);
  }

  /** What was answered before stays answered. */
  private onRefused(quiz: Quiz, error: unknown): void {
    if (this.quiz?.quiz === quiz.quiz) this.have(this.received);
    if (error instanceof Refused) this.tell("refused", error.message);
    this.tell("changed", undefined);
  }

  /** How far its room is behind the lesson; in the talk a room sees it as it happens. */
  private get delayMs(): number {
    return this.isInteractive ? 0 : (this.session.hello?.delay_ms ?? 0);
  }

  private onHello({ state }: Hello): void {
    this.isInteractive = state.lesson === "interactive";
    this.cues.clear();
    if (state.quiz?.quiz !== this.quiz?.quiz) this.have([]);
    this.stage.quiz = state.quiz ?? null;
    // What was chosen and is still on its way is sent again by the session.
    if (state.answer) this.have(state.answer);
    const isAside = state.admitted === false;
    this.become(state.phase === "ended" ? "over" : isAside ? "aside" : "in");
  }

  private look(): void {
    if (!this.session.clock.core.known) return;
    const due = this.cues.due(this.now);
    for (const event of due) this.apply(event);
    if (due.length) this.tell("changed", undefined);
  }

  private apply(event: Happened): void {
    if (event.kind === "open_quiz") this.have([]);
    if (event.kind === "end") this.become("over");
    else this.stage.apply(event);
  }

  private have(received: string[]): void {
    this.given = this.received = received;
    this.isReceived = received.length > 0;
  }

  private become(place: Place): void {
    this.place = place;
    this.tell("changed", undefined);
  }
}
