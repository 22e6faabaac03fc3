/** A pupil's telephone in a class: one question at a time, thumbs on big options. */
import { fill, h, icon, setAttribute, setText, show } from "../../shared/dom.ts";
import { toast } from "../../shared/toast.ts";
import { stayAwake } from "../awake.ts";
import { isOpen, isRight, MOST_LETTERS, optionsOf, pressed, secondsLeft, shareLeft, stateOf, type Option } from "../questions.ts";
import { hasPicture, slideAddress } from "../slide.ts";
import type { Quiz } from "../vocabulary.ts";
import { Unsent } from "../unsent.ts";
import { Pupil } from "./pupil.ts";
import { say } from "./words.ts";

const TICK_MS = 250;

class Phone {
  private readonly pupil: Pupil;
  private readonly classId: string;
  private drawn = "";
  private chosen: string[] = [];
  /** The answer that was drawn: what is ticked and not sent yet goes only when that becomes another. */
  private given = "";
  private rows = new Map<string, HTMLButtonElement>();
  private options: Option[] = [];
  private field: HTMLInputElement | null = null;
  private readonly unsent = new Unsent();
  private readonly state = h("span", { class: "state waiting", role: "status" });
  private readonly time = h("strong", { class: "phone-time" });
  private readonly unit = h("span", { class: "phone-time-unit" }, say("second"));
  private readonly bar = h("i");
  private readonly body = h("section", { class: "phone-body" });
  private readonly send = h("button", { class: "phone-go", type: "button", hidden: true, on: { click: () => this.submit() } }, say("send"));
  private readonly word = h("strong");
  private readonly line = h("span");
  private readonly foot = h("footer", { class: "phone-foot" }, h("p", { role: "status" }, this.word, this.line));

  constructor(root: HTMLElement) {
    const { class: classId = "", place = "", name = "", training } = root.dataset;
    const who = place ? say(training ? "placeTraining" : "place", { place, name }) : name;
    this.classId = classId;
    this.pupil = new Pupil(classId);
    this.pupil.on("changed", () => this.draw());
    this.pupil.on("refused", (message) => toast(message));
    fill(root,
      h("header", { class: "phone-head" },
        h("p", { class: "phone-place" }, who, h("a", { href: `${location.pathname}?seat` }, say(training ? "otherPlaceTraining" : "otherPlace"))),
        h("div", { class: "phone-row" }, this.state, h("span", {}, this.time, this.unit))),
      h("div", { class: "phone-bar" }, this.bar), this.body,
      this.foot);
  }

  start(): void {
    stayAwake();
    this.draw();
    this.pupil.open();
    window.setInterval(() => this.tick(), TICK_MS);
  }

  private draw(): void {
    const { pupil } = this;
    const quiz = pupil.place === "over" || pupil.place === "out" ? null : pupil.quiz;
    this.drawState();
    const key = quiz?.quiz ?? pupil.place;
    if (key !== this.drawn) {
      this.drawn = key;
      this.given = "";
      this.unsent.begin();
      this.chosen = [];
      this.rows.clear();
      this.field = null;
      this.takeGiven();
      fill(this.body, ...(quiz ? this.question(quiz) : this.nothing()));
    }
    this.takeGiven();
    this.tick();
  }

  private takeGiven(): void {
    const given = JSON.stringify(this.pupil.given);
    if (given === this.given) return;
    this.given = given;
    this.chosen = [...this.pupil.given];
  }

  private drawState(): void {
    const { place } = this.pupil;
    const waiting = place === "over" ? say("over") : place === "aside" ? say("asideShort") : say("connecting");
    const [mark, words] = place === "in" ? ["", say("sync")] : place === "broken" ? ["dropped", say("broken")] : ["waiting", waiting];
    setAttribute(this.state, "class", `state ${mark}`);
    setText(this.state, words);
  }

  private nothing(): Node[] {
    const { place } = this.pupil;
    if (place === "out") return [h("h1", {}, say("out")), h("a", { class: "phone-go", href: "/q" }, say("again"))];
    if (place === "over") return [h("h1", {}, say("over")), h("p", {}, say("overDetail"))];
    if (place === "aside") return [h("h1", {}, say("aside")), h("p", {}, say("asideDetail"))];
    return [h("h1", {}, say("waiting")), h("p", {}, say("waitingDetail"))];
  }

  private question({ question }: Quiz): Node[] {
    this.options = optionsOf(question, say("yes"), say("no"));
    for (const option of this.options) this.rows.set(option.key, this.row(question.kind === "multiple", option));
    const { page, kind, text } = question;
    const slide = page && hasPicture(page) ? h("img", { class: "phone-slide", src: slideAddress(this.classId, page, "small"), alt: "" }) : null;
    const answer = kind === "short" ? this.form() : h("div", { class: "phone-options" }, ...this.rows.values());
    if (kind !== "short") this.foot.append(this.send);
    return [...(slide ? [slide] : []), h("h1", {}, text), answer];
  }

  /** Its button is under the field, where the keyboard of the screen does not cover it, and Enter does the same. */
  private form(): HTMLFormElement {
    const field = h("input", { class: "phone-field", maxlength: MOST_LETTERS, autocomplete: "off", enterkeyhint: "send", "aria-label": say("yourAnswer"), value: this.chosen[0] ?? "", on: { input: () => this.onTyped() } });
    this.field = field;
    const send = (event: Event): void => {
      event.preventDefault();
      // The keyboard goes, and what came of it is seen.
      field.blur();
      this.submit();
    };
    return h("form", { class: "phone-form", on: { submit: send } }, field, this.send);
  }

