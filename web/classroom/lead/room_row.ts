/** One receiving room: its picture, its name and heads, its line, and what can be asked of it. */
import { confirm } from "../../shared/dialog.ts";
import { fill, h, icon, setText, show } from "../../shared/dom.ts";
import { span } from "../../shared/format.ts";
import type { Desk } from "./desk.ts";
import { button, mark, relabel } from "./parts.ts";
import type { Seated } from "./roster.ts";
import { say, type Key } from "./say.ts";

export class RoomRow {
  readonly element: HTMLLIElement;
  private readonly slot = h("div", { class: "lead-room-picture" });
  private readonly school = h("strong", {});
  private readonly name = h("span", {});
  private readonly heads = h("span", {});
  private readonly state = h("span", { class: "state" });
  private readonly lag = h("span", {});
  private readonly muted = h("span", {}, say("room.muted"));
  private readonly hands = h("span", {});
  private readonly hand = h("span", { class: "lead-hand" }, icon("hand", 18), this.hands);
  private readonly speak: HTMLButtonElement;
  private readonly admit: HTMLButtonElement;
  private readonly mute: HTMLButtonElement;
  private readonly lower: HTMLButtonElement;
  private readonly more: HTMLDetailsElement;
  private readonly desk: Desk;
  private readonly id: string;

  constructor(desk: Desk, id: string) {
    this.desk = desk;
    this.id = id;
    const ask = (kind: string, body: object = {}): void => void desk.classroom.ask(kind, { room: id, ...body });
    this.speak = button(say("room.speak"), () => ask(this.speaking ? "sit_down" : "call_up"), { class: "stage-button lead-speak", icon: "microphone" });
    this.admit = button(say("room.admit"), () => ask("admit"), { class: "stage-button primary lead-speak" });
    this.mute = button(say("room.mute"), () => this.shut(() => ask("mute", { on: !this.room?.muted })), { class: "lead-tool" });
    this.lower = button(say("room.lower"), () => this.shut(() => ask("lower_hand")), { class: "lead-tool" });
    const remove = button(say("room.remove"), () => this.shut(() => void this.remove()), { class: "lead-tool" });
    // Left open, it lies over the row below. It is told that it was opened only a while after: who is quick would not be heard.
    const opens = h("summary", { on: { click: () => this.hear() } }, say("room.more"));
    this.more = h("details", { class: "lead-more" }, opens, h("div", { class: "lead-menu" }, this.mute, this.lower, remove));
    this.more.addEventListener("toggle", () => {
      if (this.more.open) return;
      document.removeEventListener("pointerdown", this.onPress, true);
      document.removeEventListener("keydown", this.onMoreKey, true);
    });
    this.element = h("li", { class: "lead-room" }, this.slot,
      h("div", { class: "lead-room-words" }, this.school, h("span", { class: "lead-room-name" }, this.name, " ", this.heads), h("span", { class: "lead-room-line" }, this.state, " ", this.lag, " ", this.muted)),
      h("div", { class: "lead-room-acts" }, h("span", { class: "lead-room-top" }, this.hand, this.more), this.speak, this.admit));
  }

  private hear(): void {
    document.addEventListener("pointerdown", this.onPress, true);
    document.addEventListener("keydown", this.onMoreKey, true);
  }

  draw(room: Seated): void {
    setText(this.school, room.school || room.name);
    setText(this.name, room.school ? room.name : "");
    const isCalled = this.desk.classroom.roster.rollCalledMs !== null;
    setText(this.heads, headsOf(room, isCalled));
    mark(this.heads, "lead-not-counted", isCalled && isAsked(room));
    const { key, style, values } = stateOf(room, this.desk.classroom.session.clock.now());
    setText(this.state, say(key, values));
    this.state.className = `state ${style}`;
    // The worse thing is said alone.
    const lag = style === "" ? lagOf(room) : "";
    setText(this.lag, lag);
    show(this.lag, lag !== "");
    show(this.muted, room.muted && room.present);
    show(this.hand, room.hand > 0);
    setText(this.hands, say("room.hand", { n: room.hand }));
    this.drawActs(room);
    this.drawPicture(room);
  }

