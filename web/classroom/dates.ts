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

/** A piece as hls.js has it. */
export interface Found extends Piece {
  /** Pieces of one number are on one time line. */
  continuity: number;
  /** Where its first sample was found to be, in seconds of the media; null before it was loaded. */
  loaded: number | null;
}

/** So many before and after: sound of 1024 samples a frame begins with the picture once in four. */
const NEIGHBOURS = 4;
/** Twice a frame of sound. What is farther off was found in other media of the same number: a process died. */
const MOST_OFFSET_S = 0.05;

/**
 * Pieces, each where its picture begins.
 *
 * hls.js reckons by the sound where it found that to begin first, and the first frame of sound
 * begins up to 21 ms after the picture: another time in each piece, and not in each room alike, as
 * it depends on where it joined. Of neighbours the least of these is taken, which is soon none.
 */
export function aligned(found: readonly Found[]): Piece[] {
  const offsets = found.map(({ start, date, loaded }) => date / 1000 - (loaded ?? start));
  // A list of a whole lesson is gone through with every part: nothing is made for each piece but it.
  return found.map(({ start, duration, date, continuity }, at) => {
    const own = date / 1000 - start;
    let most = own;
    for (let near = at - NEIGHBOURS; near <= at + NEIGHBOURS; near += 1) {
      const offset = offsets[near] ?? own;
      if (found[near]?.continuity === continuity && offset - own < MOST_OFFSET_S) most = Math.max(most, offset);
    }
    return { start: start - (most - own), duration, date };
  });
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
