/**
 * The panel beside the list: what the selected files are and who may see them.
 *
 * What the names of the files said is filled in already, each with where it was read. An edit
 * applies to every selected row; where rows differ the field is empty and says so.
 */
import { fill, h, icon, setAttribute, setText, show } from "../shared/dom.ts";
import { shorten } from "../shared/format.ts";
import { t } from "../shared/i18n.ts";
import type { Actions } from "./actions.ts";
import { audienceText, toggleAudience } from "./audience.ts";
import type { Part } from "./lot.ts";
import { takesDescription, type Item, type State } from "./store.ts";
import type { Config, FieldName } from "./vocabulary.ts";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

/** Without these a resource is hard to find: an empty one is shown as still to fill. */
const ASKED: readonly FieldName[] = ["title", "kind"];

/** Their words are short enough for two on a row. */
const HALVES: readonly FieldName[] = ["subject", "grade", "stage", "edition", "unit", "lesson"];

/** In the order in which a teacher thinks of a lesson; the summary comes after who may see it. */
const SHOWN: readonly FieldName[] = ["title", "kind", ...HALVES];

const NAME_LETTERS = 26;

export function buildPanel(config: Config, actions: Actions): Part {
  let keys: string[] = [];
  const name = h("b", {});
  const hint = h("p", { class: "upload-panel-hint" }, icon("bulb", 18), h("span", {}, t("upload.suggestedHint")));
  const state = h("span", { class: "upload-saved", role: "status" });
  const problem = h("p", { class: "upload-error", role: "alert" });
  const build = (field: FieldName): FieldRow => buildField(field, config, (value) => actions.edit(keys, field, value));
  const rows = SHOWN.map(build);
  const summary = build("summary");
  const audience = buildAudience(config, (next) => actions.setAudience(keys, next));
  const element = h("aside", { class: "upload-panel", "aria-label": t("upload.panel") },
    h("div", { class: "upload-panel-head" }, h("span", {}, t("upload.filling")), name, state), hint, problem,
    h("div", { class: "upload-fields" }, ...rows.map((row) => row.element), audience.element, summary.element));
  const update = (now: State): void => {
    const items = now.items.filter((item) => now.selected.includes(item.key) && takesDescription(item));
    keys = items.map(({ key }) => key);
    show(element, items.length > 0);
    const first = items[0];
    if (!first) return;
    setText(name, items.length > 1 ? t("upload.manyFiles", { n: items.length }) : shorten(first.name, NAME_LETTERS));
    show(hint, items.some(({ origins }) => Object.keys(origins).length > 0));
    setText(state, t(items.some(({ dirty, upload, resource }) => dirty.length > 0 && (upload ?? resource) !== null) ? "upload.saving" : "upload.savesItself"));
    setText(problem, first.errors.form ?? "");
    for (const row of [...rows, summary]) row.update(items);
    audience.update(items);
  };
  return { element, update };
}

interface FieldRow {
  element: HTMLElement;
  update(items: readonly Item[]): void;
}

function buildField(field: FieldName, config: Config, change: (value: string) => void): FieldRow {
  const id = `upload-field-${field}`;
  const control = buildControl(field, id, config);
  const origin = h("span", { class: "upload-origin", id: `${id}-origin` });
  const tick = icon("check", 18);
  control.setAttribute("aria-describedby", origin.id);
  control.addEventListener("input", () => change(control.value));
  const half = HALVES.includes(field) ? " upload-field-half" : "";
  const element = h("div", { class: `upload-field${half}` }, h("label", { for: id }, t(`field.${field}`)),
    h("div", { class: "upload-field-body" }, control, origin), tick);
  const update = (items: readonly Item[]): void => {
    const [first] = items;
    if (!first) return;
    const same = items.every((item) => item.fields[field] === first.fields[field]);
    const value = same ? first.fields[field] : "";
    // What is being written is not written over.
    if (document.activeElement !== control && control.value !== value) control.value = value;
    if ("placeholder" in control) control.placeholder = same ? "" : t("upload.differ");
    const error = items.map((item) => item.errors[field]).find(Boolean);
    const doubtful = items.some((item) => item.doubtful.includes(field) || (ASKED.includes(field) && !item.fields[field]));
    element.classList.toggle("upload-field-due", doubtful);
    element.classList.toggle("upload-field-bad", error !== undefined);
    setAttribute(control, "aria-invalid", error === undefined ? null : "true");
    setText(origin, error ?? originText(field, items, same, doubtful));
    origin.title = origin.textContent ?? "";
    tick.style.visibility = value && !doubtful && !error ? "visible" : "hidden";
    show(element, field !== "title" || items.length === 1);
  };
  return { element, update };
}

function buildControl(field: FieldName, id: string, config: Config): Control {
  const options = config.vocabulary[field];
  const attributes = { id, class: "input", name: field };
  if (field === "summary") return h("textarea", { ...attributes, rows: 2 });
  if (!options || field === "edition") return withSuggestions(h("input", { ...attributes, autocomplete: "off" }), options?.map(({ label }) => label) ?? []);
  return h("select", attributes, h("option", { value: "" }, t("upload.notChosen")),
    ...options.map(({ value, label }) => h("option", { value }, label)));
}

function withSuggestions(input: HTMLInputElement, words: string[]): HTMLInputElement {
  if (!words.length) return input;
  const list = h("datalist", { id: `${input.id}-words` }, ...words.map((value) => h("option", { value })));
  document.body.append(list);
  input.setAttribute("list", list.id);
  return input;
}

function originText(field: FieldName, items: readonly Item[], same: boolean, doubtful: boolean): string {
  if (!same) return t("upload.differ");
  if (doubtful) return t(field === "title" ? "upload.doubtfulTitle" : "upload.toChoose");
  const origin = items[0]?.origins[field];
  if (!origin) return "";
  const short = origin.from === "name" && HALVES.includes(field);
  return t(short ? "origin.word" : `origin.${origin.from}`, { text: shorten(origin.text, NAME_LETTERS) });
}

interface AudienceRow {
  element: HTMLElement;
  update(items: readonly Item[]): void;
}

function buildAudience(config: Config, change: (audience: string[]) => void): AudienceRow {
  const own = `user:${config.user_id}`;
  let current: string[] = [];
  const buttons = config.audiences.map((choice) => h("button", {
    type: "button", class: "upload-audience-choice", on: { click: () => change(toggleAudience(current, choice.token, own)) },
  }, choice.label));
  const note = h("p", { class: "upload-origin", role: "status" });
  const element = h("div", { class: "upload-field upload-audience" }, h("span", { class: "upload-label" }, t("field.audience")),
    h("div", { class: "upload-field-body" }, h("div", { class: "upload-audience-choices", role: "group", "aria-label": t("field.audience") }, ...buttons), note));
  const update = (items: readonly Item[]): void => {
    const [first] = items;
    if (!first) return;
    const same = items.every((item) => item.audience.join() === first.audience.join());
    current = same ? first.audience : [];
    config.audiences.forEach((choice, index) => setAttribute(buttons[index] as Element, "aria-pressed", String(current.includes(choice.token))));
    const error = items.map((item) => item.errors.audience).find(Boolean);
    fill(note, error ?? (same ? audienceText(config.audiences, current) || t("upload.onlyMe") : t("upload.differ")));
  };
  return { element, update };
}
