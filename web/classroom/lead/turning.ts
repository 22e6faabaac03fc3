/** Turning the pages: which deck, which page, and what comes next. */
import type { Page, View } from "../vocabulary.ts";
import type { Classroom } from "./classroom.ts";
import { say } from "./say.ts";
import type { Deck, Slides } from "./slides.ts";

/** As long as a hint stands there: the same is not said twice at once. */
const HINT_MS = 6000;

export class Turning {
  private readonly classroom: Classroom;
  private readonly slides: Slides;
  /** Where each deck was left. */
  private readonly left = new Map<string, Page>();
  private readonly hint: (words: string) => void;
  private hinted = { layout: "" as View | "", at: -Infinity };

  /** `hint` says something to the teacher. */
  constructor(classroom: Classroom, slides: Slides, hint: (words: string) => void) {
    this.classroom = classroom;
    this.slides = slides;
    this.hint = hint;
  }

  get page(): Page | null {
    return this.classroom.stage.page;
  }

  /** The deck that is turned: the one on the screen, or the first. */
  get deck(): Deck | undefined {
    return this.slides.deck(this.page?.deck) ?? (this.page ? undefined : this.slides.decks[0]);
  }

  get areSlidesShown(): boolean {
    return SHOWS_SLIDES.has(this.classroom.stage.layout);
  }

  /** Nobody would see a page that is turned behind the board, and it would be a chapter of the recording. */
  turn(by: 1 | -1): void {
    if (!this.areSlidesShown) {
      this.hintAtLayout();
      return;
    }
    const { page } = this;
    const to = page ? this.slides.beside(page, by) : this.first(this.deck);
    if (to) this.go(to);
  }

  go(page: Page): void {
    this.left.set(page.deck, page);
    void this.classroom.ask("slide", { page });
    this.slides.loadAhead(page);
  }

  /** A page that was pointed at, to be seen. */
  show(page: Page): void {
    this.go(page);
    if (!this.areSlidesShown) void this.classroom.ask("layout", { view: "slides" });
  }

  /** A deck from where it was left, this computer's screen or the second camera. */
  choose(name: string): void {
    this.show(this.place(name));
  }

  /** A deck is not there any more: back to the first one, or to the teacher where there is none. */
  leave(name: string): void {
    if (this.page?.deck !== name) return;
    const other = this.slides.decks[0];
    if (other) this.go(this.place(other.deck));
    else if (this.areSlidesShown) void this.classroom.ask("layout", { view: "teacher" });
  }

  private hintAtLayout(): void {
    const { layout } = this.classroom.stage;
    const now = performance.now();
    if (!this.deck || (this.hinted.layout === layout && now - this.hinted.at < HINT_MS)) return;
    this.hinted = { layout, at: now };
    this.hint(say("slides.hidden", { layout: say(`layout.${layout}`) }));
  }

  first(deck: Deck | undefined): Page | null {
    const slide = deck?.slides[0];
    return deck && slide ? { deck: deck.deck, number: slide.number } : null;
  }

  /** Where a deck was left, or its beginning. */
  private place(name: string): Page {
    return this.left.get(name) ?? this.first(this.slides.deck(name)) ?? { deck: name, number: 1 };
  }
}

export const SHOWS_SLIDES: ReadonlySet<View> = new Set(["slides", "both"]);
