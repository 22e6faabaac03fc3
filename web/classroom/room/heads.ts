/** How many pupils are here, and how many of them have answered. */
import { fill, h, setText, show } from "../../shared/dom.ts";
import type { Room } from "../vocabulary.ts";
import { say } from "./words.ts";

/** Steps that follow each other are one change. */
const SETTLED_MS = 700;
const MOST = 500;
/** More dots than fit in two rows say nothing. */
const MOST_DOTS = 64;

export class Heads {
  readonly element: HTMLElement;
  private heads = 0;
  private timer = 0;
  private readonly figure = h("strong", { class: "room-figure" });
  private readonly unit = h("span", { class: "room-figure-unit" });
  private readonly steps: HTMLElement;
  private readonly dots = h("div", { class: "room-dots", "aria-hidden": "true", hidden: true });
  private readonly hint = h("small", { class: "room-heads-hint" });
  private readonly set: (heads: number) => void;

  constructor(set: (heads: number) => void) {
    this.set = set;
    const step = (by: number, sign: string, label: string): HTMLButtonElement =>
      h("button", { class: "room-step", type: "button", "aria-label": label, on: { click: () => this.step(by) } }, sign);
    this.steps = h("div", { class: "room-heads-steps" }, step(-1, "−", say("fewer")), step(1, "+", say("more")));
    this.element = h("div", { class: "room-heads" }, h("div", { class: "room-heads-row" }, this.figure, this.unit, this.steps), this.dots, this.hint);
  }

  step(by: number): void {
    // Of the keys too: they do what is shown.
    if (this.steps.hidden) return;
    this.heads = Math.min(MOST, Math.max(0, this.heads + by));
    setText(this.figure, String(this.heads));
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.timer = 0;
      this.set(this.heads);
    }, SETTLED_MS);
  }

  /** The class is asked how many it is. */
  showHeads(room: Room, calledAt: number | null): void {
    if (!this.timer) this.heads = room.heads ?? 0;
    const asked = calledAt !== null && !room.counted;
    setText(this.figure, String(this.heads));
    setText(this.unit, say("peopleUnit"));
    setText(this.hint, asked ? say("countHeads") : say("heads"));
    this.hint.classList.toggle("is-asked", asked);
    show(this.steps, true);
    show(this.dots, false);
  }

  /** A question is open. */
  showAnswers(answers: number, heads: number | null): void {
    setText(this.figure, String(answers));
    setText(this.unit, heads ? `/ ${say("answered", { heads })}` : say("answeredOnly"));
    setText(this.hint, "");
    show(this.steps, false);
    show(this.dots, Boolean(heads) && (heads ?? 0) <= MOST_DOTS);
    fill(this.dots, ...Array.from({ length: heads ?? 0 }, (_, index) => h("i", { class: index < answers ? "is-done" : "" })));
  }
}
