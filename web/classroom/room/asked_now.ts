/** For who looks back: the lesson goes on without them, and has asked a question by now. */
import { h, show } from "../../shared/dom.ts";
import { isOpen } from "../questions.ts";
import { Stage } from "../stage.ts";
import type { Lesson } from "./lesson.ts";
import { say } from "./words.ts";

/** What makes a question, and what becomes of it. */
const ABOUT = ["open_quiz", "extend_quiz", "close_quiz", "show_answer", "end"];

export class AskedNow {
  readonly element: HTMLElement;
  /** As it is now; the lesson's own is as it was at the moment that is shown. */
  private readonly stage = new Stage();
  private readonly lesson: Lesson;

  constructor(lesson: Lesson, toNow: () => void) {
    this.lesson = lesson;
    this.element = h("button", { class: "room-asked-now", type: "button", hidden: true, on: { click: toNow } }, say("askedNow"));
    lesson.on("hello", ({ state }) => (this.stage.quiz = state.stage?.quiz ? { ...state.stage.quiz } : null));
    lesson.on("event", (event) => {
      if (ABOUT.includes(event.kind)) this.stage.apply(event);
    });
  }

  /** Whether the rooms that are in step have a question before them which is open. */
  get isAsked(): boolean {
    const now = this.lesson.session.clock.now() - this.lesson.delayMs;
    const { quiz } = this.stage;
    return quiz !== null && quiz.opened_ms <= now && isOpen(quiz, now);
  }

  draw(isBack: boolean): void {
    show(this.element, isBack && this.isAsked);
  }
}
