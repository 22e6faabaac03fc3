/**
 * What a room has seen leaves the browser's memory, a minute later.
 *
 * hls.js does that at any moment, and forgets then which parts it has of the segment that is just
 * coming (`FragmentTracker.detectEvictedFragments`, 1.7.4). Where what it has ends a hair before the
 * segment does, it asks for none of the next: from a room's second minute on its picture stood still
 * for 1.3 s every two seconds, for a while. So it is done once a segment is complete.
 */
import type Hls from "hls.js";

/** So much stays, in seconds: a short look back asks for nothing. */
const KEPT_S = 60;
/** So much goes at once. */
const LEAST_S = 20;

/** `kept`: how many seconds stay, `least`: how many go at once. */
export function putAwaySeen(player: typeof Hls, hls: Hls, video: HTMLVideoElement, kept = KEPT_S, least = LEAST_S): void {
  hls.on(player.Events.FRAG_BUFFERED, (_event, { frag, part }) => {
    const { buffered, currentTime } = video;
    const end = currentTime - kept;
    if (buffered.length === 0 || buffered.start(0) > end - least) return;
    if (frag.type !== "main" || (part && !isLast(hls, part))) return;
    hls.trigger(player.Events.BUFFER_FLUSHING, { startOffset: 0, endOffset: end, type: null });
  });
}

/** Whether the segment of this part is complete with it. */
function isLast(hls: Hls, { fragment, index }: { fragment: { sn: number | string }; index: number }): boolean {
  const details = hls.latestLevelDetails;
  if (!details || Number(fragment.sn) > details.endSN) return false;
  return !details.partList?.some((other) => other.fragment.sn === fragment.sn && other.index > index);
}
