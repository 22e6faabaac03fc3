/**
 * The screen of a lesson: what its cues make of it, as `tongke/live/cues.py` does.
 *
 * `Cues` holds back what has happened until the player reaches its media time.
 */
import type { Happened, Page, Quiz, StageState, Stroke, View } from "./vocabulary.ts";

export class Stage {
  layout: View = "teacher";
  page: Page | null = null;
  spotlight: StageState["spotlight"] = null;
  timer: StageState["timer"] = null;
  speaking: string[] = [];
  quiz: Quiz | null = null;
  private readonly ink = new Map<string, Map<string, Stroke>>();

  /** Take the whole screen as the service tells it. */
  restore(state: StageState): void {
    const { ink, ...rest } = state;
    Object.assign(this, rest);
    this.ink.clear();
    for (const { page, strokes } of ink) this.ink.set(keyOf(page), new Map(strokes.map((stroke) => [stroke.stroke, { ...stroke, points: [...stroke.points] }])));
  }

  /** What is drawn on a slide, or on the board (no page). */
  strokes(page: Page | null): Iterable<Stroke> {
    return this.ink.get(keyOf(page))?.values() ?? [];
  }

  apply(event: Happened): void {
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
