/** Drawing on slides and the board, and lighting a part of them, with a mouse, pen or finger. */
import { newId } from "../session.ts";
import type { Colour, Page, Point } from "../vocabulary.ts";
import type { Classroom } from "./classroom.ts";
import type { Composer } from "./composer.ts";

export type Tool = "none" | "pen" | "spotlight";

export const COLOURS: readonly Colour[] = ["chalk", "yellow", "green", "red"];
/** Shares of the surface's width: a line, and a marker for the back row. */
export const WIDTHS: readonly number[] = [0.003, 0.006, 0.012];
/** Points go out in batches, so that a stroke grows in the rooms as it is drawn. */
const BATCH_MS = 100;
/** Nearer than this, a point changes nothing: a share of the surface. */
const LEAST_STEP = 0.0015;
/** The rooms' screens are no finer. */
const DIGITS = 4;
/** A click without a drag lights nothing. */
const LEAST_AREA = 0.02;

interface Drawing {
  stroke: string;
  page: Page | null;
  sent: number;
  points: Point[];
}

export class Pen {
  tool: Tool = "none";
  colour: Colour = "yellow";
  width = WIDTHS[1] ?? 0.006;
  private drawing: Drawing | null = null;
  private corner: Point | null = null;
  private timer = 0;
  private readonly classroom: Classroom;
  private readonly composer: Composer;

  constructor(classroom: Classroom, composer: Composer) {
    this.classroom = classroom;
    this.composer = composer;
    const { canvas } = composer;
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, (event) => this.end(event));
  }

  /** Whether there is anything to draw on. */
  get possible(): boolean {
    return this.composer.surface() !== null;
  }

  undo(): void {
    const surface = this.composer.surface();
    const last = surface && [...this.classroom.stage.strokes(surface.page)].pop();
    if (last) void this.classroom.ask("undo_stroke", { page: surface.page, stroke: last.stroke });
  }

  clear(): void {
    const surface = this.composer.surface();
    if (surface) void this.classroom.ask("clear_board", { page: surface.page });
  }

  private begin(event: PointerEvent): void {
    const surface = this.composer.surface();
    const at = this.place(event);
    if (this.tool === "none" || !surface || !at || event.button !== 0) return;
    this.composer.canvas.setPointerCapture(event.pointerId);
    if (this.tool === "spotlight") {
      this.corner = at;
      return;
    }
    this.drawing = { stroke: newId(), page: surface.page, sent: 0, points: [] };
    this.add(at);
    this.timer = window.setInterval(() => this.send(), BATCH_MS);
  }

  private move(event: PointerEvent): void {
    if (!this.drawing) return;
    const all = event.getCoalescedEvents();
    for (const one of all.length ? all : [event]) this.add(this.place(one));
  }

  private end(event: PointerEvent): void {
    if (this.corner) this.light(this.corner, this.place(event));
    this.corner = null;
    if (!this.drawing) return;
    this.send();
    this.drop();
  }

  private add(at: Point | null): void {
    if (!this.drawing || !at) return;
    const last = this.drawing.points[this.drawing.points.length - 1];
    if (last && Math.hypot(at[0] - last[0], at[1] - last[1]) < LEAST_STEP) return;
    this.drawing.points.push(at);
    this.classroom.draw(this.part([at]));
  }

  private send(): void {
    if (!this.drawing) return;
    const points = this.drawing.points.slice(this.drawing.sent);
    if (points.length === 0) return;
    const { drawing } = this;
    void this.classroom.ask("stroke", { ...this.part(points), start: drawing.sent }, true).then((taken) => {
      if (!taken && this.drawing === drawing) this.drop();
    });
    drawing.sent = drawing.points.length;
  }

  private drop(): void {
    clearInterval(this.timer);
    this.drawing = null;
  }

  private part(points: Point[]): object {
    return { page: this.drawing?.page, stroke: this.drawing?.stroke, colour: this.colour, width: this.width, points };
  }

  private light(from: Point, to: Point | null): void {
    if (!to) return;
    const [x, y] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
    const [width, height] = [Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1])];
    const area = width > LEAST_AREA && height > LEAST_AREA ? { x, y, width, height } : null;
    void this.classroom.ask("spotlight", { area });
  }

  /** Where a pointer stands on the surface, in shares of it; at its edge when it has left it. */
  private place({ clientX, clientY }: PointerEvent): Point | null {
    const surface = this.composer.surface();
    const { canvas } = this.composer;
    const shown = canvas.getBoundingClientRect();
    if (!surface || shown.width === 0) return null;
    const { box } = surface;
    const x = ((clientX - shown.left) / shown.width) * canvas.width;
    const y = ((clientY - shown.top) / shown.height) * canvas.height;
    return [share((x - box.x) / box.width), share((y - box.y) / box.height)];
  }
}

function share(value: number): number {
  return Number(Math.min(1, Math.max(0, value)).toFixed(DIGITS));
}
