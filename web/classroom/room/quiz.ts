/**
 * The question beside the picture: its options, the time, and what came of it. The class answers
 * together with the keyboard; pupils' phones answer for themselves.
 */
import { fill, h, icon, setAttribute, setText, show } from "../../shared/dom.ts";
import { isOpen, MOST_LETTERS, optionsOf, pressed, secondsLeft, shareLeft, stateOf, type Option, type OptionState } from "../questions.ts";
import { Unsent } from "../unsent.ts";
import type { Page, Quiz, RoomResult } from "../vocabulary.ts";
import { chose, howTogether, outcome } from "./outcome.ts";
import { say } from "./words.ts";

export interface QuizHost {
  /** `atMs`: when it was given, on the lesson's clock as it is shown here. */
  answer(quiz: Quiz, given: string[], atMs: number): void;
  /** What the lesson's clock shows here now. */
  now(): number;
  /** Of the result, what is this room's. */
  ours(quiz: Quiz): RoomResult | undefined;
}

/** Of the type, in rem, from a short question to a long one. */
const SIZES = [1, 0.94, 0.88, 0.82, 0.77, 0.72, 0.67, 0.62, 0.58];

export class QuizPanel {
  readonly element = h("aside", { class: "room-quiz", hidden: true, "aria-label": say("quiz") });
  private quiz: Quiz | null = null;
  private options: Option[] = [];
  private chosen: string[] = [];
  private received: string[] = [];
  private rows = new Map<string, HTMLButtonElement>();
  private readonly time = h("span", { class: "room-quiz-time" });
  private readonly bar = h("i");
  private readonly asked = h("div", { class: "room-asked" });
  private fitted = "";
  private readonly foot = h("div", { class: "room-quiz-foot", role: "status" });
  private field: HTMLInputElement | null = null;
  private readonly sender = h("button", { class: "room-send", type: "button", on: { click: () => this.hand() } }, say("send"));
  private readonly unsent = new Unsent();
  private readonly host: QuizHost;

  constructor(host: QuizHost) {
    this.host = host;
  }

  get isShown(): boolean {
    return this.quiz !== null;
  }

  /** The slide that it is about. */
  get page(): Page | null {
    return this.quiz?.question.page ?? null;
  }

  /** Whether answers are taken. */
  get isOpen(): boolean {
    return this.quiz !== null && isOpen(this.quiz, this.host.now());
  }

  /** Whether it is another one than before. */
  show(quiz: Quiz | null, received: string[]): boolean {
    const other = quiz?.quiz !== this.quiz?.quiz;
    this.quiz = quiz;
    this.received = received;
    show(this.element, quiz !== null);
    if (quiz && other) this.build(quiz);
    this.update();
    return other;
  }

  /** A key of the keyboard; false where it means nothing here. */
  press(key: string): boolean {
    if (!this.quiz) return false;
    if (key === "ArrowUp" || key === "ArrowDown") return this.scroll(key === "ArrowUp" ? -1 : 1);
    if (!this.isOpen) return false;
    if (key === "Enter" && this.quiz.question.kind === "multiple" && this.chosen.length) {
      this.hand();
      return true;
    }
    const option = this.options.find(({ letter }) => letter === key.toUpperCase());
    if (option) this.choose(option);
    return option !== undefined;
  }

  /** Have what is typed go into the field of a short answer; false where none is open. */
  write(): boolean {
    if (!this.field || !this.isOpen) return false;
    // The question stays where it is read.
    this.field.focus({ preventScroll: true });
    return true;
  }

  private build(quiz: Quiz): void {
    const { question } = quiz;
    this.options = optionsOf(question, say("yes"), say("no"));
    this.chosen = [...this.received];
    this.unsent.begin();
    this.field = null;
    this.rows = new Map(this.options.map((option) => [option.key, this.row(option)]));
    fill(this.element,
      h("div", { class: "room-quiz-head" }, h("span", {}, say("quiz")), this.time), h("div", { class: "room-quiz-bar" }, this.bar),
      this.asked, question.kind === "multiple" ? this.sender : null, this.foot);
    fill(this.asked, h("h2", { class: "room-question" }, question.text),
      h("div", { class: "room-options" }, ...(question.kind === "short" ? [this.form()] : this.rows.values())));
  }

  private row(option: Option): HTMLButtonElement {
    return h("button", { class: "room-option", type: "button", on: { click: () => this.choose(option) } },
      h("b", {}, option.letter), h("span", {}, option.text), h("small"));
  }

  private form(): HTMLFormElement {
    this.field = h("input", { class: "room-short", maxlength: MOST_LETTERS, autocomplete: "off", "aria-label": say("togetherShort"), on: { input: () => this.unsent.changed(this.host.now()), keydown: (event) => this.onFieldKey(event) } });
    const send = (event: Event): void => {
      event.preventDefault();
      this.hand();
    };
    return h("form", { class: "room-short-form", on: { submit: send } }, this.field, this.sender);
  }

