/** Drawing strokes: on the lead's composed picture and over it in the rooms, alike at any size. */
import type { Box } from "./layouts.ts";
import type { Colour, Stroke } from "./vocabulary.ts";

const INK: Readonly<Record<Colour, string>> = { chalk: "#f4f3ec", yellow: "#f4ce6a", green: "#6fd0a8", red: "#e0533f" };

/** Around a stroke, so that chalk is read on a light slide as well; on the board it cannot be seen. */
const CONTOUR = "rgba(22, 32, 38, 0.7)";
/** A share of the stroke's width, and pixels at least; on both sides together. */
const CONTOUR_SHARE = 0.4;
const LEAST_CONTOUR = 2;

/** Draw strokes within a box of a canvas, in pixels. A stroke's width is a share of the box's. */
export function drawStrokes(context: CanvasRenderingContext2D, box: Box, strokes: Iterable<Stroke>): void {
  context.lineCap = context.lineJoin = "round";
  for (const { colour, width, points } of strokes) {
    const wide = Math.max(1, width * box.width);
    context.beginPath();
    points.forEach(([x, y], index) => {
      const at = [box.x + x * box.width, box.y + y * box.height] as const;
      if (index === 0) context.moveTo(...at);
      context.lineTo(...at);
    });
    context.strokeStyle = CONTOUR;
    context.lineWidth = wide + Math.max(LEAST_CONTOUR, wide * CONTOUR_SHARE);
    context.stroke();
    context.strokeStyle = INK[colour];
    context.lineWidth = wide;
    context.stroke();
  }
}
