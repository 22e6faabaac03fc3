/** Putting pictures into the lesson's picture. All boxes are pixels of the canvas. */
import { contained, type Box } from "./layouts.ts";

export type Source = HTMLVideoElement | HTMLImageElement;

const SANS = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",sans-serif';
/** Of tokens.css: a canvas does not read custom properties. */
const GROUND = "#0e1613";
const PANEL = "#17221e";
const BOARD = "#1d4a3c";
const CHALK = "#f4f3ec";
const CHALK_2 = "#b4c2bb";
const SHADE = "rgba(14, 22, 19, 0.72)";

export function sizeOf(source: Source): [number, number] {
  return source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.naturalWidth, source.naturalHeight];
}

export function pixels({ x, y, width, height }: Box, { width: across, height: down }: { width: number; height: number }): Box {
  return { x: x * across, y: y * down, width: width * across, height: height * down };
}

export function paintGround(context: CanvasRenderingContext2D): void {
  fill(context, { x: 0, y: 0, width: context.canvas.width, height: context.canvas.height }, GROUND);
}

export function paintBoard(context: CanvasRenderingContext2D, box: Box): void {
  fill(context, box, BOARD);
}

/** Fill the box; what stands over is lost. */
export function paintCover(context: CanvasRenderingContext2D, source: Source, box: Box): void {
  const [width, height] = sizeOf(source);
  const scale = Math.max(box.width / width, box.height / height);
  const [w, h] = [box.width / scale, box.height / scale];
  context.drawImage(source, (width - w) / 2, (height - h) / 2, w, h, box.x, box.y, box.width, box.height);
}

/** Show all of it. */
export function paintContained(context: CanvasRenderingContext2D, source: Source, box: Box): void {
  const { x, y, width, height } = contained(box, ...sizeOf(source));
  context.drawImage(source, x, y, width, height);
}

/** Words where there is no picture. */
export function paintStill(context: CanvasRenderingContext2D, box: Box, title: string, line = ""): void {
  fill(context, box, PANEL);
  const size = Math.max(16, Math.min(box.width / 16, box.height / 7));
  context.textAlign = "center";
  context.textBaseline = "middle";
  write(context, title, box.x + box.width / 2, box.y + box.height / 2 - (line ? size * 0.7 : 0), size, CHALK, box.width * 0.9);
  if (line) write(context, line, box.x + box.width / 2, box.y + box.height / 2 + size * 0.8, size * 0.6, CHALK_2, box.width * 0.9);
}

/** A name in the lower left of a picture. */
export function paintName(context: CanvasRenderingContext2D, box: Box, name: string): void {
  const size = Math.max(15, Math.min(26, box.height / 12));
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = `${size}px ${SANS}`;
  const width = Math.min(box.width, context.measureText(name).width + size);
  const band = { x: box.x, y: box.y + box.height - size * 1.7, width, height: size * 1.7 };
  fill(context, band, SHADE);
  write(context, name, band.x + size / 2, band.y + band.height / 2, size, CHALK, width - size);
}

/** Darken a surface but for an area of it. */
export function paintSpotlight(context: CanvasRenderingContext2D, surface: Box, area: Box): void {
  context.fillStyle = SHADE;
  context.beginPath();
  context.rect(surface.x, surface.y, surface.width, surface.height);
  context.rect(surface.x + area.x * surface.width, surface.y + area.y * surface.height, area.width * surface.width, area.height * surface.height);
  context.fill("evenodd");
}

/** Boxes for `count` pictures side by side, as near to the shape of `box` as they can be. */
export function grid(box: Box, count: number): Box[] {
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const [width, height] = [box.width / columns, box.height / rows];
  return Array.from({ length: count }, (_, index) => ({
    x: box.x + (index % columns) * width, y: box.y + Math.floor(index / columns) * height, width, height,
  }));
}

function fill(context: CanvasRenderingContext2D, { x, y, width, height }: Box, colour: string): void {
  context.fillStyle = colour;
  context.fillRect(x, y, width, height);
}

function write(context: CanvasRenderingContext2D, text: string, x: number, y: number, size: number, colour: string, most: number): void {
  context.font = `${size}px ${SANS}`;
  context.fillStyle = colour;
  context.fillText(text, x, y, most);
}
