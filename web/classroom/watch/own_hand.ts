/** A teacher's own hand in a training: the lead sees it with her name and her school. */
import { h, icon, setAttribute, setText, show } from "../../shared/dom.ts";
import type { Hello } from "../session.ts";
import type { Happened } from "../vocabulary.ts";
import { say } from "./words.ts";

export class OwnHand {
  readonly element: HTMLElement;
  private isUp = false;
  private runs = false;
  private readonly word = h("span");
  private readonly button = h("button", { class: "stage-button", type: "button", on: { click: () => this.toggle() } },
    icon("hand", 18), this.word, h("kbd", { class: "key" }, say("space")));
  private readonly ask: (command: string, body: object) => void;
  private readonly me: string;

  /** `me`: her account, as events name it. */
  constructor(me: string, ask: (command: string, body: object) => void) {
    this.me = me;
    this.ask = ask;
    this.element = h("section", { class: "watch-panel" },
      h("div", { class: "watch-row" }, this.button), h("p", { class: "watch-hint" }, say("handHint")));
    this.draw();
  }

  take({ state }: Hello): void {
    this.runs = state.phase === "running";
    show(this.element, state.phase !== "ended");
    this.isUp = state.trainees?.some(({ id, hand_ms }) => id === this.me && hand_ms !== null) ?? false;
    this.draw();
  }

  apply(event: Happened): void {
    if (event.kind === "begin") this.runs = true;
    else if (event.kind === "end") {
      [this.runs, this.isUp] = [false, false];
      show(this.element, false);
    } else if (event["trainee"] === this.me && event.kind === "hand_up") this.isUp = true;
    else if (event["trainee"] === this.me && event.kind === "hand_down") this.isUp = false;
    else return;
    this.draw();
  }

  toggle(): void {
    if (this.runs) this.ask(this.isUp ? "hand_down" : "hand_up", { trainee: this.me });
  }

  private draw(): void {
    this.button.disabled = !this.runs;
    setText(this.word, say(this.isUp ? "lowerOwn" : "raiseOwn"));
    setAttribute(this.button, "aria-pressed", String(this.isUp));
    this.button.classList.toggle("on", this.isUp);
  }
}
