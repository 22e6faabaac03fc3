/** The rooms of a class as who watches sees them. */
import { fill, h, setText } from "../../shared/dom.ts";
import { roomChange } from "../room_change.ts";
import type { Hello } from "../session.ts";
import type { Happened, Room } from "../vocabulary.ts";
import { say } from "./words.ts";

export class Roster {
  readonly element: HTMLElement;
  private rooms = new Map<string, Room>();
  private speaking = new Set<string>();
  private readonly list = h("ul", { class: "watch-rooms" });
  private readonly total = h("p", { class: "watch-total" });

  /** By number. One that was let in beside those that were booked is called as it calls itself. */
  private readonly names: Readonly<Record<string, string>>;

  constructor(names: Readonly<Record<string, string>>) {
    this.names = names;
    this.element = h("section", { class: "watch-panel" }, h("h2", {}, say("rooms")), this.total, this.list);
  }

  nameOf(id: string): string {
    return this.names[id] ?? this.rooms.get(id)?.name ?? id;
  }

  take({ state }: Hello): void {
    this.rooms = new Map((state.rooms ?? []).map((room) => [room.id, room]));
    this.speaking = new Set(state.stage?.speaking);
    this.draw();
  }

  apply(event: Happened): void {
    const room = event["room"] as string;
    if (event.kind === "call_up") this.speaking.add(room);
    else if (event.kind === "sit_down") this.speaking.delete(room);
    else if (event.kind === "prepare") this.prepare(event["rooms"] as { id: string; name: string }[]);
    else if ((event.kind === "join" || event.kind === "leave") && event.by.role === "room") this.change(event.by.room, { present: event.kind === "join" });
    else {
      const change = roomChange(event);
      if (!change) return;
      this.change(room, change);
    }
    this.draw();
  }

  private prepare(booked: { id: string; name: string }[]): void {
    for (const { id, name } of booked) this.change(id, { name, admitted: true });
  }

  private change(id: string, change: Partial<Room>): void {
    this.rooms.set(id, { ...(this.rooms.get(id) ?? { id, name: "" }), ...change });
  }

  private draw(): void {
    const rooms = [...this.rooms.values()].filter(({ admitted }) => admitted !== false);
    const heads = rooms.reduce((sum, room) => sum + (room.heads ?? 0), 0);
    const present = rooms.filter((room) => room.present).length;
    setText(this.total, rooms.length ? say("total", { present, rooms: rooms.length, heads }) : say("noRooms"));
    fill(this.list, ...rooms.map((room) => this.row(room)));
  }

  private row(room: Room): HTMLElement {
    const [mark, word] = !room.present ? ["dropped", say("dropped")] : room.level && room.level !== "full" ? ["lowered", say("lowered")] : ["", say("good")];
    const told = [
      room.heads ? say("heads", { heads: room.heads }) : "",
      this.speaking.has(room.id) ? say("speaking") : room.hand ? say("hand", { count: room.hand }) : "",
    ].filter(Boolean);
    return h("li", { class: this.speaking.has(room.id) ? "is-speaking" : "" },
      h("strong", {}, this.nameOf(room.id)), h("span", { class: `state ${mark}` }, word), h("span", { class: "watch-told" }, told.join(say("comma"))));
  }
}
