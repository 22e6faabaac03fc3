/** Turning the pages: which deck, which page, and what comes next. */
import type { Page, View } from "../vocabulary.ts";
import type { Classroom } from "./classroom.ts";
import type { Deck, Slides } from "./slides.ts";

export class Turning {
  private readonly classroom: Classroom;
  private readonly slides: Slides;
  /** Where each deck was left. */
  private readonly left = new Map<string, Page>();

  constructor(classroom: Classroom, slides: Slides) {
    this.classroom = classroom;
    this.slides = slides;
  }

  get page(): Page | null {
    return this.classroom.stage.page;
  }

  /** The deck that is turned: the one on the screen, or the first. */
  get deck(): Deck | undefined {
    return this.slides.deck(this.page?.deck) ?? (this.page ? undefined : this.slides.decks[0]);
  }

  turn(by: 1 | -1): void {
    const { page } = this;
    const to = page ? this.slides.beside(page, by) : this.first(this.deck);
    if (to) this.go(to);
  }

  go(page: Page): void {
    this.left.set(page.deck, page);
    void this.classroom.ask("slide", { page });
    this.slides.loadAhead(page);
  }

  /** A deck from where it was left, this computer's screen or the second camera. */
  choose(name: string): void {
    this.go(this.place(name));
    if (!SHOWS_SLIDES.has(this.classroom.stage.layout)) void this.classroom.ask("layout", { view: "slides" });
  }

  /** A deck is not there any more: back to the first one, or to the teacher where there is none. */
  leave(name: string): void {
    if (this.page?.deck !== name) return;
    const other = this.slides.decks[0];
    if (other) this.go(this.place(other.deck));
    else if (SHOWS_SLIDES.has(this.classroom.stage.layout)) void this.classroom.ask("layout", { view: "teacher" });
  }

  /** Where a deck was left, or its beginning. */
  private place(name: string): Page {
    return this.left.get(name) ?? this.first(this.slides.deck(name)) ?? { deck: name, number: 1 };
  }

  private first(deck: Deck | undefined): Page | null {
    const slide = deck?.slides[0];
    return deck && slide ? { deck: deck.deck, number: slide.number } : null;
  }
}

export const SHOWS_SLIDES: ReadonlySet<View> = new Set(["slides", "both"]);