  /** What is no part of an answer: out of the field, for the other keys, and through a long question. */
  private onFieldKey(event: KeyboardEvent): void {
    // Of an input method that is open.
    if (event.isComposing) return;
    if (event.key === "Escape") this.field?.blur();
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.press(event.key);
    else return;
    event.preventDefault();
  }

  private choose({ key }: Option): void {
    if (!this.quiz || !isOpen(this.quiz, this.host.now())) return;
    this.chosen = pressed(this.quiz.question, this.chosen, key);
    this.unsent.changed(this.host.now());
    if (this.quiz.question.kind === "multiple") this.update();
    else this.send(this.chosen);
  }

  /** Give what is written, or chosen of several. */
  private hand(): void {
    const given = this.written ?? this.chosen;
    if (given.length) this.send(given);
  }

  private send(given: string[]): void {
    if (!this.quiz || !isOpen(this.quiz, this.host.now())) return;
    this.chosen = given;
    this.host.answer(this.quiz, given, this.host.now());
    this.update();
  }

  /** What stands in the field of a short answer; null where there is none. */
  private get written(): string[] | null {
    return this.field && [this.field.value.trim()].filter(Boolean);
  }

  private sendRest(quiz: Quiz): void {
    const given = this.written ?? this.chosen;
    if (!given.length || given.join() === this.received.join()) return;
    this.chosen = given;
    this.host.answer(quiz, given, this.unsent.atMs);
  }

  private update(): void {
    const { quiz } = this;
    if (!quiz) return;
    const now = this.host.now();
    const open = isOpen(quiz, now);
    this.drawTime(quiz, open, now);
    for (const [key, row] of this.rows) this.drawRow(quiz, key, row, open);
    this.showForm(open);
    show(this.sender, open);
    this.sender.disabled = !this.field && !this.chosen.length;
    if (this.unsent.closes(open)) this.sendRest(quiz);
    setText(this.foot, this.said(quiz, open));
    this.foot.classList.toggle("is-result", quiz.result !== null);
    this.fit(quiz);
  }

  private showForm(open: boolean): void {
    if (!this.field) return;
    // Shut with the focus in it, it would keep all keys from the page.
    if (!open) this.field.blur();
    this.field.disabled = !open;
  }

  /** As large as all of it goes in. What is too long for the smallest too is scrolled. */
  private fit(quiz: Quiz): void {
    const { asked } = this;
    const key = [quiz.quiz, quiz.result !== null, this.foot.textContent, asked.clientWidth, window.innerHeight].join();
    if (key === this.fitted) return;
    for (const size of SIZES) {
      asked.style.fontSize = `${size}rem`;
      if (asked.scrollHeight <= asked.clientHeight) break;
    }
    this.fitted = key;
  }

  private scroll(pages: number): boolean {
    this.asked.scrollBy(0, (pages * this.asked.clientHeight) / 2);
    return true;
  }

  private drawTime(quiz: Quiz, open: boolean, now: number): void {
    const seconds = secondsLeft(quiz, now);
    if (quiz.result) setText(this.time, say(quiz.question.right?.length ? "result" : "opinions"));
    else if (!open) setText(this.time, say("closed"));
    else if (seconds === null) setText(this.time, "");
    else if (this.time.dataset["seconds"] !== String(seconds) || !this.time.querySelector("strong")) {
      this.time.dataset["seconds"] = String(seconds);
      fill(this.time, say("left"), h("strong", {}, String(seconds)), say("second"));
    }
    this.bar.style.width = open ? `${shareLeft(quiz, now) * 100}%` : "0";
  }

  private drawRow(quiz: Quiz, key: string, row: HTMLButtonElement, open: boolean): void {
    const state = stateOf(quiz, key, this.chosen, this.received, this.host.now());
    setAttribute(row, "data-state", state);
    setAttribute(row, "aria-pressed", this.chosen.includes(key) ? "true" : "false");
    row.disabled = !open;
    const ours = this.host.ours(quiz);
    const counted = ours ? chose(ours.counts.find((one) => one.key === key)?.count ?? 0, ours) : "";
    const small = row.querySelector("small");
    if (!small || small.dataset["state"] === state + counted) return;
    small.dataset["state"] = state + counted;
    fill(small, ...marksOf(state), counted && h("span", {}, counted));
  }

  private said(quiz: Quiz, open: boolean): string {
    if (quiz.result) return outcome(quiz.question, this.host.ours(quiz), this.received);
    if (this.received.length) return say(open ? "receivedMayChange" : "received", { given: this.letters(this.received) });
    return open ? howTogether(quiz.question, this.options) : "";
  }

  private letters(given: string[]): string {
    return given.map((key) => this.options.find((option) => option.key === key)?.letter ?? key).join(say("and"));
  }
}

/** How an option turned out: that it is right, and what the class made of it. */
function marksOf(state: OptionState): (Node | null)[] {
  if (state === "right") return [icon("check", 34), h("span", { class: "visually-hidden" }, say("rightMark"))];
  if (state === "missed") return [h("span", {}, say("missedMark"))];
  return [state === "wrong" ? h("span", {}, say("wrongMark")) : null];
}
