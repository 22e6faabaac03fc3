/**
 * A part that the player waits for and does not get: hls.js now and then stands before the first part
 * of a segment for which it never sends its request, or whose answer does not come. It waits for ten
 * seconds, and its picture stands still after one.
 *
 * Measured in playlists, which come over the same line one after the other: on a slow one they are
 * late as well.
 */

/** What hls.js says of a part that it loads. */
export interface Asked {
  stats: { loading: { first: number } };
}

/** A part is asked for with the playlist that names it. It begins to come before the next but one. */
const PLAYLISTS = 3;

export class Hung {
  private part: Asked | null = null;
  private playlists = 0;

  /** A part is waited for; null: a segment or nothing. */
  waits(part: Asked | null = null): void {
    this.part = part;
    this.playlists = 0;
  }

  /** Another playlist has come. True where the part that is waited for should be asked for anew. */
  playlist(): boolean {
    if (!this.part || this.part.stats.loading.first > 0) return false;
    this.playlists += 1;
    if (this.playlists < PLAYLISTS) return false;
    this.playlists = 0;
    return true;
  }
}
