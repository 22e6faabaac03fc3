/** A line at the foot of the page that says what was done, with a way back. */
import { h } from "./dom.ts";
import { t } from "./i18n.ts";

/** Long enough to read a line and reach the button by keyboard. */
const SHOWN_MS = 6000;

/** Say that something was done. */
export function toast(text: string): void {
  raise(text, null, () => undefined);
}

/**
 * Say that something is done, and do it only when the line has gone: until then 「撤销」 calls
 * `undo` in its place. A page that is left has decided: `commit` runs.
 */
export function toastWithUndo(text: string, commit: () => void, undo: () => void): void {
  raise(text, undo, commit);
}

function raise(text: string, undo: (() => void) | null, commit: () => void): void {
  const button = undo && h("button", { type: "button", class: "page-toast-undo" }, t("toast.undo"));
  const line = h("div", { class: "page-toast", role: "status" }, h("span", {}, text), button);
  const finish = (act: () => void): void => {
    clearTimeout(timer);
    window.removeEventListener("pagehide", commitNow);
    line.remove();
    act();
  };
  const commitNow = (): void => finish(commit);
  const timer = setTimeout(commitNow, SHOWN_MS);
  window.addEventListener("pagehide", commitNow);
  button?.addEventListener("click", () => finish(undo ?? commit));
  shelf().append(line);
}

function shelf(): HTMLElement {
  const existing = document.querySelector<HTMLElement>(".page-toasts");
  if (existing) return existing;
  const made = h("div", { class: "page-toasts" });
  document.body.append(made);
  return made;
}
