/** What the panels are made of. */
import { h, icon, setText } from "../../shared/dom.ts";
import type { IconName } from "../../shared/icons.ts";
import { say, type Key } from "./say.ts";

interface Look {
  class?: string;
  icon?: IconName;
  title?: string;
}

export function button(words: string, act: () => void, look: Look = {}): HTMLButtonElement {
  const { class: style = "stage-button", icon: name, title } = look;
  return h("button", { type: "button", class: style, title, on: { click: act } }, name && icon(name, 18), h("span", {}, words));
}

/** Change the word of a button. */
export function relabel(made: HTMLElement, words: string): void {
  const word = made.querySelector("span");
  if (word) setText(word, words);
}

/** A choice of values; `chosen` gets the new one. */
export function select(label: string, chosen: (value: string) => void): HTMLSelectElement {
  return h("select", {
    class: "stage-field", "aria-label": label,
    on: { change: ({ currentTarget }) => chosen((currentTarget as HTMLSelectElement).value) },
  });
}

/** Give a choice these values, if they are others than before. A list that is open is left alone. */
export function offer(list: HTMLSelectElement, options: readonly (readonly [string, string])[], value: string): void {
  const key = JSON.stringify(options);
  if (list.dataset.options !== key) {
    list.dataset.options = key;
    list.textContent = "";
    for (const [each, words] of options) list.append(h("option", { value: each }, words));
  }
  if (list.value !== value) list.value = value;
}

export function labelled(key: Key, field: HTMLElement): HTMLElement {
  return h("label", { class: "lead-label" }, h("span", {}, say(key)), field);
}

/** Switch a class of an element. */
export function mark(element: HTMLElement, name: string, on: boolean): void {
  element.classList.toggle(name, on);
}

export function press(element: HTMLElement, on: boolean): void {
  const told = String(on);
  if (element.getAttribute("aria-pressed") !== told) element.setAttribute("aria-pressed", told);
}
