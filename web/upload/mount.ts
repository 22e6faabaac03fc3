/** Puts the page's elements together. */
import { fill, h, show } from "../shared/dom.ts";
import type { Actions } from "./actions.ts";
import { buildEmpty, buildLot, buildToolbar } from "./lot.ts";
import { buildPanel } from "./panel.ts";
import { Rows } from "./rows.ts";
import { EMPTY, type State } from "./store.ts";
import type { Config } from "./vocabulary.ts";

/** Answers, once it is known what its controls do, the function that draws a state. */
export function mountViews(root: HTMLElement, config: Config): (actions: Actions) => (state: State) => void {
  return (actions) => {
    const lot = buildLot(actions);
    const toolbar = buildToolbar(actions);
    const rows = new Rows(config.audiences, actions);
    const panel = buildPanel(config, actions);
    const empty = buildEmpty(actions);
    const work = h("div", { class: "upload-work" }, h("div", { class: "upload-list" }, toolbar.element, rows.element), panel.element);
    fill(root, lot.element, empty, work);
    attachDrop(root, actions);
    let asked = false;
    let latest = EMPTY;
    const draw = (): void => {
      asked = false;
      show(empty, latest.items.length === 0);
      show(work, latest.items.length > 0);
      for (const part of [lot, toolbar, panel]) part.update(latest);
      rows.update(latest, Date.now());
    };
    draw();
    return (state) => {
      latest = state;
      if (!asked) requestAnimationFrame(draw);
      asked = true;
    };
  };
}

function attachDrop(root: HTMLElement, actions: Actions): void {
  const over = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener("dragover", (event) => {
    if (!over(event)) return;
    event.preventDefault();
    root.classList.add("upload-over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) root.classList.remove("upload-over");
  });
  document.addEventListener("drop", (event) => {
    root.classList.remove("upload-over");
    if (!event.dataTransfer || !over(event)) return;
    event.preventDefault();
    actions.drop(event.dataTransfer);
  });
}
