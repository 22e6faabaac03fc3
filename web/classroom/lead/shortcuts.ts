/** The keys of the page, and the list of them. */
import { openDialog } from "../../shared/dialog.ts";
import { h, isTyping } from "../../shared/dom.ts";
import { ORDER } from "../layouts.ts";
import { say, type Key } from "./say.ts";
import type { View } from "../vocabulary.ts";

export interface Acts {
  layout(view: View): void;
  turn(by: 1 | -1): void;
  pen(): void;
  spotlight(): void;
  undo(): void;
  putAway(): void;
  microphone(): void;
  quiz(): void;
}

const TURNS: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, PageDown: 1, " ": 1, ArrowLeft: -1, PageUp: -1 };
const TOLD: readonly (readonly [readonly string[], Key])[] = [
  [["1", "–", "6"], "keys.layout"],
  [["→", "PgDn", "keys.space"], "keys.on"],
  [["←", "PgUp"], "keys.back"],
  [["P"], "keys.pen"],
  [["S"], "keys.spotlight"],
  [["Z"], "keys.undo"],
  [["Esc"], "keys.escape"],
  [["M"], "keys.microphone"],
  [["Q"], "keys.quiz"],
  [["?"], "keys.help"],
];

export class Shortcuts {
  private open = false;
  private readonly acts: Acts;

  constructor(acts: Acts) {
    this.acts = acts;
    document.addEventListener("keydown", (event) => this.onKey(event));
    // What was clicked does not take the keys: space turns the page and does not click again.
    document.addEventListener("mousedown", (event) => {
      const clicked = event.target instanceof Element ? event.target.closest<HTMLElement>("button, summary") : null;
      if (clicked) keepFocus(event, clicked);
    });
  }

  help(): void {
    if (this.open) return;
    this.open = true;
    const rows = TOLD.map(([keys, what]) => h("li", {}, h("span", {}, ...keys.map(cap)), h("span", {}, say(what))));
    const close = h("button", { class: "page-button", value: "" }, say("keys.close"));
    void openDialog(say("keys.title"), [h("ul", { class: "lead-keys" }, ...rows)], [close]).then(() => (this.open = false));
  }

  private onKey(event: KeyboardEvent): void {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(target) || document.querySelector("dialog[open]")) return;
    const view = ORDER[Number(key) - 1];
    const turn = TURNS[key];
    // A button that was reached by keys is pressed by the space bar.
    if (key === " " && target instanceof HTMLElement && target.closest("button, summary")) return;
    if (view) this.acts.layout(view);
    else if (turn) this.acts.turn(turn);
    else if (!this.act(key)) return;
    event.preventDefault();
  }

  private act(key: string): boolean {
    const acts: Readonly<Record<string, () => void>> = {
      p: this.acts.pen, s: this.acts.spotlight, z: this.acts.undo, m: this.acts.microphone, q: this.acts.quiz,
      escape: this.acts.putAway, "?": () => this.help(), "？": () => this.help(),
    };
    const act = acts[key.toLowerCase()];
    act?.();
    return act !== undefined;
  }
}

/** Who writes goes on writing after a button of the same form, and has left it after another; what was reached by keys has lost the space bar as well. */
function keepFocus(event: MouseEvent, clicked: HTMLElement): void {
  event.preventDefault();
  const { activeElement } = document;
  const writes = activeElement instanceof HTMLElement && isTyping(activeElement);
  const form = clicked instanceof HTMLButtonElement ? clicked.form : null;
  if (activeElement instanceof HTMLElement && !(writes && form?.contains(activeElement))) activeElement.blur();
}

function cap(key: string): Node {
  if (key === "–") return document.createTextNode(" – ");
  return h("kbd", { class: "key" }, key === "keys.space" ? say("keys.space") : key);
}
