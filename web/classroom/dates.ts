/**
 * Which moment of the lesson a place in the player's media is, and the other way round, by the
 * playlist's EXT-X-PROGRAM-DATE-TIME. Pure.
 *
 * After a break of the publisher the media go on without a hole and the dates leap.
 */

export interface Piece {
  /** In seconds of the media. */
  start: number;
  duration: number;
  /** In ms of the lesson's clock. */
  date: number;
}

/** What was captured at `time` (s), in ms of the lesson; null where no piece is. */
export function dateAt(pieces: readonly Piece[], time: number): number | null {
  // The newest first: a live player is near the end.
  for (let at = pieces.length - 1; at >= 0; at -= 1) {
    const piece = pieces[at];
    if (piece && piece.start <= time) return piece.date + (time - piece.start) * 1000;
  }
  return null;
}

/** Where `date` is, in seconds of the media; null before the first piece, in a hole, or after the last. */
export function placeOf(pieces: readonly Piece[], date: number): number | null {
  for (let at = pieces.length - 1; at >= 0; at -= 1) {
    const piece = pieces[at];
    if (!piece || piece.date > date) continue;
    const within = (date - piece.date) / 1000;
    return within < piece.duration ? piece.start + within : null;
  }
  return null;
}
