/** The pictures of slides. Decks of the plan are numbers; a shared screen and a second camera are in the lesson's picture alone. */
import type { Page, View } from "./vocabulary.ts";

/** Whether a page has a picture of its own. */
export function hasPicture({ deck, number }: Page): boolean {
  return /^\d+$/.test(deck) && number >= 1;
}

/** Whether slides or the board are drawn on the screen, whatever the lesson's picture has. */
export function isDrawn({ layout, page }: { layout: View; page: Page | null }): boolean {
  return layout === "board" || (page !== null && hasPicture(page));
}

/** Where it is. Without a size it is as large as it was made. */
export function slideAddress(classId: number | string, { deck, number }: Page, size?: "small" | "large"): string {
  return `/live/${classId}/slides/${deck}/${number}${size ? `?size=${size}` : ""}`;
}
