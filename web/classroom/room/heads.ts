/** How many pupils are here, and how many of them have answered. */
import { fill, h, setText, show } from "../../shared/dom.ts";
import { recall, remember } from "../../shared/remember.ts";
import type { Room } from "../vocabulary.ts";
import { Held } from "./held.ts";
import { say } from "./words.ts";

const MOST = 500;
/** A number that nobody has reported is forgotten, unless a roll call asks for one. */
const PENDING_MS = 15_000;
/** How many were here when they were counted last, in whichever class. */
const LAST = "room-heads";
/** A roll call that nobody has answered by then goes from the screen; the lead sees which room has not. */
const ASKED_MS = 180_000;
/** More dots than fit in two rows say nothing. */
const MOST_DOTS = 64;

export class Heads {
  readonly element: HTMLElement;
  private heads = 0;
  /** Typed, or stepped to, and not reported yet. */
  private pending: number | null = null;
  private pendingTimer = 0;
  /** Digits that another one is put to. */
  private typed = "";
  /** Told by this room before: it may say that it is so. */
  private isKnown = false;
  /** As many as in the class before, 0 where there was none or this one has told. */
  private last = 0;
  /** The roll call on the screen, and the one that was put away, by when they were. */
  private asked: number | null = null;
  private putAway: number | null = null;
  private readonly figure = h("strong", { class: "room-figure" });
  private readonly unit = h("span", { class: "room-figure-unit" });
  private readonly report = h("button", { class: "room-report", type: "button", hidden: true, on: { click: () => this.tell() } });
  private readonly steps: HTMLElement;
  private readonly dots = h("div", { class: "room-dots", "aria-hidden": "true", hidden: true });
  private readonly hint = h("small", { class: "room-heads-hint" });
  private readonly set: (heads: number) => Promise<boolean>;

  /** `set` answers whether the class has taken it. */
  constructor(set: (heads: number) => Promise<boolean>) {
    this.set = set;
    this.steps = h("div", { class: "room-heads-steps" }, this.stepper(-1, "−", say("fewer")), this.stepper(1, "+", say("more")));
    this.element = h("div", { class: "room-heads" }, h("div", { class: "room-heads-row" }, this.report, this.figure, this.unit, this.steps), this.dots, this.hint);
  }

  /** Of the keys too: they do what is shown, and answer whether they did. */
  step(by: number): boolean {
    if (this.steps.hidden) return false;
    this.typed = "";
    this.propose(Math.min(MOST, Math.max(0, this.present + by)));
    return true;
  }

  /** A digit, Enter or Escape; false where it means nothing here. */
  press(key: string): boolean {
    if (this.steps.hidden) return false;
    if (/^[0-9]$/.test(key)) this.type(key);
    else if (key === "Enter" && this.canReport) this.tell();
    else if (key === "Escape" && this.pending !== null) this.forget();
    else if (key === "Escape" && this.asked !== null) this.putAway = this.asked;
    else return false;
    return true;
  }

  private stepper(by: number, sign: string, label: string): HTMLButtonElement {
    const held = new Held(() => this.step(by));
    const release = (): void => held.release();
    const on = {
      pointerdown: ({ button }: PointerEvent) => button === 0 && held.press(),
      pointerup: release, pointerleave: release, pointercancel: release, click: () => held.click(),
      // What a long touch opens.
      contextmenu: (event: Event) => event.preventDefault(),
    };
    return h("button", { class: "room-step", type: "button", "aria-label": label, on }, sign);
  }

  private get present(): number {
    return this.pending ?? this.heads;
  }

  private get canReport(): boolean {
    return this.pending !== null || (this.asked !== null && this.isKnown) || this.last > 0;
  }

  private type(digit: string): void {
    this.typed = String(Math.min(MOST, Number(this.typed + digit)));
    this.propose(Number(this.typed));
  }

  private propose(heads: number): void {
    this.pending = heads;
    clearTimeout(this.pendingTimer);
    this.pendingTimer = window.setTimeout(() => this.expire(), PENDING_MS);
    this.draw();
  }

  /** Whoever counts a class for a roll call may take longer. */
  private expire(): void {
    if (this.asked !== null && this.pending !== null) this.propose(this.pending);
    else this.forget();
  }

  private forget(): void {
    this.drop();
    this.draw();
  }

  private drop(): void {
    clearTimeout(this.pendingTimer);
    this.typed = "";
    this.pending = null;
  }

  private tell(): void {
    const heads = this.present;
    this.drop();
    this.heads = heads;
    void this.set(heads).then((isTaken) => isTaken && remember(LAST, String(heads)));
  }

  /** The room is not in the class, which counts no heads of it. */
  rest(): void {
    this.drop();
    for (const element of [this.figure, this.unit, this.hint]) setText(element, "");
    for (const element of [this.steps, this.report, this.dots]) show(element, false);
  }

  /** The class is asked how many it is: `calledAt` and `now` on the lesson's clock. */
  showHeads(room: Room, calledAt: number | null, now: number): void {
    this.isKnown = typeof room.heads === "number";
    this.last = this.isKnown ? 0 : Number(recall(LAST)) || 0;
    this.heads = room.heads ?? this.last;
    const called = rollCall(room, calledAt, now);
    this.asked = called === this.putAway ? null : called;
    show(this.steps, true);
    show(this.dots, false);
    this.draw();
  }

  private draw(): void {
    // What is typed stays so while a question has the place.
    if (this.steps.hidden) return;
    setText(this.figure, String(this.present));
    setText(this.unit, say("peopleUnit"));
    setText(this.report, say("report", { heads: this.present }));
    setText(this.hint, this.hinted);
    this.hint.classList.toggle("is-asked", this.asked !== null);
    this.showReport(this.canReport);
  }

  /** The button says the figure too. */
  private showReport(can: boolean): void {
    show(this.report, can);
    for (const element of [this.figure, this.unit]) show(element, !can);
  }

  private get hinted(): string {
    const { last, isKnown } = this;
    if (this.pending !== null) return say("typedHeads");
    if (this.asked !== null) return say(isKnown || last ? "countAgain" : "countHeads");
    return say(last ? "lastHeads" : "heads");
  }

  /** A question is open: so many pupils have answered it, or the class together alone. */
  showAnswers(answers: number, isTogether: boolean, heads: number | null): void {
    const byClass = isTogether && answers === 0;
    setText(this.figure, byClass ? "" : String(answers));
    setText(this.unit, byClass ? say("answeredTogether") : heads ? `/ ${say("answered", { heads })}` : say("answeredOnly"));
    setText(this.hint, "");
    this.showReport(false);
    show(this.steps, false);
    show(this.dots, !byClass && Boolean(heads) && (heads ?? 0) <= MOST_DOTS);
    fill(this.dots, ...Array.from({ length: heads ?? 0 }, (_, index) => h("i", { class: index < answers ? "is-done" : "" })));
  }
}

/** The roll call that a room is asked for, by when it was: one that was answered, or is old, is none. */
export function rollCall({ counted }: Room, calledAt: number | null, now: number): number | null {
  return calledAt === null || counted || now - calledAt >= ASKED_MS ? null : calledAt;
}
