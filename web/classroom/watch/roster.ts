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
  private isOver = false;
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
    this.isOver = hello.state.phase === "ended";
    this.draw();
  }

  apply(event: Happened): void {
    const isEnd = event.kind === "end";
    this.isOver ||= isEnd;
    if (this.rooms.apply(event) || isEnd) this.draw();
  }

  private draw(): void {
    setText(this.total, this.summary);
    fill(this.list, ...this.rooms.admitted.map((room) => this.row(room)));
  }

  private get summary(): string {
    const { admitted, present, heads } = this.rooms;
    if (admitted.length === 0) return say("noRooms");
    const knowsAll = admitted.every(({ id }) => this.rooms.knows(id));
    return knowsAll && !this.isOver ? say("total", { present: present.length, rooms: admitted.length, heads }) : say("totalRooms", { rooms: admitted.length });
  }

  private row(room: Room): HTMLElement {
    // Nobody is there or away any more.
    if (this.isOver) return h("li", {}, h("strong", {}, this.nameOf(room.id)));
    const isSpeaking = this.rooms.isSpeaking(room.id);
    const told = [
      room.heads ? say("heads", { heads: room.heads }) : "",
      isSpeaking ? say("speaking") : room.hand ? say("hand", { count: room.hand }) : "",
    ].filter(Boolean);
    return h("li", { class: isSpeaking ? "is-speaking" : "" },
      h("strong", {}, this.nameOf(room.id)), this.rooms.knows(room.id) && this.state(room), h("span", { class: "watch-told" }, told.join(say("comma"))));
  }

  private state(room: Room): HTMLElement {
    const [mark, word] = !room.present ? ["dropped", say("dropped")] : room.level && room.level !== "full" ? ["lowered", say("lowered")] : ["", say("good")];
    return h("span", { class: `state ${mark}` }, word);
  }
}
