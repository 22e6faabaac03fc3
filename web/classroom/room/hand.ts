/** Raising a hand, and how many want to speak. */
import { fill, h, icon, setAttribute, setText, show } from "../../shared/dom.ts";
import { say } from "./words.ts";

export class Hand {
  readonly element: HTMLElement;
  private count = 0;
  private readonly word = h("strong", {}, say("hand"));
  private readonly hint = h("small", {}, say("handKey"));
  private readonly button: HTMLButtonElement;
  private readonly steps: HTMLElement;
  private readonly raise: (count: number) => void;

  /** `raise` is asked for a number of hands, 0 for none. */
  constructor(raise: (count: number) => void) {
    this.raise = raise;
    this.button = h("button", { class: "room-hand", type: "button", "aria-pressed": "false", on: { click: () => this.toggle() } },
      icon("hand", 44), h("span", {}, this.word, this.hint));
    const step = (by: number, sign: string, label: string): HTMLButtonElement =>
      h("button", { class: "room-step", type: "button", "aria-label": label, on: { click: () => this.raise(Math.max(0, this.count + by)) } }, sign);
    this.steps = h("div", { class: "room-hand-steps", hidden: true }, step(-1, "−", say("fewerHands")), step(1, "+", say("moreHands")));
    this.element = h("div", { class: "room-hand-box" });
    fill(this.element, this.button, this.steps);
  }

  /** Raise one hand, or lower all. */
  toggle(): void {
    // Of the space bar too.
    if (this.button.disabled) return;
    this.raise(this.count ? 0 : 1);
  }

  show(count: number, enabled: boolean): void {
    this.count = count;
    this.button.disabled = !enabled;
    setAttribute(this.button, "aria-pressed", count > 0 ? "true" : "false");
    setText(this.word, count > 1 ? say("hands", { count }) : count ? say("oneHand") : say("hand"));
    setText(this.hint, count ? say("handDown") : say("handKey"));
    // What changes the number stands in one frame with it: beside it there is another pair, for heads.
    const isUp = count > 0 && enabled;
    this.element.classList.toggle("is-up", isUp);
    show(this.steps, isUp);
  }
}
