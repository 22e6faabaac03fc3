/**
 * What stands on the lesson's slides: pages of the class's documents, and what is shown in their
 * place: this computer's screen, and a second camera over a sheet or an experiment. Those two are
 * decks without pictures of their own: a room sees them in the lesson's picture.
 */
import { request } from "../../shared/api.ts";
import { slideAddress } from "../slide.ts";
import type { Page } from "../vocabulary.ts";

export interface Slide {
  number: number;
  width: number;
  height: number;
}

export interface Deck {
  deck: string;
  title: string;
  slides: Slide[];
}

export const SCREEN = "screen";
export const SECOND = "camera";

/** The next pages are there before they are turned to. */
const AHEAD = 3;
/** As long as a page that did not come is not asked for. */
const AGAIN_MS = 1000;

export class Slides {
  decks: Deck[] = [];
  private readonly pictures = new Map<string, HTMLImageElement>();
  private readonly classId: number;

  constructor(classId: number) {
    this.classId = classId;
  }

  async load(): Promise<void> {
    const { decks } = await request<{ decks: Deck[] }>(`/live/${this.classId}/decks`);
    // One that is as it was stays the same: nothing of it is drawn anew.
    this.decks = decks.map((deck) => {
      const known = this.deck(deck.deck);
      return known && JSON.stringify(known) === JSON.stringify(deck) ? known : deck;
    });
  }

  deck(name: string | undefined): Deck | undefined {
    return this.decks.find(({ deck }) => deck === name);
  }

  address(page: Page, size: "small" | "large"): string {
    return slideAddress(this.classId, page, size);
  }

  /** Pages as they are turned, by so many; null where the deck ends. */
  beside(page: Page, by: number): Page | null {
    const slides = this.deck(page.deck)?.slides ?? [];
    const slide = slides[slides.findIndex(({ number }) => number === page.number) + by];
    return slide ? { deck: page.deck, number: slide.number } : null;
  }

  /** The picture of a page, once it is loaded. */
  picture(page: Page): HTMLImageElement | null {
    const image = this.image(page);
    return image.complete && image.naturalWidth > 0 ? image : null;
  }

  /** Width and height of a page, in any unit. */
  size({ deck, number }: Page): [number, number] {
    const slide = this.deck(deck)?.slides.find((one) => one.number === number);
    return slide ? [slide.width, slide.height] : [16, 9];
  }

  loadAhead(page: Page): void {
    for (let by = -1; by <= AHEAD; by += 1) {
      const other = this.beside(page, by);
      if (other) this.image(other);
    }
  }

  private image(page: Page): HTMLImageElement {
    const address = this.address(page, "large");
    const known = this.pictures.get(address);
    if (known) return known;
    const image = new Image();
    // One that failed is asked for again when it is wanted again: the picture wants it thirty times a second.
    image.onerror = () => window.setTimeout(() => this.pictures.delete(address), AGAIN_MS);
    image.src = address;
    this.pictures.set(address, image);
    return image;
  }
}
