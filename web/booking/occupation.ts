/** What the form of a booking would occupy, as `POST /api/v1/classes/clashes` takes it. */

export interface Occupation {
  when: { day: string; period: number | null; begins: string | null; ends: string | null; repeat: string };
  school_id: number;
  room_ids: number[];
  teacher_ids: number[];
  but: number | null;
  /** Of a change: this class, or those that follow in its series as well. */
  scope: "one" | "following";
}

/** `null` while the day or the time is not there yet. `moved` is the class that is being changed. */
export function occupation(form: FormData, school: string, moved: string | undefined): Occupation | null {
  const text = (name: string): string => String(form.get(name) ?? "");
  const period = text("period");
  const begins = text("begins");
  const ends = text("ends");
  if (!text("day") || (!period && !(begins && ends))) return null;
  const seats = form.getAll("seat").map(String);
  const beside = seats.map((room) => text(`teacher-${room}`));
  return {
    when: {
      day: text("day"),
      period: period ? Number(period) : null,
      begins: period ? null : begins,
      ends: period ? null : ends,
      repeat: text("repeat") || "once",
    },
    school_id: Number(school),
    room_ids: numbers([text("room"), ...seats]),
    teacher_ids: numbers([text("teacher"), ...beside]),
    but: moved === undefined ? null : Number(moved),
    scope: text("scope") === "following" ? "following" : "one",
  };
}

function numbers(texts: string[]): number[] {
  return [...new Set(texts.filter(Boolean).map(Number))];
}
