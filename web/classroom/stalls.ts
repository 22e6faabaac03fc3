/**
 * Beside the pictures of a lesson: what to do, and to say, when none come.
 */
import { bufferedUntil } from "./buffered.ts";
import { placeOf } from "./dates.ts";
import type { LiveSource } from "./live.ts";

export interface Watched {
  video: HTMLVideoElement;
  source: LiveSource;
  /** The moment of the lesson that should be shown, in ms of its clock. */
  target(): number;
  leapTo(moment: number): void;
  play(): void;
}

/** So long without a picture is a stall. */
const STALL_MS = 1000;
/** So long without a picture though the playlist goes on: something in the browser hangs. */
const HANGS_MS = 10_000;

export class Stalls {
  private movedAt = -Infinity;
  /** When something was last in the way of what should come. */
  private troubledAt = -Infinity;
  private isOver = false;
  private readonly watched: Watched;

  constructor(watched: Watched) {
    this.watched = watched;
    watched.source.on("ended", () => (this.isOver = true));
  }

  moved(at: number): void {
    this.movedAt = at;
  }

  private get stillMs(): number {
    return performance.now() - this.movedAt;
  }

  /** A picture that stands still goes where it should be, if that is there. */
  rouse(): void {
    const { video, source, target, leapTo, play } = this.watched;
    const still = this.stillMs;
    if (source.trouble) this.troubledAt = performance.now();
    if (still <= STALL_MS || (video.seeking && still < HANGS_MS)) return;
    const place = placeOf(source.pieces, target());
    // Where there is nothing to play, the player does not hang.
    if (place === null) this.troubledAt = performance.now();
    if (place === null) return;
    if (Math.min(still, performance.now() - this.troubledAt) > HANGS_MS) {
      this.movedAt = performance.now();
      source.create();
    } else if (bufferedUntil(video, video.currentTime) === null || Math.abs(place - video.currentTime) > STALL_MS / 1000) leapTo(target());
    play();
  }

  /** Why there is no picture; null while there is. `isHeld`: it stands still on purpose. */
  why(isHeld: boolean): "waiting" | "broken" | "ended" | null {
    const { video, source } = this.watched;
    const stands = this.stillMs > STALL_MS;
    if (this.isOver && (stands || video.ended)) return "ended";
    if (source.pieces.length > 0 && (!stands || isHeld || video.paused)) return null;
    return source.trouble?.kind === "line" ? "broken" : "waiting";
  }
}
