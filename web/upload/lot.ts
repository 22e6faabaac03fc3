/** The head of the page: the whole lot as one bar, each file as wide as its bytes. */
import { h, icon, setText, show } from "../shared/dom.ts";
import { bytes, span } from "../shared/format.ts";
import { t } from "../shared/i18n.ts";
import type { Actions } from "./actions.ts";
import { totals } from "./plan.ts";
import type { Item, State } from "./store.ts";

export interface Part {
  element: HTMLElement;
  update(state: State): void;
}

export function buildLot(actions: Actions): Part {
  const title = h("h1", {});
  const done = h("b", {});
  const all = h("span", {});
  const left = h("span", { class: "upload-left" });
  const bar = h("div", { class: "upload-lot-bar", role: "img" });
  const progress = h("div", { class: "upload-lot" }, h("p", { class: "upload-lot-line" }, h("span", {}, done, all), left), bar);
  const choose = h("div", { class: "upload-choose" },
    h("button", { type: "button", class: "button", on: { click: actions.chooseFiles } }, icon("file", 18), t("upload.chooseFiles")),
    h("button", { type: "button", class: "button upload-folder", on: { click: actions.chooseFolder } }, icon("folder", 18), t("upload.chooseFolder")));
  const element = h("div", { class: "upload-head" },
    h("div", { class: "upload-heading" }, title, h("p", {}, t("upload.safeToClose"))), progress, choose);
  const segments = new Map<string, HTMLElement>();
  const update = (state: State): void => {
    const sums = totals(state.items);
    setText(title, state.items.length ? t("upload.heading", { n: state.items.length }) : t("upload.headingEmpty"));
    show(progress, sums.files > 0);
    // Before the first file the same two buttons stand in the middle of the page.
    show(choose, state.items.length > 0);
    setText(done, bytes(sums.sent));
    setText(all, t("upload.ofSent", { size: bytes(sums.size) }));
    setText(left, sums.left === null ? "" : t("upload.left", { time: span(sums.left) }));
    bar.setAttribute("aria-label", t("upload.lotLabel", { sent: bytes(sums.sent), size: bytes(sums.size) }));
    drawSegments(bar, segments, state.items);
  };
  return { element, update };
}

function drawSegments(bar: HTMLElement, segments: Map<string, HTMLElement>, items: readonly Item[]): void {
  const drawn = items.filter(({ phase }) => phase.name !== "failed" && phase.name !== "known");
  for (const [key, segment] of segments) {
    if (drawn.some((item) => item.key === key)) continue;
    segment.remove();
    segments.delete(key);
  }
  drawn.forEach((item, index) => {
    const segment = segments.get(item.key) ?? h("div", {}, h("div", { class: "upload-segment-fill" }));
    segments.set(item.key, segment);
    const tone = { cut: "due", absent: "due", queued: "waiting" }[item.phase.name as string] ?? "plain";
    segment.className = `upload-segment upload-segment-${tone}`;
    segment.style.flexGrow = String(item.size);
    (segment.firstElementChild as HTMLElement).style.width = `${item.size ? (item.sent / item.size) * 100 : 100}%`;
    if (bar.children[index] !== segment) bar.insertBefore(segment, bar.children[index] ?? null);
  });
}

/** The line over the rows: what is selected, and uploads of an earlier visit that wait for their files. */
export function buildToolbar(actions: Actions): Part {
  let keys: string[] = [];
  let absent: string[] = [];
  const all = h("input", { type: "checkbox", class: "upload-box", "aria-label": t("upload.selectAll"), on: { change: () => actions.select(all.checked ? keys : []) } });
  const selected = h("b", {});
  const remove = h("button", { type: "button", class: "upload-tool" }, t("upload.removeSelected"));
  const unfinished = h("span", { class: "upload-unfinished" });
  const goOn = h("button", { type: "button", class: "button small", on: { click: () => actions.reopen(absent) } }, t("upload.continueAll"));
  const bar = h("div", { class: "upload-toolbar" }, h("label", { class: "upload-box-area" }, all), selected, remove,
    h("span", { class: "upload-drop-hint" }, t("upload.dropHint")));
  const notice = h("div", { class: "upload-notice", role: "status" }, unfinished, goOn);
  let chosen: string[] = [];
  remove.addEventListener("click", () => actions.remove(chosen));
  const update = (state: State): void => {
    keys = state.items.map(({ key }) => key);
    chosen = state.selected.filter((key) => state.items.some((item) => item.key === key && isRemovable(item)));
    const waiting = state.items.filter(({ phase }) => phase.name === "absent");
    absent = waiting.filter(({ phase }) => phase.name === "absent" && phase.handle).map(({ key }) => key);
    all.checked = keys.length > 0 && state.selected.length === keys.length;
    all.indeterminate = state.selected.length > 0 && !all.checked;
    setText(selected, state.selected.length ? t("upload.selected", { n: state.selected.length }) : t("upload.selectAll"));
    show(remove, chosen.length > 1);
    show(notice, waiting.length > 0);
    show(goOn, absent.length > 0);
    setText(unfinished, t(absent.length ? "upload.unfinished" : "upload.unfinishedChoose", { n: waiting.length }));
  };
  return { element: h("div", {}, notice, bar), update };
}

/** What is published is taken back in 「我的作品」; what the service works on, one by one. */
export function isRemovable({ phase }: Item): boolean {
  return ["queued", "paused", "cut", "absent", "known", "failed", "uploading"].includes(phase.name);
}

/** The page before the first file. */
export function buildEmpty(actions: Actions): HTMLElement {
  return h("div", { class: "upload-empty" }, icon("upload", 44), h("p", { class: "upload-empty-title" }, t(canDrag() ? "upload.emptyTitle" : "upload.emptyTitleTouch")),
    h("p", {}, t("upload.emptyHint")),
    h("div", { class: "upload-choose" },
      h("button", { type: "button", class: "button primary", on: { click: actions.chooseFiles } }, t("upload.chooseFiles")),
      h("button", { type: "button", class: "button upload-folder", on: { click: actions.chooseFolder } }, t("upload.chooseFolder"))));
}

/** A phone has no file manager to drag from, nor folders to choose. */
function canDrag(): boolean {
  return matchMedia("(hover: hover)").matches;
}
