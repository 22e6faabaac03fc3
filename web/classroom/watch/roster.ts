/** The rooms of a class, as who watches sees them. */
import { fill, h, setText } from "../../shared/dom.ts";
import type { Hello } from "../session.ts";
import type { Happened, Room } from "../vocabulary.ts";
import { Rooms } from "./rooms.ts";
import { say } from "./words.ts";

export class Roster {
  readonly element: HTMLElement;
  private readonly rooms = new Rooms();
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

  take(hello: Hello): void {
    this.rooms.take(hello);
    this.draw();
  }

  apply(event: Happened): void {
    if (this.rooms.apply(event)) this.draw();
  }

  private draw(): void {
    const { admitted, present, heads } = this.rooms;
    setText(this.total, admitted.length ? say("total", { present: present.length, rooms: admitted.length, heads }) : say("noRooms"));
    fill(this.list, ...admitted.map((room) => this.row(room)));
  }

  private row(room: Room): HTMLElement {
    const isSpeaking = this.rooms.isSpeaking(room.id);
    const [mark, word] = !room.present ? ["dropped", say("dropped")] : room.level && room.level !== "full" ? ["lowered", say("lowered")] : ["", say("good")];
    const told = [
      room.heads ? say("heads", { heads: room.heads }) : "",
      isSpeaking ? say("speaking") : room.hand ? say("hand", { count: room.hand }) : "",
    ].filter(Boolean);
    return h("li", { class: isSpeaking ? "is-speaking" : "" },
      h("strong", {}, this.nameOf(room.id)), h("span", { class: `state ${mark}` }, word), h("span", { class: "watch-told" }, told.join(say("comma"))));
  }
}
