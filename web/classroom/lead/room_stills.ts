/** What the rooms look like that are not in the talk: the last still of each, for the row of rooms alone. */
import { h } from "../../shared/dom.ts";
import type { Session } from "../session.ts";

/** Two that did not come: what is older may be another class in that room. */
const FRESH_MS = 30_000;

export class RoomStills {
  private readonly stills = new Map<string, { image: HTMLImageElement; at: number }>();

  constructor(session: Session) {
    session.on("still", ({ room, jpeg }) => {
      const image = this.stills.get(room)?.image ?? h("img", { alt: "" });
      image.src = `data:image/jpeg;base64,${jpeg}`;
      this.stills.set(room, { image, at: performance.now() });
    });
  }

  /** Null while there is none, or none that is new. */
  of(room: string): HTMLImageElement | null {
    const still = this.stills.get(room);
    return still && performance.now() - still.at < FRESH_MS ? still.image : null;
  }
}
