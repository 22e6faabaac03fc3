/** The question on the screen: how many have answered and what, its time, closing it, its answer. */
import { fill, h, setText, show } from "../../shared/dom.ts";
import { clock } from "../../shared/format.ts";
import { isOpen, optionsOf, secondsLeft } from "../questions.ts";
import type { Count, Given, Quiz, Result } from "../vocabulary.ts";
import { count, sides } from "./answers.ts";
import type { Desk, Panel } from "./desk.ts";
import { button, relabel } from "./parts.ts";
import { QuizForm } from "./quiz_form.ts";
import { say } from "./say.ts";

const MORE_MS = 30_000;

export class QuizPanel implements Panel {
  readonly element: HTMLElement;
  private readonly form: QuizForm;
  private readonly asked: HTMLElement;
  private readonly text = h("h3", {});
  private readonly answered = h("strong", {});
  private readonly of = h("span", { class: "lead-hint" });
  private readonly left = h("span", { class: "lead-quiz-left" });
  private readonly together = h("p", { class: "lead-hint" });
  private readonly bars = h("ol", { class: "lead-bars" });
  private readonly close: HTMLButtonElement;
  private readonly more: HTMLButtonElement;
  private readonly again: HTMLButtonElement;
  private readonly desk: Desk;
  /** A question whose answer was shown, and that the teacher is done with. */
  private doneWith = "";

  constructor(desk: Desk) {
    this.desk = desk;
    this.form = new QuizForm(desk);
    this.close = button(say("quiz.close"), () => this.closeOrShow(), { class: "stage-button primary" });
    this.more = button(say("quiz.extend"), () => this.extend());
    this.again = button(say("quiz.again"), () => this.askAgain());
    this.asked = h("div", { class: "lead-quiz" }, this.text,
      h("div", { class: "lead-quiz-line" }, this.answered, this.of, this.left), this.together, this.bars,
      h("div", { class: "lead-acts" }, this.close, this.more, this.again));
    this.element = h("div", {}, this.form.element, this.asked);
  }

  /** Put the person where a question is written, if none is open. */
  focus(): void {
    this.form.focus();
  }

  draw(): void {
    const { quiz } = this.desk.classroom.stage;
    const shown = quiz !== null && quiz.quiz !== this.doneWith;
    show(this.form.element, !shown);
    show(this.asked, shown);
    if (shown) this.drawAsked(quiz);
    else this.form.draw();
  }

  private drawAsked(quiz: Quiz): void {
    const { classroom } = this.desk;
    const { counted, together, isByClass } = sides(classroom.answers.values());
    const answered = quiz.result?.answered ?? counted.length;
    setText(this.text, quiz.question.text);
    setText(this.answered, quiz.result ? "" : String(answered));
    const { heads } = classroom.roster;
    const whole = isByClass ? say("quiz.answeredClasses") : heads ? say("quiz.answered", { n: heads }) : say("quiz.answeredOnly");
    setText(this.of, quiz.result ? said(quiz.result) + this.fastest(quiz.result) : whole);
    show(this.together, together.length > 0);
    setText(this.together, together.length ? say("quiz.together", { answers: together.map((answer) => this.ofClass(quiz, answer)).join(say("comma")) }) : "");
    const open = isOpen(quiz, this.now);
    setText(this.left, open ? this.timeLeft(quiz) : quiz.result ? "" : say("quiz.closed"));
    this.drawBars(quiz, quiz.result?.counts ?? count(quiz.question, counted), answered);
    const knows = (quiz.question.right ?? []).length > 0;
    relabel(this.close, say(open ? (knows ? "quiz.closeAndShow" : "quiz.close") : knows ? "quiz.show" : "quiz.showOpinion"));
    show(this.close, quiz.result === null);
    show(this.more, open && quiz.closes_ms !== null);
    show(this.again, quiz.result !== null);
  }

  /** What a class answered, and which. */
  private ofClass(quiz: Quiz, { room, given = [] }: Given): string {
    return say("quiz.ofClass", { given: given.map((key) => nameOf(quiz, key) || key).join(say("and")), room: this.nameOf(room) ?? room });
  }

  /** How soon the first was right, and of which class; by the lesson's clock, so that no line is slow. */
  private fastest({ rate, fastest: [first] }: Result): string {
    if (rate === null || !first) return "";
    return say("quiz.fastest", { seconds: (first.taken_ms / 1000).toFixed(1), room: this.nameOf(first.room) ?? say("quiz.here") });
  }

  private nameOf(room: string): string | undefined {
    const seat = this.desk.classroom.roster.get(room);
    return seat && [seat.school, seat.name].filter(Boolean).join(" ");
  }

  private drawBars(quiz: Quiz, counts: readonly Count[], answered: number): void {
    const most = Math.max(1, answered);
    const key = JSON.stringify([counts, most, quiz.quiz]);
    if (this.bars.dataset.drawn === key) return;
    this.bars.dataset.drawn = key;
    fill(this.bars, ...counts.map((each) => bar(quiz, each, most)));
  }

  private get now(): number {
    return this.desk.classroom.session.clock.now();
  }

  private timeLeft(quiz: Quiz): string {
    const seconds = secondsLeft(quiz, this.now);
    return seconds === null ? "" : say("quiz.left", { time: clock(seconds) });
  }

  private closeOrShow(): void {
    const { classroom } = this.desk;
    const { quiz } = classroom.stage;
    if (!quiz) return;
    const opinion = (quiz.question.right ?? []).length === 0;
    // What is right is shown with its closing; an opinion may be talked about first.
    void classroom.ask(isOpen(quiz, this.now) && opinion ? "close_quiz" : "show_answer", { quiz: quiz.quiz });
  }

  private extend(): void {
    const { classroom } = this.desk;
    const { quiz } = classroom.stage;
    if (quiz?.closes_ms) void classroom.ask("extend_quiz", { quiz: quiz.quiz, closes_ms: quiz.closes_ms + MORE_MS });
  }

  private askAgain(): void {
    this.doneWith = this.desk.classroom.stage.quiz?.quiz ?? "";
    this.draw();
    this.form.focus();
  }
}

function said({ rate, right, answered: n, by_class }: Result): string {
  if (by_class) return rate === null ? say("quiz.opinion.classes", { n }) : say("quiz.rate.classes", { right, n });
  return rate === null ? say("quiz.opinion", { n }) : say("quiz.rate", { right, n });
}

/** By what an option is known; a short answer by its words alone. */
function nameOf({ question }: Quiz, key: string): string {
  if (question.kind === "short") return "";
  return key === "true" ? say("quiz.true") : key === "false" ? say("quiz.false") : key;
}

function bar(quiz: Quiz, { key, count: chosen, right }: Count, most: number): HTMLElement {
  const { question } = quiz;
  const name = nameOf(quiz, key);
  const words = question.kind === "short" ? key : (optionsOf(question, "", "").find((option) => option.key === key)?.text ?? "");
  const filled = h("span", { class: "lead-bar-fill" });
  filled.style.width = `${Math.round((chosen / most) * 100)}%`;
  return h("li", { class: right ? "lead-bar right" : "lead-bar" }, h("span", { class: "lead-bar-key" }, name),
    h("span", { class: "lead-bar-track" }, filled, h("span", { class: "lead-bar-words" }, words)), h("span", { class: "lead-bar-count" }, String(chosen)));
}
