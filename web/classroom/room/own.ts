/** What a receiving room knows of itself: its hand, its heads, who of it has answered. */
import { roomChange } from "../room_change.ts";
import type { Hello } from "../session.ts";
import type { Happened, Room } from "../vocabulary.ts";

export class Own {
  id = "";
  room: Room = { id: "", name: "" };
  phase: "waiting" | "running" | "ended" = "waiting";
  interactive = false;
  /** Called up, at once and not at the media time: the room is to be heard within two seconds. */
  isCalled = false;
  /** Pupils of this room that have answered the quiz on the screen, each by a phone. */
  private answered = new Set<string>();
  private readonly others = new Map<string, string>();
  /** What the class has answered together: it is no pupil (`tongke/live/scoring.py`). */
  given: string[] = [];

  get isAdmitted(): boolean {
    return this.room.admitted !== false;
  }

  /** Sent out: a room that knocks was never in. */
  get isRemoved(): boolean {
    return !this.isAdmitted && this.room.removed === true;
  }

  /** Whether the room is seen and heard by the lead. */
  get isInTalk(): boolean {
    return this.phase === "running" && this.isAdmitted && (this.interactive || this.isCalled);
  }

  /** Whether the lead sees a still of it now and then: a line that carries sound alone carries no more. */
  get showsItself(): boolean {
    return this.phase === "running" && this.isAdmitted && !this.isInTalk && this.room.level !== "sound_only";
  }

  get answers(): number {
    return this.answered.size;
  }

  /** The class as it is now: the line may have been away when the room was sent out, or let in. */
  take({ seat, state }: Hello): void {
    this.id = seat;
    this.phase = state.phase;
    this.interactive = state.lesson === "interactive";
    this.isCalled = state.stage?.speaking.includes(seat) ?? false;
    for (const { id, name } of state.rooms ?? []) this.others.set(id, name);
    const mine = state.rooms?.find(({ id }) => id === seat);
    this.room = { id: seat, name: mine?.name ?? "", ...mine, admitted: state.admitted ?? mine?.admitted ?? true, removed: state.removed ?? false };
    this.answered = new Set();
    this.given = [];
    for (const { by, given } of state.answers ?? []) this.count(by, given);
  }

  apply(event: Happened): void {
    if (event.kind === "begin") this.phase = "running";
    else if (event.kind === "end") this.end();
    else if (event.kind === "roll_call") this.room = { ...this.room, counted: false };
    else if (event.kind === "open_quiz") this.forget();
    else if (event.kind === "answer") this.count(`${event.by.role}:${event.by.id ?? ""}`, event.given as string[] | undefined);
    if (event.room !== this.id) return;
    if (event.kind === "call_up" || event.kind === "sit_down") this.isCalled = event.kind === "call_up";
    this.room = { ...this.room, ...roomChange(event) };
  }

  /** What a room of the class is called, in its school. */
  nameOf(room: string): string {
    return this.others.get(room) ?? "";
  }

  /** What the room has just said of itself: the class's word of it is still to come. */
  change(said: Partial<Room>): void {
    this.room = { ...this.room, ...said };
  }

  private end(): void {
    this.phase = "ended";
    this.isCalled = false;
    this.room = { ...this.room, hand: 0 };
  }

  private forget(): void {
    this.answered = new Set();
    this.given = [];
  }

  private count(by: string, given: string[] | undefined): void {
    if (!by.startsWith("room:")) this.answered.add(by);
    else if (given) this.given = given;
  }
}
