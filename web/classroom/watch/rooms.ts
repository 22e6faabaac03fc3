/** The rooms of a class as who watches knows them, from its events. */
import { roomChange } from "../room_change.ts";
import type { Hello } from "../session.ts";
import type { Happened, Room } from "../vocabulary.ts";

export class Rooms {
  private rooms = new Map<string, Room>();
  private speaking = new Set<string>();
  private hello: Hello | null = null;

  get(id: string): Room | undefined {
    return this.rooms.get(id);
  }

  isSpeaking(id: string): boolean {
    return this.speaking.has(id);
  }

  get admitted(): Room[] {
    return [...this.rooms.values()].filter(({ admitted }) => admitted !== false);
  }

  get present(): Room[] {
    return this.admitted.filter(({ present }) => present);
  }

  /** Whether it is known how a room is doing: to who observes of all, to who is with a room's pupils of that one. */
  knows(id: string): boolean {
    return this.hello !== null && (this.hello.role === "observer" || this.hello.seat === id);
  }

  /** Pupils of the rooms that are here; null while none of them has counted. */
  get heads(): number | null {
    const counted = this.present.map(({ heads }) => heads ?? null).filter((heads) => heads !== null);
    return counted.length ? counted.reduce((sum, heads) => sum + heads, 0) : null;
  }

  take(hello: Hello): void {
    const { state } = hello;
    this.hello = hello;
    this.rooms = new Map((state.rooms ?? []).map((room) => [room.id, room]));
    this.speaking = new Set(state.stage?.speaking);
  }

  /** Whether it changes anything here. */
  apply(event: Happened): boolean {
    const { kind, by } = event;
    const room = event["room"] as string;
    if (kind === "call_up") this.speaking.add(room);
    else if (kind === "sit_down") this.speaking.delete(room);
    else if (kind === "prepare") this.prepare(event["rooms"] as { id: string; name: string }[]);
    else if (kind === "end") this.end();
    else if ((kind === "join" || kind === "leave") && by.role === "room") this.change(by.room, { present: kind === "join" });
    else {
      const change = roomChange(event);
      if (!change) return false;
      this.change(room, change);
    }
    return true;
  }

  private prepare(booked: { id: string; name: string }[]): void {
    for (const { id, name } of booked) this.change(id, { name, admitted: true });
  }

  private end(): void {
    this.speaking.clear();
    for (const id of this.rooms.keys()) this.change(id, { hand: 0 });
  }

  private change(id: string, change: Partial<Room>): void {
    this.rooms.set(id, { ...(this.rooms.get(id) ?? { id, name: "" }), ...change });
  }
}
