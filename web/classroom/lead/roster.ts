/** The receiving rooms as the lead's page knows them: `tongke/live/state.py`, from its events. */
import { roomChange } from "../room_change.ts";
import type { Happened, Level, Playing, Presence, Room } from "../vocabulary.ts";
import type { Seat } from "./config.ts";

export interface Seated {
  id: string;
  name: string;
  school: string;
  admitted: boolean;
  /** Sent out, and not let in since. */
  removed: boolean;
  present: boolean;
  muted: boolean;
  /** How many hands are up. */
  hand: number;
  heads: number | null;
  /** Whether its heads were counted since the last roll call. */
  counted: boolean;
  level: Level;
  playing: Playing;
  /** How long after its capture a picture is shown there, ms; null while it has not measured. */
  lagMs: number | null;
  /** Since when it is away, on the lesson's clock; null while it is here, and of one that never came. */
  awaySince: number | null;
  /** It hung up itself. */
  left: boolean;
}

export class Roster {
  /** How far the rooms are apart, as they have measured it; null of fewer than two. */
  spreadMs: number | null = null;
  rollCalledMs: number | null = null;
  private readonly seated = new Map<string, Seated>();
  private readonly seats: Map<string, Seat>;

  constructor(seats: readonly Seat[]) {
    this.seats = new Map(seats.map((seat) => [seat.id, seat]));
  }

  /** Who knocks first, then in the order of the booking; who was sent out may be let in again. */
  get rooms(): Seated[] {
    const all = [...this.seated.values()];
    const known = all.filter(({ admitted, removed }) => admitted || removed);
    return [...all.filter((room) => room.present && !known.includes(room)), ...known];
  }

  get(id: string): Seated | undefined {
    return this.seated.get(id);
  }

  /** Pupils of the rooms that are here. */
  get heads(): number {
    return this.rooms.reduce((sum, room) => sum + (room.admitted && room.present ? (room.heads ?? 0) : 0), 0);
  }

  restore(rooms: readonly Room[], rollCalledMs: number | null): void {
    this.seated.clear();
    for (const { gone_ms: awaySince = null, dropped = false, ...told } of rooms) {
      const seat = this.seat(told.id);
      Object.assign(seat, told, { name: told.name || seat.name, awaySince, left: awaySince !== null && !dropped });
    }
    this.rollCalledMs = rollCalledMs;
  }

  /** How far the rooms are behind. */
  hear({ spread_ms, rooms = {} }: Presence): void {
    this.spreadMs = spread_ms;
    for (const room of this.seated.values()) room.lagMs = rooms[room.id]?.lag_ms ?? null;
  }

  apply(event: Happened): void {
    const room = event.room as string | undefined;
    if (event.kind === "join" || event.kind === "leave") this.comeOrGo(event);
    else if (event.kind === "prepare") this.prepare(event.rooms as Seat[]);
    else if (event.kind === "roll_call") this.callRoll(event.media_ms);
    else if (event.kind === "end") for (const each of this.seated.values()) each.hand = 0;
    else if (room !== undefined) Object.assign(this.seat(room), roomChange(event));
  }

  private seat(id: string): Seated {
    const known = this.seated.get(id);
    if (known) return known;
    const { name, school } = this.seats.get(id) ?? { name: id, school: "" };
    const made: Seated = {
      id, name, school, admitted: false, removed: false, present: false, muted: false, hand: 0, heads: null,
      counted: false, level: "full", playing: "lesson", lagMs: null, awaySince: null, left: false,
    };
    this.seated.set(id, made);
    return made;
  }

  private prepare(rooms: readonly Seat[]): void {
    for (const { id, name } of rooms) Object.assign(this.seat(id), { name, admitted: true, removed: false });
  }

  private comeOrGo({ kind, by, dropped, media_ms }: Happened): void {
    const comes = kind === "join";
    if (by.role !== "room") return;
    const room = this.seat(by.room);
    room.present = comes;
    room.left = !comes && !dropped;
    room.awaySince = comes ? null : media_ms;
  }

  private callRoll(mediaMs: number): void {
    this.rollCalledMs = mediaMs;
    for (const room of this.seated.values()) room.counted = false;
  }
}
