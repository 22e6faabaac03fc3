/** Which of a list's entries the playhead is in. */

/** The index of the last that has begun at `second`, -1 before the first. `starts` are in order. */
export function currentOf(starts: readonly number[], second: number): number {
  let found = -1;
  // A link to a chapter lands a frame before or behind it.
  while (found + 1 < starts.length && (starts[found + 1] ?? Infinity) <= second + 0.1) found += 1;
  return found;
}

/** The seconds that a list's links name, in its order. */
export function secondsIn(list: Element): { link: HTMLAnchorElement; second: number }[] {
  return [...list.querySelectorAll<HTMLAnchorElement>("a[data-second]")].map((link) => ({ link, second: Number(link.dataset.second) }));
}

/** Mark the entry that plays, for eyes and for readers. */
export function markCurrent(list: Element, second: number): void {
  const entries = secondsIn(list);
  const current = currentOf(entries.map((entry) => entry.second), second);
  entries.forEach(({ link }, index) => {
    if (index === current) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
}
