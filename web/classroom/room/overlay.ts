/**
 * Slides and the board, drawn over the lesson's picture at the size of the screen: the picture has
 * them too, as sharp as the line allows. The corner in which the teacher stands is left open.
 */
import { drawStrokes } from "../ink.ts";
import { contained, surfaceOf, type Box } from "../layouts.ts";
import { paintBoard, paintContained, paintSpotlight, pixels } from "../painting.ts";
import { hasPicture } from "../slide.ts";
import type { Stage } from "../stage.ts";
import type { Page } from "../vocabulary.ts";

const WHOLE: Box = { x: 0, y: 0, width: 1, height: 1 };
/** A slide that is wanted and could not be had is asked for again. */
const AGAIN_MS = 2000;

export class Overlay {
  readonly element = document.createElement("canvas");
  /** Draw slides over the whole picture, of which there is none. */
  whole = false;
  private readonly pictures = new Map<string, HTMLImageElement>();
  private readonly failedAt = new Map<string, number>();
  private readonly address: (page: Page) => string;
  private stage: Stage | null = null;

  constructor(address: (page: Page) => string) {
    this.address = address;
    this.element.className = "stage-overlay";
    window.addEventListener("resize", this.onResize);
  }

  /** Draw no more: a screen is on for days, and each class has an overlay of its own. */
  close(): void {
    window.removeEventListener("resize", this.onResize);
    this.stage = null;
  }

  draw(stage: Stage): void {
    this.stage = stage;
    this.loadOn();
    this.redraw();
  }

  /** Have a slide there before its time comes. */
  load(page: Page): HTMLImageElement | null {
    if (!hasPicture(page)) return null;
    const address = this.address(page);
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
    const shown = this.stage?.page;
    if (!shown) return;
    for (const number of [shown.number, shown.number + 1, shown.number - 1]) {
      const page = { deck: shown.deck, number };
      // The one after the last is none.
      if (page.number !== shown.number && this.failedAt.has(this.address(page))) continue;
      if (this.load(page)?.complete === false) return;
    }
  }

  private paint(context: CanvasRenderingContext2D, stage: Stage): void {
    const onBoard = stage.layout === "board";
    const surface = surfaceOf(stage.layout);
    if (!surface && !this.whole) return;
    const box = pixels(this.whole || !surface ? WHOLE : surface.box, context.canvas);
    if (onBoard) this.paintInked(context, stage, box, null);
    else if (stage.page) this.paintSlide(context, stage, box, stage.page);
    if (surface?.cut && !this.whole) {
      const { x, y, width, height } = pixels(surface.cut, context.canvas);
      context.clearRect(x, y, width, height);
    }
  }

  private paintSlide(context: CanvasRenderingContext2D, stage: Stage, box: Box, page: Page): void {
    const image = this.load(page);
    if (!image?.complete || image.naturalWidth === 0) return;
    context.imageSmoothingQuality = "high";
    paintContained(context, image, box);
    this.paintInked(context, stage, contained(box, image.naturalWidth, image.naturalHeight), page);
  }

  private paintInked(context: CanvasRenderingContext2D, stage: Stage, box: Box, page: Page | null): void {
    if (!page) paintBoard(context, box);
    drawStrokes(context, box, stage.strokes(page));
    if (stage.spotlight) paintSpotlight(context, box, stage.spotlight);
  }
}
