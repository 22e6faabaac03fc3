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

/** A large picture is as wide; a wide one is for what is wider. In CSS pixels times their density. */
export const LARGE_PX = 1600;

/** Where it is. Without a size it is the large one. */
export function slideAddress(classId: number | string, { deck, number }: Page, size?: "small" | "large" | "wide"): string {
  return `/live/${classId}/slides/${deck}/${number}${size ? `?size=${size}` : ""}`;
}
