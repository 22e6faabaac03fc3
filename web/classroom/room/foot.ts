/** The foot of a receiving classroom: in step or not, the past, the line, heads, the hand. */
import { h, show } from "../../shared/dom.ts";
import type { Hand } from "./hand.ts";
import type { Heads } from "./heads.ts";
import type { Choice } from "./level_keeper.ts";
import type { Level } from "../vocabulary.ts";
import { lineChoice, showLevel } from "./line_choice.ts";
import type { LookingBack } from "./looking_back.ts";
import type { SyncLine } from "./sync_line.ts";
import { say } from "./words.ts";

interface Parts {
  sync: SyncLine;
  back: LookingBack;
  heads: Heads;
  hand: Hand;
  choice: Choice;
  lookBack(): void;
  choose(choice: Choice): void;
  help(): void;
}

export class Foot {
  readonly element: HTMLElement;
  private readonly offers: HTMLElement[];
  private readonly past: HTMLElement;
  private readonly others: HTMLElement[];
  private readonly back: HTMLElement;
  private readonly choice: HTMLSelectElement;

  constructor({ sync, back, heads, hand, choice, lookBack, choose, help }: Parts) {
    const button = (words: string, key: string, act: () => void): HTMLButtonElement =>
      h("button", { class: "room-tool", type: "button", on: { click: act } }, words, h("kbd", { class: "key" }, key));
    this.past = h("div", {}, button(say("catchUp"), "C", () => back.catchUp()), button(say("toNow"), say("keyEnd"), () => back.toNow()));
    this.choice = lineChoice("room-line-choice", choice, choose);
    const line = h("div", {}, h("label", { class: "room-tool" }, say("line"), this.choice));
    const keys = button(say("shortcuts"), "?", help);
    this.others = [line, keys];
    this.back = button(say("back"), "←", lookBack);
    // The two short ones share a row: beside a hand that is up there is place for two rows, each as wide as the line's.
    const tools = h("div", { class: "room-tools" }, h("div", {}, this.back, keys), this.past, line);
    this.offers = [tools, heads.element, hand.element];
    this.element = h("footer", { class: "room-foot" }, sync.element, tools, heads.element, hand.element);
    this.showPast(false);
  }

  /** The class is over. */
  rest(): void {
    for (const element of this.offers) show(element, false);
  }

  /** How much of the lesson the line carries now. */
  showLevel(level: Level): void {
    showLevel(this.choice, level);
  }

  /** Who is not in the class has no past of it. */
  showBack(isAdmitted: boolean): void {
    show(this.back, isAdmitted);
  }

  /** The way to now takes the others' place: there is no more, and another line would lead to now too. */
  showPast(isBack: boolean): void {
    show(this.past, isBack);
    for (const element of this.others) show(element, !isBack);
  }
}
