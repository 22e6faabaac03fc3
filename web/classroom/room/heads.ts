/** How many pupils are here, and how many of them have answered. */
import { fill, h, setText, show } from "../../shared/dom.ts";
import { recall, remember } from "../../shared/remember.ts";
import type { Room } from "../vocabulary.ts";
import { say } from "./words.ts";

/** Steps that follow each other are one change. */
const SETTLED_MS = 700;
const MOST = 500;
/** Digits that nobody has set are forgotten. */
const TYPED_MS = 15_000;
/** How many were here when they were counted last, in whichever class. */
const LAST = "room-heads";
/** A roll call that nobody has answered by then goes from the screen; the lead sees which room has not. */
const ASKED_MS = 180_000;
/** More dots than fit in two rows say nothing. */
const MOST_DOTS = 64;

export class Heads {
  readonly element: HTMLElement;
  private heads = 0;
  private timer = 0;
  /** Digits, until Enter. */
  private typed = "";
  private typedTimer = 0;
  /** Told by this room, or asked for: Enter says that it is so. */
  private isOpen = false;
  /** The roll call on the screen, and the one that was put away, by when they were. */
  private asked: number | null = null;
  private putAway: number | null = null;
  private readonly figure = h("strong", { class: "room-figure" });
  private readonly unit = h("span", { class: "room-figure-unit" });
  private readonly steps: HTMLElement;
  private readonly dots = h("div", { class: "room-dots", "aria-hidden": "true", hidden: true });
  private readonly hint = h("small", { class: "room-heads-hint" });
  private readonly set: (heads: number) => Promise<boolean>;

  /** `set` answers whether the class has taken it. */
  constructor(set: (heads: number) => Promise<boolean>) {
    this.set = set;
    const step = (by: number, sign: string, label: string): HTMLButtonElement =>
      h("button", { class: "room-step", type: "button", "aria-label": label, on: { click: () => this.step(by) } }, sign);
    this.steps = h("div", { class: "room-heads-steps" }, step(-1, "−", say("fewer")), step(1, "+", say("more")));
    this.element = h("div", { class: "room-heads" }, h("div", { class: "room-heads-row" }, this.figure, this.unit, this.steps), this.dots, this.hint);
  }

  step(by: number): void {
    // Of the keys too: they do what is shown.
    if (this.steps.hidden) return;
    this.forget();
    this.heads = Math.min(MOST, Math.max(0, this.heads + by));
    setText(this.figure, String(this.heads));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      void this.tell(this.heads);
    }, SETTLED_MS);
  }

  /** A digit, Enter or Escape; false where it means nothing here. */
  press(key: string): boolean {
    if (this.steps.hidden) return false;
    if (/^[0-9]$/.test(key)) this.type(key);
    else if (key === "Enter" && (this.typed || this.isOpen)) void this.tell(this.typed ? Number(this.typed) : this.heads);
    else if (key === "Escape" && this.typed) this.forget();
    else if (key === "Escape" && this.asked !== null) this.putAway = this.asked;
    else return false;
    return true;
  }

  private type(digit: string): void {
    this.typed = String(Math.min(MOST, Number(this.typed + digit)));
    setText(this.figure, this.typed);
    setText(this.hint, say("typedHeads"));
    clearTimeout(this.typedTimer);
    this.typedTimer = window.setTimeout(() => this.forget(), TYPED_MS);
  }

  private forget(): void {
    clearTimeout(this.typedTimer);
    this.typed = "";
  }

  private async tell(heads: number): Promise<void> {
    this.forget();
    clearTimeout(this.timer);
    this.timer = 0;
    this.heads = heads;
    if (await this.set(heads)) remember(LAST, String(heads));
  }

  /** The room is not in the class, which counts no heads of it. */
  rest(): void {
    this.forget();
    clearTimeout(this.timer);
    this.timer = 0;
    for (const element of [this.figure, this.unit, this.hint]) setText(element, "");
    for (const element of [this.steps, this.dots]) show(element, false);
  }

  /** The class is asked how many it is: `calledAt` and `now` on the lesson's clock. */
  showHeads(room: Room, calledAt: number | null, now: number): void {
    const isKnown = typeof room.heads === "number";
    const last = isKnown ? 0 : Number(recall(LAST)) || 0;
    if (!this.timer) this.heads = room.heads ?? last;
    const called = rollCall(room, calledAt, now);
    this.asked = called === this.putAway ? null : called;
    const asked = this.asked !== null;
    this.isOpen = (asked && isKnown) || last > 0;
    setText(this.figure, this.typed || String(this.heads));
    setText(this.unit, say("peopleUnit"));
    setText(this.hint, this.hinted(asked, isKnown, last));
    this.hint.classList.toggle("is-asked", asked);
    show(this.steps, true);
    show(this.dots, false);
  }

  private hinted(asked: boolean, isKnown: boolean, last: number): string {
    if (this.typed) return say("typedHeads");
    if (asked && (isKnown || last)) return say("countAgain", { heads: this.heads });
    if (asked) return say("countHeads");
    return last ? say("lastHeads", { heads: this.heads }) : say("heads");
  }

  /** A question is open: so many pupils have answered it, or the class together alone. */
  showAnswers(answers: number, isTogether: boolean, heads: number | null): void {
    const byClass = isTogether && answers === 0;
    setText(this.figure, byClass ? "" : String(answers));
    setText(this.unit, byClass ? say("answeredTogether") : heads ? `/ ${say("answered", { heads })}` : say("answeredOnly"));
    setText(this.hint, "");
    show(this.steps, false);
    show(this.dots, !byClass && Boolean(heads) && (heads ?? 0) <= MOST_DOTS);
    fill(this.dots, ...Array.from({ length: heads ?? 0 }, (_, index) => h("i", { class: index < answers ? "is-done" : "" })));
  }
}

/** The roll call that a room is asked for, by when it was: one that was answered, or is old, is none. */
export function rollCall({ counted }: Room, calledAt: number | null, now: number): number | null {
  return calledAt === null || counted || now - calledAt >= ASKED_MS ? null : calledAt;
}
