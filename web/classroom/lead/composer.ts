/**
 * The lesson's picture: teacher, slides, board and rooms, put together on one canvas.
 *
 * The publisher takes the canvas as if it were a camera, once; a change of layout is only another
 * drawing, so that no viewer's stream begins anew.
 */
import { drawStrokes } from "../ink.ts";
import { contained, LAYOUTS, type Box, type Placed } from "../layouts.ts";
import { grid, paintBoard, paintContained, paintCover, paintGround, paintName, paintSpotlight, paintStill, pixels, sizeOf, type Source } from "../painting.ts";
import { hasPicture } from "../slide.ts";
import type { Stage } from "../stage.ts";
import type { Page } from "../vocabulary.ts";
import { Scaled } from "./scaled.ts";
import type { Seated } from "./roster.ts";

/** What rooms send of themselves. The talk has it. */
export interface RoomPictures {
  /** The picture of a room, by its number; null while there is none. */
  picture(room: string): HTMLVideoElement | null;
}

/** Where what is drawn comes from; null while there is none. */
export interface Sources {
  teacher(): Source | null;
  slide(page: Page): Source | null;
  slideSize(page: Page): [number, number];
  rooms(): Seated[];
  pictures: RoomPictures;
  /** What is written where there is no picture. */
  words: { teacher: string; noSlide: string; loading: string; noRoom: string };
}

/** As the publisher is asked to encode. */
const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES_A_SECOND = 30;
const LEAST_PAUSE_MS = 15;
/** More faces than this are seen by nobody. */
const MOST_ROOMS = 16;

export class Composer {
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private readonly scaled = new Scaled();
  private drawnAt = 0;
  /** The page that is drawn: it stays until the next one is loaded. */
  private kept: { page: Page; picture: HTMLImageElement } | null = null;
  private readonly stage: Stage;
  private readonly sources: Sources;

  constructor(stage: Stage, sources: Sources) {
    this.canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    const context = this.canvas.getContext("2d", { alpha: false });
    if (!context) throw new Error("this browser draws on no canvas");
    this.context = context;
    this.stage = stage;
    this.sources = sources;
  }

  /** Draw thirty times a second, also while the page is hidden. `ticker`: address of the built ticker.ts. */
  start(ticker: string): MediaStreamTrack {
    new Worker(ticker, { type: "module" }).onmessage = () => {
      // Beats that waited while the page was busy are one.
      if (performance.now() - this.drawnAt > LEAST_PAUSE_MS) this.draw();
    };
    const [track] = this.canvas.captureStream(FRAMES_A_SECOND).getVideoTracks();
    if (!track) throw new Error("this browser captures no canvas");
    return track;
  }

  draw(): void {
    this.drawnAt = performance.now();
    paintGround(this.context);
    for (const placed of LAYOUTS[this.stage.layout]) this.place(placed, pixels(placed, this.canvas));
  }

  /** Where slides or the board stand now, in pixels of the canvas; null where there are none. */
  surface(): { box: Box; page: Page | null } | null {
    const placed = LAYOUTS[this.stage.layout].find(({ what }) => what === "slides" || what === "board");
    if (!placed) return null;
    const box = pixels(placed, this.canvas);
    if (placed.what === "board") return { box, page: null };
    const { page } = this.stage;
    return page && { box: contained(box, ...this.sizeOf(page)), page };
  }

  /** Width and height of what is shown there: a screen has any shape. */
  private sizeOf(page: Page): [number, number] {
    const picture = this.sources.slide(page);
    return picture ? sizeOf(picture) : this.sources.slideSize(page);
  }

  private place({ what }: Placed, box: Box): void {
    if (what === "teacher") this.drawTeacher(box);
    else if (what === "rooms") this.drawRooms(box);
    else this.drawSurface(what, box);
  }

  private drawTeacher(box: Box): void {
    const picture = this.sources.teacher();
    if (picture) paintCover(this.context, picture, box);
    else paintStill(this.context, box, this.sources.words.teacher);
  }

  private drawSurface(what: "slides" | "board", box: Box): void {
    const surface = this.surface();
    if (what === "board") paintBoard(this.context, box);
    // Nothing is drawn on a page that is not there yet.
    else if (!this.drawSlide(box)) return;
    if (!surface) return;
    drawStrokes(this.context, surface.box, this.stage.strokes(surface.page));
    if (this.stage.spotlight) paintSpotlight(this.context, surface.box, this.stage.spotlight);
  }

  /** False while another page than the one that is turned to is shown, or none. */
  private drawSlide(box: Box): boolean {
    const { page } = this.stage;
    const picture = page && this.sources.slide(page);
    if (page && picture instanceof HTMLImageElement) {
      this.kept = { page, picture };
      this.drawStill(picture, box);
    } else if (picture) paintContained(this.context, picture, box);
    else if (!page || !hasPicture(page)) paintStill(this.context, box, this.sources.words.noSlide);
    else return this.drawKept(box);
    return true;
  }

  /** The last page with what is written on it, so that neither the rooms nor the recording see a black one. */
  private drawKept(box: Box): false {
    if (this.kept) {
      const { page, picture } = this.kept;
      this.drawStill(picture, box);
      drawStrokes(this.context, contained(box, ...sizeOf(picture)), this.stage.strokes(page));
    } else paintStill(this.context, box, this.sources.words.loading);
    return false;
  }

  private drawStill(picture: HTMLImageElement, box: Box): void {
    const { x, y, width, height } = contained(box, ...sizeOf(picture));
    this.context.drawImage(this.scaled.of(picture, width, height), x, y, width, height);
  }

  private drawRooms(box: Box): void {
    const isWhole = box.width === this.canvas.width;
    const rooms = isWhole ? here(this.sources.rooms()).slice(0, MOST_ROOMS) : inCorner(this.sources.rooms(), this.stage.speaking);
    if (rooms.length === 0 && isWhole) paintStill(this.context, box, this.sources.words.noRoom);
    for (const [index, part] of grid(box, rooms.length).entries()) {
      const room = rooms[index];
      if (room) this.drawRoom(room, part);
    }
  }

  private drawRoom(room: Seated, box: Box): void {
    const picture = this.sources.pictures.picture(room.id);
    if (!picture || picture.videoWidth === 0) {
      paintStill(this.context, box, room.school || room.name, room.school && room.name);
      return;
    }
    paintCover(this.context, picture, box);
    paintName(this.context, box, [room.school, room.name].filter(Boolean).join(" "));
  }
}

function here(rooms: readonly Seated[]): Seated[] {
  return rooms.filter(({ admitted, present }) => admitted && present);
}

/** Who speaks, of several whoever was called up last. A room that was not called up is shown to nobody. */
export function inCorner(rooms: readonly Seated[], speaking: readonly string[]): Seated[] {
  return speaking.flatMap((speaker) => here(rooms).filter(({ id }) => id === speaker)).slice(-1);
}