  private drawActs(room: Seated): void {
    mark(this.element, "speaking", this.speaking);
    mark(this.speak, "on", this.speaking);
    relabel(this.speak, say(this.speaking ? "room.speaking" : "room.speak"));
    this.speak.title = this.speaking ? say("room.sit") : "";
    // A room that is called up and whose line has broken is sent to its seat by the same.
    show(this.speak, room.admitted && (room.present || this.speaking) && this.desk.classroom.phase === "running");
    show(this.admit, !room.admitted);
    show(this.more, room.admitted);
    show(this.lower, room.hand > 0);
    relabel(this.mute, say(room.muted ? "room.unmute" : "room.mute"));
  }

  /** The talk's own picture of the room, where there is one; else the last still. */
  private drawPicture(room: Seated): void {
    const { pictures, stills } = this.desk;
    const picture = room.present && room.admitted ? (pictures.picture(room.id) ?? stills.of(room.id)) : null;
    const isLost = !room.present && room.awaySince !== null && !room.left;
    const glyph = room.removed ? "door" : room.present ? "people" : isLost ? "retry" : "door";
    const what = picture ? "picture" : glyph;
    mark(this.slot, "away", !room.present);
    if (this.slot.dataset.what === what && (!picture || this.slot.firstElementChild === picture)) return;
    this.slot.dataset.what = what;
    fill(this.slot, picture ?? icon(glyph, 22));
  }

  private get room(): Seated | undefined {
    return this.desk.classroom.roster.get(this.id);
  }

  private get speaking(): boolean {
    return this.desk.classroom.stage.speaking.includes(this.id);
  }

  private shut(act: () => void): void {
    this.more.open = false;
    act();
  }

  private readonly onPress = ({ target }: PointerEvent): void => {
    if (!this.more.contains(target as Node)) this.more.open = false;
  };

  /** Wherever the focus is: the mouse that opened it has left none here. */
  private readonly onMoreKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    const within = this.more.contains(document.activeElement);
    // The pen stays in the hand.
    event.stopPropagation();
    this.more.open = false;
    if (within) this.more.querySelector("summary")?.focus();
  };

  private async remove(): Promise<void> {
    const name = [this.school, this.name].map(({ textContent }) => textContent).filter(Boolean).join(" ");
    if (await confirm(say("room.removeAsk", { name }), say("room.remove"))) void this.desk.classroom.ask("remove", { room: this.id });
  }
}

/** Whether a roll call waits for it. */
function isAsked({ admitted, present, counted }: Seated): boolean {
  return admitted && present && !counted;
}

/** `isCalled`: there was a roll call. */
export function headsOf(room: Seated, isCalled: boolean): string {
  const { heads, counted } = room;
  if (heads === null) return isCalled && isAsked(room) ? say("room.notCounted") : "";
  return say(counted ? "room.heads" : "room.headsAsked", { n: heads });
}

/** How far it is behind, while it follows the lesson. */
function lagOf({ present, playing, lagMs }: Seated): string {
  return present && playing === "lesson" && lagMs !== null ? say("room.lag", { lag: (lagMs / 1000).toFixed(1) }) : "";
}

interface Told {
  key: Key;
  /** A shape and colour of `.state`: a dot, lozenge, bar or ring. */
  style: "" | "lowered" | "dropped" | "waiting";
  values?: Record<string, string>;
}

/** How a room is, in a word. */
export function stateOf(room: Seated, nowMs: number): Told {
  // Its screen stays in the class's line, and asks for nothing.
  if (room.removed) return { key: "room.removed", style: "waiting" };
  if (room.present && !room.admitted) return { key: "room.knocks", style: "lowered" };
  if (room.present && room.level !== "full") return { key: `room.${room.level}`, style: "lowered" };
  if (room.present) return { key: room.playing === "talk" ? "room.talk" : room.playing === "past" ? "room.past" : "room.good", style: room.playing === "past" ? "lowered" : "" };
  if (room.left) return { key: "room.left", style: "waiting" };
  if (room.awaySince !== null) return { key: "room.awayFor", style: "dropped", values: { time: span((nowMs - room.awaySince) / 1000) } };
  return { key: "room.notYet", style: "waiting" };
}
