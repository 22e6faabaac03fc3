/**
 * Where things stand in the lesson's picture, for who composes it and for who draws slides over it.
 *
 * Shares of a 16:9 picture. Slides are designed clear of the lower right quarter, where the
 * teacher stands in front of them.
 */
import type { View } from "./vocabulary.ts";

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Placed extends Box {
  what: "teacher" | "slides" | "board" | "rooms";
}

const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };
const CORNER: Box = { x: 0.73, y: 0.71, width: 0.25, height: 0.25 };

/** From back to front. */
export const LAYOUTS: Readonly<Record<View, readonly Placed[]>> = {
  slides: [
    { what: "slides", ...WHOLE },
    { what: "teacher", ...CORNER },
  ],
  both: [
    { what: "slides", x: 0, y: 0.14, width: 0.64, height: 0.72 },
    { what: "teacher", x: 0.65, y: 0.14, width: 0.35, height: 0.72 },
  ],
  teacher: [{ what: "teacher", ...WHOLE }],
  room_in_corner: [
    { what: "teacher", ...WHOLE },
    { what: "rooms", ...CORNER },
  ],
  all_rooms: [{ what: "rooms", ...WHOLE }],
  board: [
    { what: "board", ...WHOLE },
    { what: "teacher", ...CORNER },
  ],
};

/** In the order of the keys 1 to 6. */
export const ORDER: readonly View[] = ["slides", "both", "teacher", "room_in_corner", "all_rooms", "board"];

/** Where slides or the board stand, and what stands in front of them. */
export function surfaceOf(view: View): { box: Placed; cut: Box | null } | null {
  const placed = LAYOUTS[view];
  const index = placed.findIndex(({ what }) => what === "slides" || what === "board");
  const box = placed[index];
  return box ? { box, cut: placed.slice(index + 1).find((other) => overlaps(box, other)) ?? null } : null;
}

function overlaps(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** A picture of `width` × `height` within a box, both in pixels. */
export function contained(box: Box, width: number, height: number): Box {
  const scale = Math.min(box.width / width, box.height / height);
  const [w, h] = [width * scale, height * scale];
  return { x: box.x + (box.width - w) / 2, y: box.y + (box.height - h) / 2, width: w, height: h };
}
