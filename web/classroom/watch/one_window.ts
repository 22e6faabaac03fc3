/** Pages that are written in, each in a window of its own. */

/**
 * Open a link there. Its window, where there is one, is come back to as it is: loaded anew, what was
 * typed in it would be gone.
 */
export function openOnce(event: MouseEvent, link: HTMLAnchorElement): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const opened = window.open("", link.target);
  // Windows are blocked here: the link is followed as it stands.
  if (!opened) return;
  event.preventDefault();
  if (opened.location.pathname !== link.pathname) opened.location.href = link.href;
  opened.focus();
}
