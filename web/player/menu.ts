/** A small menu of choices over a button of the bar (ARIA menu button pattern). */
import { fill, h, show } from "../shared/dom.ts";
import { wordButton } from "./view.ts";

export interface Choice<T> {
  value: T;
  label: string;
  /** Said beside the label, in second colour. */
  note?: string;
  chosen: boolean;
}

export interface Menu {
  root: HTMLElement;
  button: HTMLButtonElement;
}

/** `choices` is asked each time the menu opens, so it always shows what is true then. */
export function buildMenu<T>(label: string, choices: () => Choice<T>[], choose: (value: T) => void): Menu {
  const list = h("div", { class: "player-menu", role: "menu", "aria-label": label, hidden: true });
  const button = wordButton("", () => (list.hidden ? open() : close()));
  button.setAttribute("aria-haspopup", "menu");
  button.setAttribute("aria-expanded", "false");
  const root = h("div", { class: "player-menu-root" }, button, list);

  function open(): void {
    fill(list, ...choices().map((choice) => item(choice, () => {
      close();
      choose(choice.value);
    })));
    set(true);
    (list.querySelector<HTMLElement>("[aria-checked=true]") ?? list.querySelector<HTMLElement>("button"))?.focus();
  }

  function close(): void {
    if (list.contains(document.activeElement)) button.focus();
    set(false);
  }

  function set(opened: boolean): void {
    show(list, opened);
    button.setAttribute("aria-expanded", String(opened));
  }

  list.addEventListener("keydown", (event) => onKey(event, list, close));
  root.addEventListener("focusout", (event) => {
    if (!list.hidden && !root.contains(event.relatedTarget as Node | null)) set(false);
  });
  return { root, button };
}

function item<T>(choice: Choice<T>, press: () => void): HTMLElement {
  return h("button", {
    type: "button", class: "player-menu-item", role: "menuitemradio", tabindex: -1,
    "aria-checked": String(choice.chosen), on: { click: press },
  }, h("span", {}, choice.label), choice.note ? h("span", { class: "player-menu-note" }, choice.note) : null);
}

function onKey(event: KeyboardEvent, list: HTMLElement, close: () => void): void {
  const items = [...list.querySelectorAll<HTMLElement>("button")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const next: Record<string, number> = {
    ArrowDown: (at + 1) % items.length, ArrowUp: (at - 1 + items.length) % items.length,
    Home: 0, End: items.length - 1,
  };
  const target = next[event.key];
  if (target !== undefined) items[target]?.focus();
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
