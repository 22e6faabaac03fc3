/** Teachers at desks of their own in a training, as the lead's page knows them: `tongke/live/state.py`, from its events. */
import type { Happened, Trainee } from "../vocabulary.ts";

export class Trainees {
  private readonly known = new Map<string, Trainee>();

  /** Whether any has come so far. */
  get hasCome(): boolean {
    return this.known.size > 0;
  }

  get present(): Trainee[] {
    return [...this.known.values()].filter(({ present }) => present);
  }

  /** Who is here and has a hand up; who raised it first comes first. */
  get hands(): Trainee[] {
    const since = ({ hand_ms }: Trainee): number => hand_ms ?? Infinity;
    return this.present.filter(({ hand_ms }) => hand_ms !== null).sort((a, b) => since(a) - since(b));
  }

  restore(trainees: readonly Trainee[]): void {
    this.known.clear();
    for (const trainee of trainees) this.known.set(trainee.id, { ...trainee });
  }

  apply(event: Happened): void {
    const id = event.trainee as string;
    if (event.kind === "end") for (const each of this.known.values()) each.hand_ms = null;
    else if (event.kind === "arrive") this.arrive(id, event.name as string, event.school as string);
    else if (event.kind === "depart") this.change(id, { present: false });
    else if (event.kind === "hand_up") this.change(id, { hand_ms: event.media_ms });
    else if (event.kind === "hand_down") this.change(id, { hand_ms: null });
  }

  /** A hand that was up before a break still is. */
  private arrive(id: string, name: string, school: string): void {
    this.known.set(id, { id, name, school, present: true, hand_ms: this.known.get(id)?.hand_ms ?? null });
  }

  private change(id: string, change: Partial<Trainee>): void {
    const known = this.known.get(id);
    if (known) Object.assign(known, change);
  }
}
