/** The receiving rooms: who is here, how their line is, who wants to speak. */
import { h, setText, show } from "../../shared/dom.ts";
import { hasRooms } from "./audience.ts";
import type { Desk, Panel } from "./desk.ts";
import { button } from "./parts.ts";
import { RoomRow } from "./room_row.ts";
import { say } from "./say.ts";

export class RoomsPanel implements Panel {
  readonly element: HTMLElement;
  private readonly total = h("span", { class: "lead-total" });
  private readonly counted = h("span", { class: "lead-hint" });
  private readonly list = h("ul", { class: "lead-rooms" });
  private readonly empty = h("p", { class: "lead-hint" }, say("rooms.none"));
  private readonly rows = new Map<string, RoomRow>();
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    const roll = button(say("roll"), () => void desk.classroom.ask("roll_call"), { class: "lead-tool" });
    const head = h("div", { class: "lead-head" }, h("h2", {}, say("rooms")), roll, this.counted, this.total);
    this.element = h("section", { class: "lead-room-panel", "aria-label": say("rooms") }, head, this.list, this.empty);
  }

  draw(): void {
    const { roster } = this.desk.classroom;
    const { rooms } = roster;
    show(this.element, hasRooms(this.desk));
    // Before anybody has said a number, none is known.
    setText(this.total, say(roster.heads ? "rooms.total" : "rooms.count", { n: rooms.filter(({ admitted }) => admitted).length, heads: roster.heads }));
    setText(this.counted, roster.rollCalledMs === null ? "" : say("roll.done", { n: rooms.filter(({ counted }) => counted).length }));
    show(this.empty, rooms.length === 0);
    const wanted = rooms.map(({ id }) => id);
    for (const [id, row] of this.rows) if (!wanted.includes(id)) this.remove(id, row);
    for (const [index, room] of rooms.entries()) {
      const row = this.rows.get(room.id) ?? new RoomRow(this.desk, room.id);
      this.rows.set(room.id, row);
      // Moved only where it stands elsewhere: what has the focus keeps it.
      if (this.list.children[index] !== row.element) this.list.insertBefore(row.element, this.list.children[index] ?? null);
      row.draw(room);
    }
  }

  private remove(id: string, row: RoomRow): void {
    row.element.remove();
    this.rows.delete(id);
  }
}