  private onTyped(): void {
    this.unsent.changed(this.pupil.now);
    this.tick();
  }

  private row(several: boolean, { key, letter, text }: Option): HTMLButtonElement {
    const choose = (): void => this.choose(several, key);
    return h("button", { class: "phone-option", type: "button", on: { click: choose } }, h("b", {}, letter), h("span", {}, text), h("small"));
  }

  private choose(several: boolean, key: string): void {
    const { quiz, now } = this.pupil;
    if (!quiz || !isOpen(quiz, now)) return;
    this.chosen = pressed(quiz.question, this.chosen, key);
    this.unsent.changed(now);
    if (several) this.tick();
    else this.pupil.answer(this.chosen);
  }

  private submit(): void {
    if (this.answer.length) this.pupil.answer(this.answer);
    this.tick();
  }

  /** What is written or chosen here, sent or not. */
  private get answer(): string[] {
    return this.written ?? this.chosen;
  }

  /** There from the beginning, as the words beside it name it; away while the class has what stands here. */
  private drawSend(isAsked: boolean): void {
    show(this.send, isAsked && (this.isUnsent || this.pupil.given.length === 0));
    this.send.disabled = this.answer.length === 0;
  }

  /** What stands in the field of a short answer; null where there is none. */
  private get written(): string[] | null {
    return this.field && [this.field.value.trim()].filter(Boolean);
  }

  private tick(): void {
    const { quiz, now, place } = this.pupil;
    const shown = place === "over" || place === "out" ? null : quiz;
    const open = shown !== null && isOpen(shown, now);
    const seconds = shown && open ? secondsLeft(shown, now) : null;
    setText(this.time, seconds === null ? "" : String(seconds));
    show(this.unit, seconds !== null);
    this.bar.style.width = shown && open ? `${shareLeft(shown, now) * 100}%` : "0";
    if (shown) for (const [key, row] of this.rows) this.drawRow(shown, key, row, open);
    if (this.field) this.field.disabled = !open;
    if (this.unsent.closes(open) && shown) this.sendRest();
    this.drawSend(open && (this.field !== null || shown?.question.kind === "multiple"));
    const [word, line] = shown ? this.said(shown, open) : ["", ""];
    setText(this.word, word);
    setAttribute(this.word, "class", word === say("wrong") || word === say("unsent") ? "is-wrong" : "");
    setText(this.line, line);
  }

  private sendRest(): void {
    if (this.answer.length && this.isUnsent) this.pupil.answer(this.answer, this.unsent.atMs);
  }

  /** Whether what is chosen or written here is another answer than was sent. */
  private get isUnsent(): boolean {
    return JSON.stringify(this.answer) !== JSON.stringify(this.pupil.given);
  }

  private drawRow(quiz: Quiz, key: string, row: HTMLButtonElement, open: boolean): void {
    const mine = this.chosen.includes(key);
    const state = stateOf(quiz, key, this.chosen, this.chosen, this.pupil.now);
    if (row.dataset["state"] !== state) {
      row.dataset["state"] = state;
      const mark = state === "right" || state === "chosen" ? icon("check", 24) : state === "wrong" ? icon("close", 24) : null;
      const words = state === "right" ? h("span", { class: "visually-hidden" }, say("rightMark")) : state === "missed" ? say("missedMark") : null;
      fill(row.lastChild as Element, mark, words);
    }
    setAttribute(row, "aria-pressed", mine ? "true" : "false");
    row.disabled = !open;
  }

  private said(quiz: Quiz, open: boolean): [string, string] {
    const { given, isReceived } = this.pupil;
    const isWritten = quiz.question.kind === "short";
    const words = { given: this.letters(given) };
    if (quiz.result) return this.judged(quiz, given);
    if (given.length && !isReceived) return [say(isWritten ? "sendingWritten" : "sending", words), open ? say("mayChange") : say("closedDetail")];
    if (given.length && open) return [say(isWritten ? "receivedWritten" : "received", words), say("mayChange")];
    if (given.length) return [say(isWritten ? "closedWritten" : "closedWith", words), say("closedDetail")];
    if (!open) return [say(this.isUnsent ? "unsent" : "closed"), say("closedDetail")];
    return [say(quiz.question.kind === "multiple" ? "chooseSeveral" : quiz.question.kind === "short" ? "write" : "choose"), ""];
  }

  private judged(quiz: Quiz, given: string[]): [string, string] {
    const { kind, right = [] } = quiz.question;
    const answer = right.length ? say("rightAnswer", { right: this.letters(right) }) : "";
    if (given.length === 0 && this.isUnsent) return [say("unsent"), answer];
    if (right.length === 0) return [say("thanks"), ""];
    if (given.length === 0) return [say("missed"), answer];
    if (kind === "short") {
      const told = isRight(quiz, given[0] ?? "");
      return [say(told === null ? "result" : told ? "right" : "wrong"), answer];
    }
    const same = right.length === given.length && right.every((key) => given.includes(key));
    return [say(same ? "right" : "wrong"), same ? "" : answer];
  }

  private letters(keys: string[]): string {
    return keys.map((key) => this.options.find((option) => option.key === key)?.letter ?? key).join(say("and"));
  }
}

const root = document.getElementById("phone");
if (root) new Phone(root).start();
