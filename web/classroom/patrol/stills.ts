/**
 * The patrol's pictures: asked for while their card is on the screen, one in twenty seconds. When
 * the grid is drawn anew a picture stays until the next has come.
 */
import { h } from "../../shared/dom.ts";

/** The service makes none more often. */
const EVERY_MS = 20_000;
const LOOK_MS = 1000;

interface Still {
  image: HTMLImageElement;
  askedAt: number;
}

export class Stills {
  /** By address. */
  private readonly stills = new Map<string, Still>();
  private places: HTMLElement[] = [];
  private readonly onScreen = new Set<HTMLElement>();
  private readonly watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.onScreen.add(target as HTMLElement);
      else this.onScreen.delete(target as HTMLElement);
    }
    this.look();
  });

  constructor() {
    window.setInterval(() => this.look(), LOOK_MS);
  }

  /** Take the places of a grid that was drawn. */
  take(grid: HTMLElement): void {
    this.watcher.disconnect();
    this.onScreen.clear();
    this.places = [...grid.querySelectorAll<HTMLElement>("[data-still]")];
    const addresses = new Set(this.places.map(({ dataset }) => dataset.still));
    for (const [address, still] of this.stills) if (!addresses.has(address)) this.forget(address, still);
    for (const place of this.places) {
      const still = this.stills.get(place.dataset.still ?? "");
      if (still?.image.src) place.append(still.image);
      this.watcher.observe(place);
    }
  }

  private look(): void {
    if (document.visibilityState !== "visible") return;
    const now = performance.now();
    for (const place of this.onScreen) {
      const { still: address = "", alt = "" } = place.dataset;
      const still = this.stills.get(address) ?? { image: h("img", { alt }), askedAt: -Infinity };
      if (now - still.askedAt < EVERY_MS) continue;
      still.askedAt = now;
      this.stills.set(address, still);
      void this.ask(address, still);
    }
  }

  private async ask(address: string, still: Still): Promise<void> {
    const response = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    const picture = response?.ok ? await response.blob().catch(() => null) : null;
    if (this.stills.get(address) !== still) return;
    if (!picture) {
      // What is shown in its place says how the class is.
      this.empty(still);
      return;
    }
    const before = still.image.src;
    still.image.src = URL.createObjectURL(picture);
    if (before) URL.revokeObjectURL(before);
    for (const place of this.places) if (place.dataset.still === address) place.append(still.image);
  }

  private forget(address: string, still: Still): void {
    this.stills.delete(address);
    this.empty(still);
  }

  private empty({ image }: Still): void {
    if (image.src) URL.revokeObjectURL(image.src);
    image.removeAttribute("src");
    image.remove();
  }
}
