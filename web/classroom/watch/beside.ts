/** What the teacher who is with the pupils does from a device of her own: a hand, heads, words. */
import { fill, h, setText, show } from "../../shared/dom.ts";
import { roomChange } from "../room_change.ts";
import { newId, type Hello } from "../session.ts";
import { sendTyped } from "../typed.ts";
import type { Happened, Room } from "../vocabulary.ts";
import { say } from "./words.ts";

/** Whether it was taken; what is refused is said. */
export type Ask = (command: string, body: object) => Promise<boolean>;

const MOST_HEADS = 500;
const MOST_LETTERS = 500;

export class Beside {
  readonly element: HTMLElement;
  private room: Room = { id: "", name: "" };
  private readonly hand = h("button", { class: "stage-button", type: "button", on: { click: () => this.raise() } });
  private readonly heads = h("input", { class: "stage-field", type: "number", min: 0, max: MOST_HEADS, "aria-label": say("headCount") });
  private readonly list = h("ol", { class: "watch-messages" });
  /** The last that somebody else said, where the list is out of sight: on a telephone it is far below the picture. */
  private readonly latest = h("button", { class: "watch-latest", type: "button", hidden: true, on: { click: () => this.list.scrollIntoView({ block: "center" }) } });
  private readonly sight = new IntersectionObserver((seen) => this.onSight(seen.some(({ isIntersecting }) => isIntersecting)));
  private readonly text = h("input", { class: "stage-field", maxlength: MOST_LETTERS, "aria-label": say("message"), placeholder: say("message") });
  private readonly ask: Ask;
  private readonly nameOf: (room: string) => string;
  /** What is offered while the class runs; what was said stays to be read. */
  private readonly offers: HTMLElement[];
  private readonly seen = new Set<string>();

  /** `nameOf`: what a room of the class is called. */
  constructor(ask: Ask, nameOf: (room: string) => string) {
    this.ask = ask;
    this.nameOf = nameOf;
    const form = (act: () => void, ...inside: Node[]): HTMLFormElement =>
      h("form", { class: "watch-row", on: { submit: (event) => { event.preventDefault(); act(); } } }, ...inside);
    // Until the class has said which room this is, there is nothing to ask for.
    const words = form(() => this.say(), this.text, h("button", { class: "stage-button primary", type: "submit" }, say("sendMessage")));
    this.offers = [
      h("div", { class: "watch-row" }, this.hand),
      form(() => void this.ask("head_count", { room: this.room.id, heads: this.heads.valueAsNumber || 0 }),
        h("label", {}, say("headCount")), this.heads, h("button", { class: "stage-button", type: "submit" }, say("setHeads"))),
      words,
    ];
    this.element = h("section", { class: "watch-panel", hidden: true }, ...this.offers.slice(0, 2), h("h2", {}, say("messages")), this.list, words, h("div", { role: "status" }, this.latest));
    this.draw();
  }

  take({ seat, state }: Hello): void {
    this.room = state.rooms?.find(({ id }) => id === seat) ?? { id: seat, name: "" };
    this.heads.value = String(this.room.heads ?? "");
    show(this.element, true);
    for (const event of state.messages ?? []) this.hear(event);
    if (state.phase === "ended") this.end();
    this.draw();
  }

  apply(event: Happened): void {
    if (event.kind === "text") this.hear(event);
    if (event.kind === "end") this.end();
    else if (event["room"] === this.room.id) this.room = { ...this.room, ...roomChange(event) };
    else return;
    if (event.kind === "head_count") this.heads.value = String(event["heads"]);
    this.draw();
  }

  private end(): void {
    this.room = { ...this.room, hand: 0 };
    for (const element of this.offers) show(element, false);
    show(this.element, this.seen.size > 0);
  }

  private hear(event: Happened): void {
    const id = String(event["id"]);
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const mine = event.by.role === "teacher" && event.by.room === this.room.id;
    const who = event.by.role === "lead" ? say("lead") : mine ? say("you") : this.nameOf(event.by.room);
    const said = (): HTMLElement[] => [h("strong", {}, who), h("span", {}, String(event["text"]))];
    const line = h("li", {}, ...said());
    this.list.append(line);
    this.list.scrollTop = this.list.scrollHeight;
    if (mine) return;
    fill(this.latest, ...said());
    this.sight.disconnect();
    this.sight.observe(line);
  }

  private onSight(isSeen: boolean): void {
    show(this.latest, !isSeen);
    if (isSeen) this.sight.disconnect();
  }

  private raise(): void {
    const up = Boolean(this.room.hand);
    void this.ask(up ? "lower_hand" : "raise_hand", { room: this.room.id });
  }

  private say(): void {
    void sendTyped(this.text, (text) => this.ask("text", { id: newId(), text }));
  }

  private draw(): void {
    setText(this.hand, say(this.room.hand ? "lower" : "raise"));
    this.hand.classList.toggle("on", Boolean(this.room.hand));
  }
}
