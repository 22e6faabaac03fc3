/** The rooms of a class, and how many teachers are in a training, as who watches sees them. */
import { fill, h, setText } from "../../shared/dom.ts";
import type { Hello } from "../session.ts";
import type { Happened, Presence, Room } from "../vocabulary.ts";
import { Rooms } from "./rooms.ts";
import { say } from "./words.ts";

export class Roster {
  readonly element: HTMLElement;
  private readonly rooms = new Rooms();
  private readonly list = h("ul", { class: "watch-rooms" });
  private isOver = false;
  private readonly title = h("h2");
  private readonly total = h("p", { class: "watch-total" });

  /** By number. One that was let in beside those that were booked is called as it calls itself. */
  private readonly names: Readonly<Record<string, string>>;

  private readonly isTraining: boolean;
  /** At desks of their own; null until it is told. */
  private trainees: number | null = null;

  constructor(names: Readonly<Record<string, string>>, isTraining: boolean) {
    this.names = names;
    this.isTraining = isTraining;
    this.element = h("section", { class: "watch-panel" }, this.title, this.total, this.list);
  }

  nameOf(id: string): string {
    return this.names[id] ?? this.rooms.get(id)?.name ?? id;
  }

  take(hello: Hello): void {
    this.rooms.take(hello);
    this.isOver = hello.state.phase === "ended";
    this.draw();
  }

  hear({ trainees }: Presence): void {
    if (trainees === undefined || trainees === this.trainees) return;
    this.trainees = trainees;
    this.draw();
  }

  apply(event: Happened): void {
    const isEnd = event.kind === "end";
    this.isOver ||= isEnd;
    if (this.rooms.apply(event) || isEnd) this.draw();
  }

  private draw(): void {
    const hasRooms = this.rooms.admitted.length > 0;
    setText(this.title, say(this.isTraining && !hasRooms ? "teachers" : "rooms"));
    const teachers = this.isTraining && !this.isOver && this.trainees !== null ? say("teachersHere", { n: this.trainees }) : "";
    setText(this.total, [hasRooms || !this.isTraining ? this.summary : "", teachers].filter(Boolean).join(say("comma")));
    fill(this.list, ...this.rooms.admitted.map((room) => this.row(room)));
  }

  private get summary(): string {
    const { admitted, present, heads } = this.rooms;
    if (admitted.length === 0) return say("noRooms");
    const knowsAll = admitted.every(({ id }) => this.rooms.knows(id));
    if (!knowsAll || this.isOver) return say("totalRooms", { rooms: admitted.length });
    const here = say("totalHere", { present: present.length, rooms: admitted.length });
    if (present.length === 0) return here;
    return here + say("comma") + (heads === null ? say("notCounted") : say("totalHeads", { heads }));
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
