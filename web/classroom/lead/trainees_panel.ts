/** Teachers at desks of their own in a training: how many are here, and whose hand is up. She is answered in words: a desk has no part in the talk. */
import { fill, h, icon, setText, show } from "../../shared/dom.ts";
import type { Trainee } from "../vocabulary.ts";
import { hasRooms } from "./audience.ts";
import type { Desk, Panel } from "./desk.ts";
import { button, mark } from "./parts.ts";
import { say } from "./say.ts";

export class TraineesPanel implements Panel {
  readonly element: HTMLElement;
  private readonly total = h("span", { class: "lead-total" });
  private readonly none = h("p", { class: "lead-hint" }, say("trainees.none"));
  private readonly list = h("ul", { class: "lead-trainee-hands" });
  private readonly desk: Desk;
  private drawn = "";

  constructor(desk: Desk) {
    this.desk = desk;
    const head = h("div", { class: "lead-head" }, h("h2", {}, say("trainees")), this.total);
    this.element = h("section", { class: "lead-trainees", "aria-label": say("trainees"), hidden: true }, head, this.none, this.list);
  }

  draw(): void {
    const { trainees } = this.desk.classroom;
    const alone = !hasRooms(this.desk);
    show(this.element, alone || trainees.hasCome);
    mark(this.element, "alone", alone);
    setText(this.total, say("trainees.present", { n: trainees.present.length }));
    const { hands } = trainees;
    show(this.none, hands.length === 0);
    // Drawn anew only where it is another list: what has the focus keeps it.
    const key = JSON.stringify(hands);
    if (key === this.drawn) return;
    this.drawn = key;
    fill(this.list, ...hands.map((trainee) => this.row(trainee)));
  }

  private row({ id, name, school }: Trainee): HTMLElement {
    const lower = button(say("trainees.lower"), () => void this.desk.classroom.ask("hand_down", { trainee: id }), { class: "lead-tool" });
    return h("li", {}, h("span", { class: "lead-hand" }, icon("hand", 18)), h("strong", {}, name), h("span", {}, school), lower);
  }
}
