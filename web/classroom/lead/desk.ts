/** What every panel of the page works with, and what a panel is. */
import type { Classroom } from "./classroom.ts";
import type { Composer, RoomPictures } from "./composer.ts";
import type { Config } from "./config.ts";
import type { Devices } from "./devices.ts";
import type { Lesson } from "./lesson.ts";
import type { Mix } from "./mix.ts";
import type { Pen } from "./pen.ts";
import type { RoomStills } from "./room_stills.ts";
import type { Slides } from "./slides.ts";
import type { Turning } from "./turning.ts";

export interface Desk {
  config: Config;
  classroom: Classroom;
  lesson: Lesson;
  devices: Devices;
  mix: Mix;
  slides: Slides;
  turning: Turning;
  composer: Composer;
  pen: Pen;
  pictures: RoomPictures;
  stills: RoomStills;
}

export interface Panel {
  readonly element: HTMLElement;
  /** Bring it up to date with what is known: when something has changed, and twice a second. */
  draw(): void;
}

/** The name of the teacher's own sound in the mix. */
export const TEACHER = "teacher";
