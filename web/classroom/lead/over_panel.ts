/** When the class is over: what of its recording is still on this computer, and that the page waits for it. */
import { h, setText, show } from "../../shared/dom.ts";
import type { Desk, Panel } from "./desk.ts";
import { say } from "./say.ts";

export class OverPanel implements Panel {
  readonly element: HTMLElement;
  private readonly rest = h("p", { role: "status" });
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    this.element = h("section", { class: "lead-card lead-over" }, h("h2", {}, say("phase.over")), this.rest);
  }

  draw(): void {
    const { classroom, lesson } = this.desk;
    show(this.element, classroom.isOver);
    setText(this.rest, lesson.keptChunks ? say("end.kept", { n: lesson.keptChunks }) : say("end.kept.none"));
  }
}
