/**
 * The screen of a lesson: what its cues make of it, as `tongke/live/cues.py` does.
 *
 * `Cues` holds back what has happened until the player reaches its media time.
 */
import { isOpen } from "./questions.ts";
import type { Happened, Page, Quiz, StageState, Stroke, View } from "./vocabulary.ts";

/** So long a question stays that is over, and not followed by anything: to read what is right. */
const READ_MS = 25_000;
/** What the class turns to next. */
const TURNS = ["slide", "layout", "call_up", "end"];

export class Stage {
  layout: View = "teacher";
  page: Page | null = null;
  spotlight: StageState["spotlight"] = null;
  timer: StageState["timer"] = null;
  speaking: string[] = [];
  quiz: Quiz | null = null;
  private answeredMs = 0;
  private turnedMs = -Infinity;
  private readonly ink = new Map<string, Map<string, Stroke>>();

  /** Take the whole screen as the service tells it: as it was at `mediaMs`. */
  restore(state: StageState, mediaMs: number): void {
    const { ink, ...rest } = state;
    // When an answer was shown is not told.
    if (state.quiz?.result && !(this.quiz?.result && this.quiz.quiz === state.quiz.quiz)) this.answeredMs = mediaMs;
    Object.assign(this, rest);
    this.ink.clear();
    for (const { page, strokes } of ink) this.ink.set(keyOf(page), new Map(strokes.map((stroke) => [stroke.stroke, { ...stroke, points: [...stroke.points] }])));
  }

  /** What is drawn on a slide, or on the board (no page). */
  strokes(page: Page | null): Iterable<Stroke> {
    return this.ink.get(keyOf(page))?.values() ?? [];
  }

  /** The question as pupils see it at `now`: on the media clock, so that all rooms put it away together. */
  quizAt(now: number): Quiz | null {
    const { quiz } = this;
    if (!quiz || isOpen(quiz, now)) return quiz;
    const overMs = quiz.result ? this.answeredMs : (quiz.closes_ms ?? now);
    return this.turnedMs >= overMs || now >= overMs + READ_MS ? null : quiz;
  }

  apply(event: Happened): void {
    if (TURNS.includes(event.kind)) this.turnedMs = event.media_ms;
    switch (event.kind) {
      case "layout":
        this.putAway();
        this.layout = event.view as View;
        break;
      case "slide":
        this.putAway();
        this.page = event.page as Page;
        this.spotlight = null;
        break;
      case "stroke":
      case "undo_stroke":
      case "clear_board":
        this.draw(event);
        break;
      case "spotlight":
        this.spotlight = event.area as StageState["spotlight"];
        break;
      case "timer":
        this.timer = event.seconds ? { began_ms: event.media_ms, seconds: event.seconds as number } : null;
        break;
      case "call_up":
        this.speaking = [...this.speaking, event.room as string];
        break;
      case "sit_down":
        this.speaking = this.speaking.filter((room) => room !== event.room);
        break;
      case "end":
        this.speaking = [];
        this.timer = this.spotlight = null;
        if (this.quiz) this.close(this.quiz, event.media_ms);
        break;
      default:
        this.ask(event);
    }
  }

  /** An answered question leaves with the next slide or layout. */
  private putAway(): void {
    if (this.quiz?.result) this.quiz = null;
  }

  private draw(event: Happened): void {
    const key = keyOf(event.page as Page | null);
    const surface = this.ink.get(key) ?? new Map<string, Stroke>();
    this.ink.set(key, surface);
    const { stroke, colour, width, points } = event as unknown as Stroke;
    if (event.kind === "clear_board") surface.clear();
    else if (event.kind === "undo_stroke") surface.delete(stroke);
    else if (surface.has(stroke)) surface.get(stroke)?.points.push(...points);
    else surface.set(stroke, { stroke, colour, width, points: [...points] });
  }

  private ask(event: Happened): void {
    if (event.kind === "open_quiz") {
      const { quiz, question, seconds } = event as unknown as { quiz: string; question: Quiz["question"]; seconds: number | null };
      this.quiz = { quiz, question, opened_ms: event.media_ms, closes_ms: seconds === null ? null : event.media_ms + seconds * 1000, result: null };
    }
    if (!this.quiz || event.quiz !== this.quiz.quiz) return;
    if (event.kind === "extend_quiz") this.quiz.closes_ms = event.closes_ms as number;
    else if (event.kind === "close_quiz") this.close(this.quiz, event.media_ms);
    else if (event.kind === "show_answer") {
      this.answeredMs = event.media_ms;
      this.quiz.result = event.result as Quiz["result"];
      this.quiz.question = { ...this.quiz.question, right: event.right as string[] };
    }
  }

  private close(quiz: Quiz, mediaMs: number): void {
    quiz.closes_ms = quiz.closes_ms === null ? mediaMs : Math.min(quiz.closes_ms, mediaMs);
  }
}

function keyOf(page: Page | null): string {
  return page ? `${page.deck}/${page.number}` : "";
}

export class Cues {
  private waiting: Happened[] = [];

  add(event: Happened): void {
    this.waiting.push(event);
  }

  /** What is due when the player shows `mediaMs`, in its order. */
  due(mediaMs: number): Happened[] {
    const due = this.waiting.filter((event) => event.media_ms <= mediaMs);
    if (due.length) this.waiting = this.waiting.filter((event) => event.media_ms > mediaMs);
    return due;
  }

  clear(): void {
    this.waiting = [];
  }
}
