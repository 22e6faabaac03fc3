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

/** Lists whose current entry has changed, and that have not been scrolled to it. */
const behind = new WeakSet<Element>();

/** Mark the entry that plays, for eyes and for readers, and keep it in sight. */
export function markCurrent(list: Element, second: number): void {
  const entries = secondsIn(list);
  const current = currentOf(entries.map((entry) => entry.second), second);
  entries.forEach(({ link }, index) => {
    if (index !== current) link.removeAttribute("aria-current");
    else if (!link.hasAttribute("aria-current")) {
      link.setAttribute("aria-current", "true");
      behind.add(list);
    }
  });
  if (behind.has(list) && !isInUse(list)) {
    behind.delete(list);
    follow(list, entries[current]?.link.closest("li") ?? null);
  }
}

/** Somebody reads in it: a list that moves away under the pointer is no use. A touch leaves no
 * pointer behind. */
function isInUse(list: Element): boolean {
  return (list.matches(":hover") && matchMedia("(hover: hover)").matches) || list.querySelector(":focus-visible") !== null;
}

/** Scroll the list alone, not the page, and only where its entry is out of sight. */
function follow(list: Element, entry: Element | null): void {
  if (entry === null) return;
  const box = list.getBoundingClientRect();
  const { top, bottom } = entry.getBoundingClientRect();
  if (top < box.top || bottom > box.bottom) list.scrollTop += (top + bottom) / 2 - (box.top + box.bottom) / 2;
}
