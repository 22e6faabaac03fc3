/** The switch of the line: by itself, or as much of the lesson as a person says; and how much of it there is now. */
import { h, setText } from "../../shared/dom.ts";
import type { Level } from "../vocabulary.ts";
import { words } from "../words.ts";
import type { Choice } from "./level_keeper.ts";

const zh: Record<Choice, string> = { auto: "自动", full: "全画面", small_picture: "小画面", slides_and_sound: "课件和声音", sound_only: "只听声音" };
const en: Record<Choice, string> = { auto: "By itself", full: "Full picture", small_picture: "Small picture", slides_and_sound: "Slides and sound", sound_only: "Sound only" };
const say = words(zh, en);
const sayNow = words({ now: "{choice}，现在：{level}" }, { now: "{choice}, now: {level}" });
const CHOICES = Object.keys(zh) as Choice[];

export function lineChoice(style: string, choice: Choice, choose: (choice: Choice) => void): HTMLSelectElement {
  const select = h("select", { class: style }, ...CHOICES.map((value) => h("option", { value, selected: value === choice }, say(value))));
  select.addEventListener("change", () => {
    choose(select.value as Choice);
    // Keys are for the lesson again.
    select.blur();
  });
  return select;
}

/** What is chosen says what holds, where that is something else. */
export function showLevel(select: HTMLSelectElement, level: Level): void {
  for (const option of select.options) {
    const choice = option.value as Choice;
    const isNamed = !option.selected || choice === level;
    setText(option, isNamed ? say(choice) : sayNow("now", { choice: say(choice), level: say(level) }));
  }
}
