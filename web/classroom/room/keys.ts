/** The keys of a receiving classroom, and the list of them. */
import { h, isTyping } from "../../shared/dom.ts";
import type { RoomWindow } from "./window.ts";
import { say } from "./words.ts";

export interface Keys {
  hand(): void;
  heads(by: number): void;
  /** A digit of the head count, Enter that sets it, or Escape; false where none is asked for. */
  headKey(key: string): boolean;
  back(): void;
  forward(): void;
  catchUp(): void;
  toNow(): void;
  phones(): void;
  /** This list. */
  help(): void;
  /** A letter or Enter, for the quiz; false where it means nothing. */
  quiz(key: string): boolean;
  /** Have what is typed go into the quiz; false where nothing is written there. */
  write(): boolean;
}

/** What opens a window shuts it again; nothing else is done over one. */
const OF_WINDOWS = ["Q", "?", "？"];

/** Acts on a key; what is returned ends that. */
export function listenForKeys(keys: Keys): () => void {
  const acts: Readonly<Record<string, () => void>> = {
    C: keys.catchUp, Q: keys.phones, " ": keys.hand, "+": () => keys.heads(1), "=": () => keys.heads(1), "-": () => keys.heads(-1),
    ArrowLeft: keys.back, ArrowRight: keys.forward, End: keys.toNow, "?": keys.help, "？": keys.help,
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (document.querySelector("dialog") && !OF_WINDOWS.includes(key)) return;
    // Of a focused button, space and Enter are its own.
    const onButton = event.target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
    if (onButton) return;
    // A short answer may have any of the shortcuts in it. None begins with a space, which raises the hand.
    if (event.key.length === 1 && event.key !== " " && keys.write()) return;
    // One that is held would raise a hand and put it down, over and over.
    if (event.repeat && event.key === " ") return event.preventDefault();
    const act = acts[key];
    // The letters of an open question come first.
    if (!keys.quiz(event.key) && !keys.headKey(event.key)) {
      if (!act) return;
      act();
    }
    event.preventDefault();
  };
  // After a click the space bar raises a hand again, and does not press the same button.
  const onClick = ({ detail, target }: MouseEvent): void => {
    const button = target instanceof Element && target.closest("button");
    if (detail > 0 && button) button.blur();
  };
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  return () => {
    document.removeEventListener("keydown", onKey);
    document.removeEventListener("click", onClick);
  };
}

export function showKeys(window: RoomWindow): void {
  const rows: [string, string][] = [
    [say("keySpaceName"), say("keySpace")], ["A—H", say("keyLetters")], ["↑ ↓", say("keyScroll")], ["+ −", say("keyHeads")], [say("keyDigitsName"), say("keyDigits")],
    ["← →", say("keyBack")], ["C", say("keyCatch")], ["Q", say("keyPhones")], [say("keyEnd"), say("keyNow")], ["Esc", say("keyEscape")], ["?", say("shortcuts")],
  ];
  const list = h("dl", { class: "room-keys" }, ...rows.map(([key, words]) => h("div", {}, h("dt", {}, h("kbd", { class: "key" }, key)), h("dd", {}, words))));
  window.toggle(say("shortcuts"), "?", list);
}
