/** The list of files: one row each, made once and brought up to date in place. */
import { fill, h, icon, setAttribute, setText, show } from "../shared/dom.ts";
import { bytes, shorten } from "../shared/format.ts";
import type { IconName } from "../shared/icons.ts";
import { t } from "../shared/i18n.ts";
import type { Actions } from "./actions.ts";
import { describe, type Description } from "./describe.ts";
import { turnOf } from "./plan.ts";
import type { Item, State } from "./store.ts";
import type { Audience } from "./vocabulary.ts";

/** Letters of a name that fit beside the bar at 1366. */
const NAME_LETTERS = 40;

interface Row {
  element: HTMLElement;
  update(item: Item, state: State, now: number): void;
}

export class Rows {
  readonly element = h("ul", { class: "upload-rows", "aria-label": t("upload.files") });
  private readonly rows = new Map<string, Row>();
  private readonly audiences: readonly Audience[];
  private readonly actions: Actions;

  constructor(audiences: readonly Audience[], actions: Actions) {
    this.audiences = audiences;
    this.actions = actions;
  }

  update(state: State, now: number): void {
    for (const [key, row] of this.rows) {
      if (state.items.some((item) => item.key === key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    state.items.forEach((item, index) => {
      const row = this.rowOf(item);
      row.update(item, state, now);
      const here = this.element.children[index];
      if (here !== row.element) this.element.insertBefore(row.element, here ?? null);
    });
  }

  private rowOf(item: Item): Row {
    const known = this.rows.get(item.key);
    if (known) return known;
    const made = buildRow(item, this.audiences, this.actions);
    this.rows.set(item.key, made);
    return made;
  }
}

function buildRow(item: Item, audiences: readonly Audience[], actions: Actions): Row {
  let selected: string[] = [];
  const box = h("input", {
    type: "checkbox", class: "upload-box", "aria-label": t("upload.selectFile", { name: item.name }),
    on: { change: () => actions.select(box.checked ? [...selected, item.key] : selected.filter((key) => key !== item.key)) },
  });
  const picture = h("div", { class: "upload-picture" }, icon(iconOf(item.name), 34));
  const title = h("b", { class: "upload-title" });
  const bar = h("div", { class: "upload-bar" }, h("div", { class: "upload-bar-fill" }));
  const detail = h("p", { class: "upload-detail" });
  const tools = h("div", { class: "upload-tools" });
  const element = h("li", { class: "upload-row", on: { click: (event) => onRowClick(event, item.key, actions) } },
    h("label", { class: "upload-box-area" }, box), picture,
    h("div", { class: "upload-name" }, h("b", { title: item.name }, shorten(item.name, NAME_LETTERS)),
      h("span", {}, [bytes(item.size), ...item.folders.slice(-1)].join("　"))),
    h("div", { class: "upload-state" }, title, bar, detail), tools);
  let shown = "";
  const update = (now: Item, state: State, time: number): void => {
    selected = state.selected;
    const said = describe(now, state.items, time, audiences);
    box.checked = selected.includes(now.key);
    element.classList.toggle("upload-row-selected", box.checked);
    setAttribute(element, "data-phase", now.phase.name);
    setText(title, said.title);
    title.className = `upload-title upload-tone-${said.tone}`;
    setText(detail, said.detail);
    drawBar(bar, said);
    drawPicture(picture, now);
    const tool = toolsOf(now, state);
    if (shown !== tool.join()) fill(tools, ...tool.map((one) => toolButton(one, now, actions)));
    shown = tool.join();
  };
  return { element, update };
}

/** A click beside the controls works on this row alone. */
function onRowClick(event: MouseEvent, key: string, actions: Actions): void {
  if (event.target instanceof Element && !event.target.closest("button, a, label, input")) actions.select([key]);
}

function drawBar(bar: HTMLElement, { bar: said }: Description): void {
  show(bar, said !== null);
  if (!said) return;
  bar.className = `upload-bar upload-bar-${said.style}`;
  (bar.firstElementChild as HTMLElement).style.width = `${said.percent}%`;
}

function drawPicture(box: HTMLElement, item: Item): void {
  const wanted = item.phase.name === "failed" ? "failed" : item.poster ?? "";
  if (box.dataset.shown === wanted) return;
  box.dataset.shown = wanted;
  box.classList.toggle("upload-picture-failed", wanted === "failed");
  if (wanted === "failed") fill(box, icon("warning", 34));
  else fill(box, wanted ? h("img", { src: wanted, alt: "", loading: "lazy" }) : icon(iconOf(item.name), 34));
}

function iconOf(name: string): IconName {
  if (/\.(mp4|mov|mkv|avi|flv|wmv|webm|m4v|mpe?g|m?ts)$/i.test(name)) return "film";
  if (/\.(m4a|mp3|wav|aac|ogg|flac)$/i.test(name)) return "sound";
  return /\.(pptx?|dps|key)$/i.test(name) ? "slides" : "file";
}

type Tool = "pause" | "resume" | "reconnect" | "first" | "continue" | "choose" | "retry" | "sendAgain" | "remove" | "cancel" | "open" | "openKnown";

function toolsOf(item: Item, state: State): Tool[] {
  const { phase } = item;
  switch (phase.name) {
    case "queued":
      return turnOf(state.items, item.key).before ? ["first", "remove"] : ["remove"];
    case "uploading":
      return ["pause"];
    case "paused":
      return ["resume", "remove"];
    case "cut":
      return ["reconnect", "pause"];
    case "absent":
      return [phase.handle ? "continue" : "choose", "remove"];
    case "known":
      return ["openKnown", "sendAgain", "remove"];
    case "failed":
      return phase.retry ? ["retry", "remove"] : ["remove"];
    case "checking":
      return ["cancel"];
    case "playable":
    case "encoding":
      return ["open", "cancel"];
    case "published":
      return ["open"];
    default:
      return [];
  }
}

function toolButton(tool: Tool, item: Item, actions: Actions): HTMLElement {
  const label = t(`upload.tool.${tool}`);
  const resource = item.phase.name === "known" ? item.phase.resource : item.resource;
  if (tool === "open" || tool === "openKnown") return h("a", { class: "upload-tool", href: `/resources/${resource}` }, label);
  const acts: Record<Exclude<Tool, "open" | "openKnown">, () => void> = {
    pause: () => actions.pause(item.key),
    resume: () => actions.resume(item.key),
    reconnect: () => actions.resume(item.key),
    first: () => actions.first(item.key),
    continue: () => actions.reopen([item.key]),
    choose: () => actions.chooseFiles(),
    retry: () => actions.again(item.key),
    sendAgain: () => actions.again(item.key),
    remove: () => actions.remove([item.key]),
    cancel: () => actions.cancel(item.key),
  };
  const glyphs: Partial<Record<Tool, IconName>> = { pause: "pause", reconnect: "retry", retry: "retry" };
  const glyph = glyphs[tool];
  return h("button", { type: "button", class: "upload-tool", on: { click: acts[tool] } },
    glyph ? icon(glyph, 16) : null, label, h("span", { class: "visually-hidden" }, ` ${item.name}`));
}
