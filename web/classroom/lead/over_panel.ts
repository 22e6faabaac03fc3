/** When the class is over: what of its recording is still on this computer, and that the page waits for it. */
import { h, setText, show } from "../../shared/dom.ts";
import type { Desk, Panel } from "./desk.ts";
import { say } from "./say.ts";

/**
 * How much of what was not sent when the class ended is sent. The coder gives out more after the end,
 * so the count of what is kept rises first; what is said of it never goes back.
 */
export class SentAtEnd {
  percent = 0;
  private most = 0;

  /** `kept`: chunks that are not known to be durable. */
  count(kept: number): void {
    if (kept === 0) return;
    this.most = Math.max(this.most, kept);
    this.percent = Math.max(this.percent, Math.floor((1 - kept / this.most) * 100));
  }
}

export class OverPanel implements Panel {
  readonly element: HTMLElement;
  private readonly rest = h("p", { role: "status" });
  private readonly sent = new SentAtEnd();
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    this.element = h("section", { class: "lead-card lead-over" }, h("h2", {}, say("phase.over")), this.rest);
  }

  draw(): void {
    const { classroom, lesson } = this.desk;
    show(this.element, classroom.isOver);
    if (!classroom.isOver) return;
    const kept = lesson.keptChunks;
    this.sent.count(kept);
    setText(this.rest, kept ? say("end.kept", { percent: this.sent.percent }) : say("end.kept.none"));
  }
}
