/**
 * Suggestions under a search field (ARIA combobox with a list box).
 *
 * Works on every `<input data-suggest="address">`. Without script the form searches as it is.
 */
import { request } from "../shared/api.ts";
import { fill, h, setText, show } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";

interface Suggestion {
  text: string;
  kind: string;
  url: string;
}

/** A pause in writing: a syllable of pinyin is no word yet. */
const WAIT_MS = 150;

export function attachSuggestions(input: HTMLInputElement, address: string, number: number): void {
  const list = h("ul", { class: "suggest-list", role: "listbox", id: `suggest-${number}`, "aria-label": t("suggest.label"), hidden: true });
  const status = h("span", { class: "visually-hidden", role: "status" });
  input.after(list, status);
  input.parentElement?.classList.add("suggest-host");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id, autocomplete: "off" })) {
    input.setAttribute(name, value);
  }
  new Suggestions(input, list, status, address);
}

class Suggestions {
  private timer = 0;
  private asking: AbortController | null = null;
  private active = -1;
  private readonly input: HTMLInputElement;
  private readonly list: HTMLElement;
  private readonly status: HTMLElement;
  private readonly address: string;

  constructor(input: HTMLInputElement, list: HTMLElement, status: HTMLElement, address: string) {
    this.input = input;
    this.list = list;
    this.status = status;
    this.address = address;
    input.addEventListener("input", (event) => {
      // While an input method composes, the letters are not yet the words.
      if (!(event as InputEvent).isComposing) this.later();
    });
    input.addEventListener("compositionend", () => this.later());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => this.close());
    // The list takes the press before the field loses its focus.
    list.addEventListener("pointerdown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => this.go((event.target as Element).closest("a")));
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.ask(), WAIT_MS);
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const query = this.input.value.trim();
    if (!query) {
      this.close();
      return;
    }
    const asking = new AbortController();
    this.asking = asking;
    try {
      const url = `${this.address}?q=${encodeURIComponent(query)}`;
      this.draw((await request<{ items: Suggestion[] }>(url, { signal: asking.signal })).items, query);
    } catch {
      // Out of date, or the line failed: searching itself still works.
      if (this.asking === asking) this.close();
    }
  }

  private draw(items: Suggestion[], query: string): void {
    if (document.activeElement !== this.input) return;
    this.active = -1;
    fill(this.list, ...items.map((item, index) => h("li", { class: "suggest-item", role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false" },
      h("a", { class: "suggest-link", href: item.url, tabindex: -1 }, ...marked(item.text, query)))));
    this.setOpen(items.length > 0);
    setText(this.status, items.length ? t("suggest.count", { n: items.length }) : t("suggest.none"));
  }

  private onKey(event: KeyboardEvent): void {
    if (event.isComposing || this.list.hidden) return;
    const count = this.list.children.length;
    if (event.key === "ArrowDown") this.activate((this.active + 2) % (count + 1) - 1);
    else if (event.key === "ArrowUp") this.activate((this.active + count + 1) % (count + 1) - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Enter" && this.active >= 0) this.go(this.list.children[this.active]?.querySelector("a") ?? null);
    else return;
    event.preventDefault();
  }

  /** -1 is the field itself. */
  private activate(index: number): void {
    this.active = index;
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
  }

  private go(link: HTMLAnchorElement | null): void {
    if (!link) return;
    this.close();
    location.assign(link.href);
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.setOpen(false);
    this.activate(-1);
  }

  private setOpen(open: boolean): void {
    show(this.list, open);
    this.input.setAttribute("aria-expanded", String(open));
  }
}

/** The text with what was typed set apart, where it occurs. */
function marked(text: string, query: string): Node[] {
  const at = text.toLowerCase().indexOf(query.toLowerCase());
  if (at < 0) return [document.createTextNode(text)];
  const end = at + query.length;
  return [document.createTextNode(text.slice(0, at)), h("b", {}, text.slice(at, end)), document.createTextNode(text.slice(end))];
}
