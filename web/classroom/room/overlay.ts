/**
 * Slides and the board, drawn over the lesson's picture at the size of the screen: the picture has
 * them too, as sharp as the line allows. The corner in which the teacher stands is left open.
 */
import { drawStrokes } from "../ink.ts";
import { contained, surfaceOf, type Box } from "../layouts.ts";
import { paintBoard, paintContained, paintSpotlight, pixels } from "../painting.ts";
import { hasPicture, LARGE_PX } from "../slide.ts";
import type { Stage } from "../stage.ts";
import type { Page } from "../vocabulary.ts";

const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };
/** A slide that is wanted and could not be had is asked for again. */
const AGAIN_MS = 2000;

/** Where a page's picture is: the large one, or the wide one. */
type Address = (page: Page, size?: "wide") => string;

export class Overlay {
  readonly element = document.createElement("canvas");
  /** Draw slides over the whole picture, of which there is none. */
  whole = false;
  /** The line carries the whole lesson: a screen that is wide enough has wide slides. */
  isFull = false;
  private readonly pictures = new Map<string, HTMLImageElement>();
  private readonly failedAt = new Map<string, number>();
  private readonly address: Address;
  private stage: Stage | null = null;
  /** The slide that is drawn in place of what the stage has. */
  private alone: Page | null = null;

  constructor(address: Address) {
    this.address = address;
    this.element.className = "stage-overlay";
    window.addEventListener("resize", this.onResize);
  }

  /** Draw no more: a screen is on for days, and each class has an overlay of its own. */
  close(): void {
    window.removeEventListener("resize", this.onResize);
    this.stage = null;
  }

  draw(stage: Stage, alone: Page | null = null): void {
    this.stage = stage;
    this.alone = alone;
    this.loadOn();
    this.redraw();
  }

  /** Have a slide there before its time comes. */
  load(page: Page): HTMLImageElement | null {
    if (!hasPicture(page)) return null;
    const address = this.wanted(page);
    const known = this.pictures.get(address);
    if (known) return known;
    if (performance.now() - (this.failedAt.get(address) ?? -Infinity) < AGAIN_MS) return null;
    const image = new Image();
    image.onload = () => {
      this.loadOn();
      this.redraw();
    };
    image.onerror = () => {
      this.pictures.delete(address);
      this.failedAt.set(address, performance.now());
      this.loadOn();
      window.setTimeout(() => this.redraw(), AGAIN_MS + 1);
    };
    image.src = address;
    this.pictures.set(address, image);
    return image;
  }

  redraw(): void {
    const { element } = this;
    const scale = window.devicePixelRatio || 1;
    element.width = Math.round(element.clientWidth * scale);
    element.height = Math.round(element.clientHeight * scale);
    const context = element.getContext("2d");
    if (context && this.stage && element.width > 0) this.paint(context, this.stage);
  }

  private readonly onResize = (): void => this.redraw();

  /** What is shown, then what is beside it, one at a time: a thin line has the lesson's sound to carry too. */
  private loadOn(): void {
    const shown = this.alone ?? this.stage?.page;
    if (!shown) return;
    for (const number of [shown.number, shown.number + 1, shown.number - 1]) {
      const page = { deck: shown.deck, number };
      // The one after the last is none.
      if (page.number !== shown.number && this.hasFailed(page)) continue;
      if (this.load(page)?.complete === false) return;
    }
  }

  /** The address of the picture that is best for a page; one that could not be had is not. */
  private wanted(page: Page): string {
    const wide = this.address(page, "wide");
    // One that is there is used on a line that has become thin too.
    const isWide = this.pictures.get(wide)?.complete || (this.isFull && this.width > LARGE_PX && !this.failedAt.has(wide));
    return isWide ? wide : this.address(page);
  }

  private hasFailed(page: Page): boolean {
    return this.failedAt.has(this.address(page)) || this.failedAt.has(this.address(page, "wide"));
  }

  /** What it is drawn over, which is as wide and there while nothing is drawn. */
  private get width(): number {
    return (this.element.parentElement?.clientWidth ?? 0) * (window.devicePixelRatio || 1);
  }

  private paint(context: CanvasRenderingContext2D, stage: Stage): void {
    const onBoard = stage.layout === "board" && !this.alone;
    const page = this.alone ?? stage.page;
    const surface = surfaceOf(stage.layout);
    if (!surface && !this.whole) return;
    const box = pixels(this.whole || !surface ? WHOLE : surface.box, context.canvas);
    if (onBoard) this.paintInked(context, stage, box, null);
    else if (page) this.paintSlide(context, stage, box, page);
    if (surface?.cut && !this.whole) {
      const { x, y, width, height } = pixels(surface.cut, context.canvas);
      context.clearRect(x, y, width, height);
    }
  }

  private paintSlide(context: CanvasRenderingContext2D, stage: Stage, box: Box, page: Page): void {
    // While the wide one is on its way, the large one that was there before.
    const image = [this.load(page), this.pictures.get(this.address(page))].find((each) => each?.complete && each.naturalWidth > 0);
    if (!image) return;
    context.imageSmoothingQuality = "high";
    paintContained(context, image, box);
    this.paintInked(context, stage, contained(box, image.naturalWidth, image.naturalHeight), page);
  }

  private paintInked(context: CanvasRenderingContext2D, stage: Stage, box: Box, page: Page | null): void {
    if (!page) paintBoard(context, box);
    drawStrokes(context, box, stage.strokes(page));
    if (stage.spotlight && !this.alone) paintSpotlight(context, box, stage.spotlight);
  }
}
