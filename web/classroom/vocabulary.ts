/** What is said in a class: the shapes of `tongke/live/bodies.py` and `views.py` in JSON. */

export type View = "teacher" | "slides" | "both" | "room_in_corner" | "all_rooms" | "board";
export type Level = "full" | "small_picture" | "slides_and_sound" | "sound_only";
/** What the lesson's picture comes from: the lead teacher's page, or the room's recording appliance. */
export type PictureSource = "page" | "appliance";
export type Playing = "lesson" | "talk" | "past";
export type Colour = "chalk" | "yellow" | "green" | "red";
/** Of the surface's width and height, 0 to 1. */
export type Point = [number, number];

export interface Page {
  deck: string;
  number: number;
}

export interface Question {
  kind: "single" | "multiple" | "true_false" | "short";
  text: string;
  options: string[];
  /** Absent while one may not know it. */
  right?: string[];
  page: Page | null;
}

export interface Count {
  key: string;
  count: number;
  right: boolean;
}

export interface RoomResult {
  room: string;
  answered: number;
  right: number;
  rate: number | null;
  counts: Count[];
  by_class?: boolean;
  /** Whether what the class answered together is right. */
  class_right?: boolean | null;
}

export interface Result {
  answered: number;
  right: number;
  rate: number | null;
  counts: Count[];
  rooms: RoomResult[];
  fastest: { by?: string; room: string; taken_ms: number }[];
  /** Of classes that answered together, for want of pupils who did alone. */
  by_class?: boolean;
}

export interface Quiz {
  quiz: string;
  question: Question;
  opened_ms: number;
  closes_ms: number | null;
  result: Result | null;
}

export interface Stroke {
  stroke: string;
  colour: Colour;
  width: number;
  points: Point[];
}

export interface StageState {
  layout: View;
  page: Page | null;
  ink: { page: Page | null; strokes: Stroke[] }[];
  spotlight: { x: number; y: number; width: number; height: number } | null;
  timer: { began_ms: number; seconds: number } | null;
  speaking: string[];
  quiz: Quiz | null;
}

/** A receiving room; of others than one's own a room knows `id` and `name` alone. */
export interface Room {
  id: string;
  name: string;
  admitted?: boolean;
  /** Sent out, and not let in since. */
  removed?: boolean;
  present?: boolean;
  /** Since when it is away; null of one that never came. */
  gone_ms?: number | null;
  /** It is away and did not hang up. */
  dropped?: boolean;
  muted?: boolean;
  hand?: number;
  hand_ms?: number;
  heads?: number | null;
  counted?: boolean;
  level?: Level;
  playing?: Playing;
}

/** A teacher at a desk of her own in a training; `hand_ms` is since when her hand is up. */
export interface Trainee {
  id: string;
  name: string;
  school: string;
  present: boolean;
  hand_ms: number | null;
}

export interface Given {
  by: string;
  room: string;
  given?: string[];
  shown_ms: number;
}

/** `views.snapshot`: what is missing is not so, or this role may not know it. Of a device: phase, lesson, quiz and answer. */
export interface Snapshot {
  phase: "waiting" | "running" | "ended";
  lesson: "interactive" | "broadcast";
  admitted?: boolean;
  /** To a room that was sent out. */
  removed?: boolean;
  media_ms?: number;
  begun_ms?: number | null;
  ended_ms?: number | null;
  publishing?: boolean;
  /** What gives the picture, or gave it last. */
  picture_source?: PictureSource;
  roll_called_ms?: number | null;
  stage?: StageState;
  rooms?: Room[];
  /** To the lead all of them, to a trainee herself. */
  trainees?: Trainee[];
  answers?: Given[];
  messages?: Happened[];
  notes?: Happened[];
  quiz?: Quiz | null;
  answer?: string[] | null;
}

/** What a room has measured of itself: how long after its capture a picture is shown, and how near to its time, ms. */
export interface Lag {
  lag_ms: number;
  skew_ms: number;
}

/** As a room says it of itself. */
export interface OwnLag extends Lag {
  need_ms?: number;
}

/** `tongke/live/presence.py`: what is so at this moment. What is missing, this role may not know. */
export interface Presence {
  /** How far the rooms are from the middle between the earliest and the latest; null of fewer than two. */
  spread_ms: number | null;
  /** The rooms that follow the lesson. */
  rooms?: Record<string, Lag>;
  /** How many teachers are in a training, at desks of their own. */
  trainees?: number;
}

/** An event, with the fields of its kind beside these. */
export interface Happened {
  seq: number;
  at: number;
  media_ms: number;
  kind: string;
  by: { role: string; room: string; id?: string };
  [field: string]: unknown;
}
