/** Drawing strokes: on the lead's composed picture and over it in the rooms, alike at any size. */
import type { Box } from "./layouts.ts";
import type { Colour, Stroke } from "./vocabulary.ts";

const INK: Readonly<Record<Colour, string>> = { chalk: "#f4f3ec", yellow: "#f4ce6a", green: "#6fd0a8", red: "#e0533f" };

/** Draw strokes within a box of a canvas, in pixels. A stroke's width is a share of the box's. */
export function drawStrokes(context: CanvasRenderingContext2D, box: Box, strokes: Iterable<Stroke>): void {
  context.lineCap = context.lineJoin = "round";
  for (const { colour, width, points } of strokes) {
    context.strokeStyle = INK[colour];
    context.lineWidth = Math.max(1, width * box.width);
    context.beginPath();
    points.forEach(([x, y], index) => {
      const at = [box.x + x * box.width, box.y + y * box.height] as const;
      if (index === 0) context.moveTo(...at);
      context.lineTo(...at);
    });
    context.stroke();
  }
}
