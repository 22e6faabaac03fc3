import assert from "node:assert/strict";
import { test } from "node:test";
import { drawStrokes } from "../classroom/ink.ts";

test("a stroke has a dark contour beneath its colour, as wide as can be seen", () => {
  const drawn: [string, number][] = [];
  const context = {
    strokeStyle: "",
    lineWidth: 0,
    beginPath: () => undefined,
    moveTo: () => undefined,
    lineTo: () => undefined,
    stroke(): void {
      drawn.push([this.strokeStyle, this.lineWidth]);
    },
  };
  const stroke = { stroke: "1", colour: "yellow", width: 0.01, points: [[0, 0], [1, 1]] } as const;
  for (const width of [100, 1000]) drawStrokes(context as never, { x: 0, y: 0, width, height: 1 }, [stroke as never]);
  assert.deepEqual(drawn.map(([, width]) => width), [3, 1, 14, 10]);
  assert.equal(new Set(drawn.map(([colour]) => colour)).size, 2);
  assert.equal(drawn[1]?.[0], "#f4ce6a");
});
