/**
 * Who is in the talk now: `ClassState.in_talk` of `tongke/live/state.py`.
 *
 * By what happens and not by what is shown: a room that is called up is asked at once, while others
 * see that a second later, when their picture has come so far.
 */
import { Emitter } from "../emitter.ts";
import type { Session } from "../session.ts";
import type { Happened, Level, Snapshot } from "../vocabulary.ts";

interface SeatsEvents {
  /** Somebody has come into the talk or left it, was muted, or gets more or less of the lesson. */
  changed: undefined;
}

export class TalkSeats extends Emitter<SeatsEvents> {
  private lesson: Snapshot["lesson"] = "broadcast";
  private phase: Snapshot["phase"] = "waiting";
  private speaking = new Set<string>();
  private admitted = new Set<string>();
  private muted = new Set<string>();
  private levels = new Map<string, Level>();

  constructor(session: Session) {
    super();
    if (session.hello) this.restore(session.hello.state);
    session.on("hello", ({ state }) => {
      this.restore(state);
      this.tell("changed", undefined);
    });
    session.on("event", (event) => {
      if (this.apply(event)) this.tell("changed", undefined);
    });
  }

  get rooms(): string[] {
    return [...this.admitted].filter((room) => this.has(room));
  }

  has(room: string): boolean {
    const called = this.lesson === "interactive" || this.speaking.has(room);
    return called && this.phase === "running" && this.admitted.has(room);
  }

  isMuted(room: string): boolean {
    return this.muted.has(room);
  }

  /** As much of the lesson as the room's line carries, or as somebody there chose. */
  level(room: string): Level {
    return this.levels.get(room) ?? "full";
  }

  private restore({ lesson, phase, stage, rooms = [] }: Snapshot): void {
    this.lesson = lesson;
    this.phase = phase;
    this.speaking = new Set(stage?.speaking);
    // Of rooms that are not admitted, others are not told.
    this.admitted = new Set(rooms.filter(({ admitted }) => admitted !== false).map(({ id }) => id));
    this.muted = new Set(rooms.filter(({ muted }) => muted).map(({ id }) => id));
    this.levels = new Map(rooms.map(({ id, level = "full" }) => [id, level]));
  }

  /** Whether it makes a difference here. */
  private apply(event: Happened): boolean {
    const room = event.room as string;
    switch (event.kind) {
      case "begin":
        this.phase = "running";
        return true;
      case "end":
        this.phase = "ended";
        this.speaking.clear();
        return true;
      case "call_up":
        return !!this.speaking.add(room);
      case "sit_down":
        return this.speaking.delete(room);
      case "admit":
        return !!this.admitted.add(room);
      case "remove":
        return this.admitted.delete(room);
      case "mute":
        return event.on ? !!this.muted.add(room) : this.muted.delete(room);
      case "line":
        return !!this.levels.set(room, event.level as Level);
      case "prepare":
        return this.prepare(event);
      default:
        return false;
    }
  }

  private prepare(event: Happened): boolean {
    this.lesson = event.lesson as Snapshot["lesson"];
    for (const { id } of event.rooms as { id: string }[]) this.admitted.add(id);
    return true;
  }
}
