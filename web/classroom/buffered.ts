/** What a player has loaded of the stretch around a place. */

/** Until when it is loaded from there on, in seconds of the media; null where nothing is. */
export function bufferedUntil({ buffered }: HTMLVideoElement, place: number): number | null {
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= place && place < buffered.end(index)) return buffered.end(index);
  }
  return null;
}
