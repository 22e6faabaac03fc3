/** What a room has measured of itself: on its own line, and told to the class now and then. */
import { toldOf, type Measure } from "../measuring.ts";
import type { Lesson } from "./lesson.ts";
import type { SyncLine } from "./sync_line.ts";

/** The class forgets what it has not heard again for fifteen seconds. */
const TOLD_EVERY_MS = 5000;

export function readOut(lesson: Lesson, line: SyncLine): void {
  let toldAt = -Infinity;
  const tell = (measure: Measure): void => {
    const now = performance.now();
    if (now - toldAt < TOLD_EVERY_MS || measure.lagMs < 0) return;
    toldAt = now;
    lesson.session.measured(toldOf(measure));
  };
  lesson.on("measure", (measure) => {
    line.measured(measure);
    tell(measure);
  });
  lesson.session.on("presence", ({ spread_ms }) => line.apart(spread_ms));
}
