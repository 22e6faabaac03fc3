/** Who the picture is for: receiving rooms, or in a training without any the teachers at desks of their own. */
import type { Desk } from "./desk.ts";
import { say, type Key } from "./say.ts";

/** What is said otherwise where there are no rooms. */
export type Told = Key extends infer K ? (K extends `${infer Base}.desks` ? Base : never) : never;

export function hasRooms({ config, classroom }: Pick<Desk, "config" | "classroom">): boolean {
  return config.purpose !== "training" || classroom.roster.rooms.length > 0;
}

export function sayTo(desk: Pick<Desk, "config" | "classroom">, key: Told): string {
  return say(hasRooms(desk) ? key : `${key}.desks`);
}
