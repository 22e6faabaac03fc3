/** The slides in small: what is shown, what comes next, and which deck is turned. */
import { h, icon, setText, show } from "../../shared/dom.ts";
import { Problem, request } from "../../shared/api.ts";
import { toast } from "../../shared/toast.ts";
import type { Page } from "../vocabulary.ts";
import type { Config } from "./config.ts";
import type { Desk, Panel } from "./desk.ts";
import { button, offer, press, relabel, select } from "./parts.ts";
import { say } from "./say.ts";
import type { Screen } from "./screen.ts";
import { SCREEN, SECOND, type Deck } from "./slides.ts";

export class Strip implements Panel {
  readonly element: HTMLElement;
  private readonly row = h("ol", { class: "lead-pages" });
  private readonly empty = h("p", { class: "lead-hint", hidden: true });
  private readonly add = h("a", { class: "stage-button", target: "_blank", rel: "noopener", hidden: true }, icon("slides", 18), h("span", {}, say("slides.add")));
  private readonly retry = button(say("slides.retry"), () => void this.loadAgain(), { icon: "retry" });
  private readonly choice = select(say("deck.choose"), (name) => void this.choose(name));
  private readonly back = this.arrow("left", -1);
  private readonly on = this.arrow("right", 1);
  private readonly desk: Desk;
  private readonly screen: Screen;
  private drawn: Deck | undefined;
  private current = "";
  private failed = false;
  private pages: { page: Page; button: HTMLElement }[] = [];

  constructor(desk: Desk, screen: Screen) {
    this.desk = desk;
    this.screen = screen;
    this.choice.classList.add("lead-deck");
    this.element = h("section", { class: "lead-strip", "aria-label": say("slides") }, this.back, this.row, this.empty, this.add, this.retry, this.on, this.choice);
    this.add.href = `/classes/${desk.config.id}/materials`;
    // Who comes back from another page may have put slides on the class there.
    window.addEventListener("focus", () => void this.load());
    void this.load();
  }

  draw(): void {
    const { slides, turning, devices } = this.desk;
    const { deck, page } = turning;
    const more: [string, string][] = [[SCREEN, say("deck.screen")]];
    if (devices.picture("second")) more.push([SECOND, say("deck.camera")]);
    const named = slides.decks.map(({ deck: name, title }): [string, string] => [name, title]);
    // What is shared no longer can be chosen again only where it is not the choice.
    const shown = page?.deck === SCREEN && !this.screen.isShared ? "" : page?.deck;
    offer(this.choice, named.length ? [...named, ...more] : [["", say("deck.choose")], ...more], shown ?? deck?.deck ?? "");
    if (deck !== this.drawn) this.fillRow(deck);
    this.drawCurrent(page);
    for (const [made, by] of [[this.back, -1], [this.on, 1]] as const) made.disabled = !deck || (page !== null && !slides.beside(page, by));
    const none = slides.decks.length === 0;
    show(this.empty, this.failed || none);
    const { unshown } = this.desk.config;
    setText(this.empty, this.failed ? say("slides.failed") : unshown ? say("slides.unshown", { n: unshown }) : say("slides.none"));
    show(this.add, none && !this.failed);
    show(this.retry, this.failed || none);
    relabel(this.retry, say(this.failed ? "slides.retry" : "slides.again"));
  }

  private async load(): Promise<void> {
    const { slides, config } = this.desk;
    try {
      await slides.load();
      if (slides.decks.length === 0) config.unshown = (await request<Config>(`/api/v1/classes/${config.id}/lead`)).unshown;
      this.failed = false;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      // What is there already stays, and is shown.
      this.failed = slides.decks.length === 0;
    }
    this.loadAhead();
    this.draw();
  }

  /** What is shown, or the first page of what is turned, and those after it: also of a class that runs already. */
  private loadAhead(): void {
    const { slides, turning } = this.desk;
    const page = turning.page ?? turning.first(turning.deck);
    if (page) slides.loadAhead(page);
  }

  private async loadAgain(): Promise<void> {
    await this.load();
    if (!this.failed && this.desk.slides.decks.length === 0) toast(say("slides.stillNone"));
  }

  private async choose(name: string): Promise<void> {
    // The keys turn pages again, and not this list.
    this.choice.blur();
    if (name === SCREEN && !(await this.screen.open())) this.draw();
    else if (name) this.desk.turning.choose(name);
  }

  private fillRow(deck: Deck | undefined): void {
    this.drawn = deck;
    this.current = "none";
    this.row.textContent = "";
    this.pages = (deck?.slides ?? []).map(({ number }) => this.page({ deck: deck?.deck ?? "", number }));
    for (const { button: made } of this.pages) this.row.append(h("li", {}, made));
  }

  private page(page: Page): { page: Page; button: HTMLElement } {
    const { slides, turning } = this.desk;
    const image = h("img", { src: slides.address(page, "small"), alt: "", loading: "lazy", draggable: "false" });
    const made = h("button", { type: "button", class: "lead-page", "aria-label": say("slides.page", { n: page.number }), on: { click: () => turning.show(page) } },
      image, h("span", { class: "lead-page-number" }, String(page.number)), h("span", { class: "lead-page-next" }, say("slides.next")));
    return { page, button: made };
  }

  private drawCurrent(page: Page | null): void {
    // The space bar turns no page that nobody sees.
    const { areSlidesShown } = this.desk.turning;
    const key = `${page ? `${page.deck}/${page.number}` : ""} ${String(areSlidesShown)}`;
    if (key === this.current) return;
    this.current = key;
    this.loadAhead();
    const at = this.pages.findIndex(({ page: one }) => one.deck === page?.deck && one.number === page.number);
    for (const [index, { button: made }] of this.pages.entries()) {
      press(made, index === at);
      made.classList.toggle("next", areSlidesShown && index === at + 1);
    }
    const shown = this.pages[Math.max(0, at)]?.button;
    if (shown) this.row.scrollLeft = shown.offsetLeft - this.row.offsetLeft - shown.offsetWidth;
  }

  private arrow(name: "left" | "right", by: 1 | -1): HTMLButtonElement {
    const label = say(by > 0 ? "slides.on" : "slides.back");
    return h("button", { type: "button", class: "lead-arrow", "aria-label": label, on: { click: () => this.desk.turning.turn(by) } }, icon(name, 20));
  }
}
