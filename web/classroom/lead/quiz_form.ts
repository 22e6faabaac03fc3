/** Writing a question: its kind, its options and what is right, and the time there is. */
import { h, show } from "../../shared/dom.ts";
import { span } from "../../shared/format.ts";
import { newId } from "../session.ts";
import type { Question } from "../vocabulary.ts";
import { keysOf, LETTERS } from "./answers.ts";
import type { Desk } from "./desk.ts";
import { button, labelled, offer, select } from "./parts.ts";
import { say } from "./say.ts";
import { SHOWS_SLIDES } from "./turning.ts";

type Kind = Question["kind"];

const KINDS: readonly Kind[] = ["single", "multiple", "true_false", "short"];
const LEAST_OPTIONS = 2;
const SECONDS: readonly number[] = [30, 60, 90, 120, 180, 300];
const USUAL_S = "60";

interface Option {
  row: HTMLElement;
  right: HTMLInputElement;
  text: HTMLInputElement;
}

export class QuizForm {
  readonly element: HTMLFormElement;
  private kind: Kind = "single";
  private shown = 4;
  private readonly kinds = select(say("quiz.kind"), (kind) => this.choose(kind as Kind));
  private readonly text = h("input", { class: "stage-field", maxlength: 500, placeholder: say("quiz.questionHint"), "aria-label": say("quiz.question") });
  private readonly options = [...LETTERS].map((key) => this.option(key, key));
  private readonly judged = (["true", "false"] as const).map((key) => this.option(key, say(`quiz.${key}`)));
  private readonly list: HTMLElement;
  private readonly counts: HTMLElement;
  private readonly answers = h("input", { class: "stage-field", maxlength: 500 });
  private readonly answerLine = labelled("quiz.answers", this.answers);
  private readonly seconds = select(say("quiz.seconds"), () => undefined);
  private readonly open = h("button", { type: "submit", class: "stage-button primary" }, say("quiz.open"));
  private readonly why = h("p", { class: "lead-hint", hidden: true }, say("quiz.notYet"));
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    offer(this.kinds, KINDS.map((kind) => [kind, say(`quiz.${kind}`)] as const), this.kind);
    offer(this.seconds, [...SECONDS.map((s) => [String(s), span(s)] as const), ["", say("quiz.noLimit")]], USUAL_S);
    this.counts = h("span", {},
      button(say("quiz.more"), () => this.show(this.shown + 1), { class: "lead-tool" }), button(say("quiz.less"), () => this.show(this.shown - 1), { class: "lead-tool" }));
    this.list = h("fieldset", { class: "lead-options" }, h("legend", { class: "lead-hint" }, say("quiz.options")), ...[...this.options, ...this.judged].map(({ row }) => row));
    this.element = h("form", { class: "lead-quiz-form", novalidate: true, on: { submit: (event) => this.onSubmit(event) } },
      h("div", { class: "lead-quiz-top" }, this.kinds, this.seconds), this.text, this.list, this.answerLine,
      h("div", { class: "lead-acts" }, this.open, this.counts, this.why));
    this.choose(this.kind);
  }

  focus(): void {
    this.text.focus();
  }

  draw(): void {
    const runs = this.desk.classroom.phase === "running";
    this.open.disabled = !runs;
    show(this.why, !runs);
  }

  private option(key: string, name: string): Option {
    const right: HTMLInputElement = h("input", { type: "checkbox", "aria-label": say("quiz.right", { key: name }), on: { change: () => this.onRight(right) } });
    const text: HTMLInputElement = h("input", { class: "stage-field", maxlength: 200, "aria-label": say("quiz.option", { key: name }), on: { input: () => this.complain(text, false) } });
    const judged = key === "true" || key === "false";
    return { row: h("div", { class: "lead-option" }, right, h("strong", {}, name), judged ? null : text), right, text };
  }

  private choose(kind: Kind): void {
    this.kind = kind;
    show(this.list, kind !== "short");
    show(this.answerLine, kind === "short");
    show(this.counts, kind === "single" || kind === "multiple");
    for (const { row } of this.judged) show(row, kind === "true_false");
    this.show(this.shown);
    this.onRight(null);
  }

  private show(count: number): void {
    this.shown = Math.max(LEAST_OPTIONS, Math.min(this.options.length, count));
    const choice = this.kind === "single" || this.kind === "multiple";
    for (const [index, { row }] of this.options.entries()) show(row, choice && index < this.shown);
  }

  /** Where one option is right, another one is not. */
  private onRight(changed: HTMLInputElement | null): void {
    if (this.kind === "multiple") return;
    const ticked = [...this.options, ...this.judged].map(({ right }) => right).filter(({ checked }) => checked);
    for (const box of ticked) if (box !== (changed ?? ticked[0])) box.checked = false;
  }

  private onSubmit(event: Event): void {
    event.preventDefault();
    const [first, second] = this.options;
    const lone = this.isChoice && this.asked.length < LEAST_OPTIONS;
    // The field that is empty beside the one that is written.
    const empty = first?.text.value.trim() ? second : first;
    if (empty) this.complain(empty.text, lone);
    if (lone) return;
    const seconds = this.seconds.value === "" ? null : Number(this.seconds.value);
    void this.desk.classroom.ask("open_quiz", { quiz: newId(), question: this.question(), seconds }).then((taken) => {
      if (taken) this.clear();
    });
  }

  private get isChoice(): boolean {
    return this.kind === "single" || this.kind === "multiple";
  }

  /** The options that are asked: where words are written, a line left empty is none. Without any, all of it is on the screen already. */
  private get asked(): readonly Option[] {
    const shown = this.options.slice(0, this.shown);
    const written = shown.filter(({ text, right }) => text.value.trim() || right.checked);
    return shown.some(({ text }) => text.value.trim()) ? written : shown;
  }

  private complain(field: HTMLInputElement, on: boolean): void {
    field.setCustomValidity(on ? say("quiz.least") : "");
    if (on) field.reportValidity();
  }

  /** An option without words is on the screen already: its letter will do. */
  private question(): Question {
    const choice = this.isChoice;
    const options = choice ? this.asked.map(({ text }, index) => text.value.trim() || (LETTERS[index] ?? "")) : [];
    const { page, layout } = this.desk.classroom.stage;
    const text = this.text.value.trim() || say("quiz.questionDefault");
    const question: Question = { kind: this.kind, text, options, right: [], page: page && SHOWS_SLIDES.has(layout) ? page : null };
    const rows = choice ? this.asked : this.judged;
    const right = this.kind === "short" ? written(this.answers.value) : keysOf(question).filter((_, index) => rows[index]?.right.checked);
    return { ...question, right };
  }

  private clear(): void {
    for (const field of [this.text, this.answers, ...this.options.map(({ text }) => text)]) field.value = "";
    for (const { right } of [...this.options, ...this.judged]) right.checked = false;
  }
}

/** Several wordings of one short answer. */
function written(text: string): string[] {
  return text.split(/[;；]/).map((one) => one.trim()).filter(Boolean);
}

