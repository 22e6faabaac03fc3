/** What the teachers write to each other beside the lesson; pupils do not see it. */
import { fill, h, show } from "../../shared/dom.ts";
import { newId } from "../session.ts";
import { sendTyped } from "../typed.ts";
import type { Happened } from "../vocabulary.ts";
import type { Desk, Panel } from "./desk.ts";
import { say } from "./say.ts";

const MOST_LETTERS = 500;

export class MessagesPanel implements Panel {
  readonly element: HTMLElement;
  private readonly list = h("ol", { class: "lead-messages", role: "log" });
  private readonly empty: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly desk: Desk;
  private drawn: readonly Happened[] = [];

  constructor(desk: Desk) {
    this.desk = desk;
    // In a training every teacher who takes part reads them, at a desk or with a room.
    const training = desk.config.purpose === "training";
    const write = say(training ? "messages.write.training" : "messages.write");
    this.empty = h("p", { class: "lead-hint" }, say(training ? "messages.none.training" : "messages.none"));
    this.field = h("input", { class: "stage-field", maxlength: MOST_LETTERS, "aria-label": write, placeholder: write });
    const form = h("form", { class: "lead-acts lead-write", on: { submit: (event) => this.onSubmit(event) } }, this.field, h("button", { class: "stage-button" }, say("messages.send")));
    this.element = h("div", { class: "lead-talk" }, this.empty, this.list, form);
  }

  draw(): void {
    const { messages } = this.desk.classroom;
    if (this.drawn === messages) return;
    this.drawn = messages;
    show(this.empty, messages.length === 0);
    fill(this.list, ...messages.map((message) => h("li", {}, line(this.desk, message))));
    this.list.scrollTop = this.list.scrollHeight;
  }

  private onSubmit(event: Event): void {
    event.preventDefault();
    void sendTyped(this.field, (text) => this.desk.classroom.ask("text", { id: newId(), text }));
  }
}

/** A message with who wrote it: a teacher is known by the room she is with. */
export function line({ classroom }: Desk, { by, text }: Happened): string {
  const room = classroom.roster.get(by.room);
  const name = by.role === "lead" ? say("messages.mine") : room ? `${room.school} ${room.name}`.trim() : by.room;
  return say("messages.from", { name, text: String(text) });
}
