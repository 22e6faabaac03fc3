/** What a classroom's screen should show, asked again and again: GET /api/v1/room. */
import { Problem, request } from "../../shared/api.ts";
import { Emitter } from "../emitter.ts";
import type { RecordingRule } from "../recording_rule.ts";

/** How pupils' phones come in. */
export interface PhoneDoor {
  code: string;
  url: string;
  qr: string;
}

export interface ClassNext {
  id: number;
  title: string;
  mode: "interactive" | "broadcast";
  moment: "too-early" | "doors-open" | "should-run" | "late" | "over";
  /** It was begun: the clock alone does not say so. */
  running: boolean;
  may_join: boolean;
  begins_at: string;
  ends_at: string;
  teacher: string;
  school: string;
  beside: string | null;
  leads: boolean;
  delay_ms: number;
  /** The rooms that take part, with their schools, by number. */
  rooms: Record<string, string>;
  recording: RecordingRule;
  /** A recording appliance may push from the room that leads. */
  appliance: boolean;
  phones: PhoneDoor | null;
}

export interface RoomNow {
  id: number;
  name: string;
  school: string;
  now: string;
  next: ClassNext | null;
}

interface StandbyEvents {
  now: RoomNow;
  /** The service does not answer; it is asked again by itself. */
  silent: undefined;
  /** The device has to be signed in anew. */
  out: undefined;
}

/** Near a lesson a beginning is noticed within seconds; else a screen asks seldom. */
const SOON_MS = 4_000;
const SELDOM_MS = 10_000;
const SOON_BEFORE_MS = 20 * 60_000;
const LONGEST_MS = 30_000;
/** All screens of a county lose a service that starts anew at one moment. */
const SPREAD = 0.3;
const NOT_SIGNED_IN = 401;
const NOT_A_ROOM = 403;

export class Standby extends Emitter<StandbyEvents> {
  /** What the service's clock is ahead of this one, in ms. */
  ahead = 0;
  private failures = 0;

  start(): void {
    void this.ask();
  }

  /** The service's time, in ms. */
  get clock(): number {
    return Date.now() + this.ahead;
  }

  private async ask(): Promise<void> {
    let wait = SELDOM_MS;
    try {
      const now = await request<RoomNow>("/api/v1/room");
      this.failures = 0;
      this.ahead = Date.parse(now.now) - Date.now();
      this.tell("now", now);
      if (now.next && Date.parse(now.next.begins_at) - this.clock < SOON_BEFORE_MS) wait = SOON_MS;
    } catch (error) {
      wait = this.onFailure(error);
    }
    window.setTimeout(() => void this.ask(), wait * (1 + SPREAD * (Math.random() - 0.5)));
  }

  private onFailure(error: unknown): number {
    this.failures += 1;
    if (error instanceof Problem && (error.status === NOT_SIGNED_IN || error.status === NOT_A_ROOM)) this.tell("out", undefined);
    else this.tell("silent", undefined);
    return Math.min(LONGEST_MS, SOON_MS * 2 ** (this.failures - 1));
  }
}
