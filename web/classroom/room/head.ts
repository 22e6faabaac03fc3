/** The head of a lesson: who listens to whom, how phones come in, the timer. */
import { h, setText } from "../../shared/dom.ts";
import { clock } from "../../shared/format.ts";
import type { StageState } from "../vocabulary.ts";
import { Join } from "./join.ts";
import type { ClassNext } from "./standby.ts";
import type { RoomWindow } from "./window.ts";
import { say } from "./words.ts";

export interface RoomNames {
  room: string;
  school: string;
}

export class Head {
  readonly element: HTMLElement;
  readonly join: Join;
  private readonly line = h("span");
  private readonly listening: string;
  private readonly timer = h("span", { class: "room-timer", role: "timer" });

  constructor({ room, school }: RoomNames, next: ClassNext, window: RoomWindow) {
    this.join = new Join(window);
    this.listening = say("listening", { school: next.school, teacher: next.teacher });
    this.showCalled("");
    this.element = h("header", { class: "room-head" }, h("strong", {}, `${school}　${room}`), this.line, this.join.element, this.timer);
  }

  /** Who sees and hears the room while it speaks; empty where it listens, to the lead or to `others` that speak. */
  showCalled(whoSees: string, others: readonly string[] = []): void {
    const listening = others.length ? say("otherSpeaks", { names: others.join(say("and")) }) : this.listening;
    setText(this.line, whoSees ? say("speaking", { whoSees }) : listening);
    this.line.classList.toggle("is-called", whoSees !== "");
  }

  /** What is left of the lead's timer at `now`. */
  showTimer(timer: StageState["timer"], now: number): void {
    const left = timer && Math.ceil(timer.seconds - (now - timer.began_ms) / 1000);
    setText(this.timer, left === null ? "" : left > 0 ? `${say("timer")} ${clock(left)}` : say("timeUp"));
  }
}
