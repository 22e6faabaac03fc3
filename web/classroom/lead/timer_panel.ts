/** A countdown on every room's screen: for exercises, reading, a talk between neighbours. */
import { h, setText, show } from "../../shared/dom.ts";
import { clock } from "../../shared/format.ts";
import type { Desk, Panel } from "./desk.ts";
import { button } from "./parts.ts";
import { say } from "./say.ts";

const MINUTES: readonly number[] = [1, 2, 3, 5, 10];
const MOST_MINUTES = 180;

export class TimerPanel implements Panel {
  readonly element: HTMLElement;
  private readonly left = h("strong", { class: "lead-timer-left" });
  private readonly stop = button(say("timer.stop"), () => this.start(0));
  private readonly choices: HTMLElement;
  private readonly own = h("input", { class: "stage-field", type: "number", min: 1, max: MOST_MINUTES, placeholder: say("timer.own"), "aria-label": say("timer.own") });
  private readonly why = h("p", { class: "lead-hint" }, say("timer.notYet"));
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    const own = h("form", { class: "lead-acts", on: { submit: (event) => this.onSubmit(event) } }, this.own, h("button", { class: "stage-button" }, say("timer.start")));
    const quick = MINUTES.map((n) => button(say("timer.minutes", { n }), () => this.start(n * 60)));
    this.choices = h("div", {}, h("div", { class: "lead-acts" }, ...quick), own);
    this.element = h("div", { class: "lead-timer" }, h("div", { class: "lead-acts" }, this.left, this.stop), this.choices, this.why);
  }

  draw(): void {
    const { stage, phase, session } = this.desk.classroom;
    const { timer } = stage;
    show(this.left, timer !== null);
    show(this.stop, timer !== null);
    show(this.choices, phase === "running");
    show(this.why, phase !== "running");
    const left = timer && Math.ceil((timer.began_ms + timer.seconds * 1000 - session.clock.now()) / 1000);
    if (left !== null) setText(this.left, left > 0 ? clock(left) : say("timer.up"));
  }

  private start(seconds: number): void {
    void this.desk.classroom.ask("timer", { seconds });
  }

  private onSubmit(event: Event): void {
    event.preventDefault();
    const minutes = Math.min(MOST_MINUTES, Math.round(Number(this.own.value)));
    if (minutes >= 1) this.start(minutes * 60);
    this.own.value = "";
  }
}
