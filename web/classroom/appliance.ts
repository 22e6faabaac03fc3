/**
 * The picture of a recording appliance in the lesson. The lead's page composes nothing into it, so
 * where slides or the board are drawn, it makes room for them as the layout says.
 */
import { LAYOUTS, type Box } from "./layouts.ts";
import { isDrawn } from "./slide.ts";
import type { PictureSource, Page, View } from "./vocabulary.ts";

export const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };

/** Where the lesson's picture stands in the screen, in shares of it. */
export function placeOf(source: PictureSource, screen: { layout: View; page: Page | null }): Box {
  const teacher = LAYOUTS[screen.layout].find(({ what }) => what === "teacher");
  return source === "appliance" && isDrawn(screen) && teacher ? teacher : WHOLE;
}

/** Put a picture there. Where it is one of several, it fills its place. */
export function put(video: HTMLVideoElement, box: Box): void {
  const { x, y, width, height } = box;
  Object.assign(video.style, { left: share(x), top: share(y), width: share(width), height: share(height), objectFit: box === WHOLE ? "" : "cover" });
}

function share(part: number): string {
  return `${part * 100}%`;
}
