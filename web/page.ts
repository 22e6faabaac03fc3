/**
 * The small behaviours of every page. Each page works without them; what they need is said by
 * attributes of the templates:
 *
 * - `<input data-suggest="address">`: suggestions; `/` goes to the first of them
 * - `<form data-autosubmit>`: sent when one of its boxes or selections changes
 * - `<button data-copy="path" hidden>`: shown, and copies the path as a full address
 * - `<button data-copy-text="words" hidden>`: shown, and copies them as they stand
 * - `data-confirm="question"` on a form or a button of one: asks before it is sent
 * - `<form data-unsaved>`: asks before the page is left with something typed in it (unsaved.ts)
 * - `data-storyboard="address"` on a poster: the pointer looks into the lesson (preview.ts)
 * - `data-resource="12"`: its state is renewed while it is in work (states.ts)
 */
import { attachSuggestions } from "./search/suggest.ts";
import { confirm } from "./shared/dialog.ts";
import { isTyping, setText, show } from "./shared/dom.ts";
import { t } from "./shared/i18n.ts";
import { toast } from "./shared/toast.ts";
import { watchStates } from "./shared/states.ts";
import { letGo, watchUnsaved } from "./shared/unsaved.ts";

function attachSearch(): void {
  const inputs = [...document.querySelectorAll<HTMLInputElement>("input[data-suggest]")];
  inputs.forEach((input, index) => attachSuggestions(input, input.dataset.suggest ?? "", index));
  document.addEventListener("keydown", (event) => {
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event.target);
    const input = inputs.find((one) => one.offsetParent !== null);
    if (!plain || !input || (event.key !== "/" && event.key !== "、")) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

/** What was just done is said once: an address that is handed on, or loaded again, does not say it. */
function forgetDone(): void {
  const url = new URL(location.href);
  if (!url.searchParams.has("done")) return;
  for (const name of ["done", "undo", "num"]) url.searchParams.delete(name);
  history.replaceState(history.state, "", url);
}

function attachAutosubmit(): void {
  document.addEventListener("change", (event) => {
    const field = event.target;
    const choice = field instanceof HTMLSelectElement || (field instanceof HTMLInputElement && /^(checkbox|radio)$/.test(field.type));
    if (choice && field.form?.hasAttribute("data-autosubmit")) field.form.submit();
  });
}

function attachCopy(button: HTMLButtonElement): void {
  show(button, true);
  const word = button.querySelector<HTMLElement>("[data-copied]");
  button.addEventListener("click", () => {
    copy(button.dataset.copyText ?? new URL(button.dataset.copy ?? "", location.href).href).then(
      () => (word ? setText(word, word.dataset.copied ?? "") : toast(t("page.copied"))),
      () => toast(t("page.copyFailed")),
    );
  });
}

/** `navigator.clipboard` is missing on plain http; there the older way still works. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("the browser refused to copy");
}

function attachConfirm(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const button = (event as SubmitEvent).submitter;
    const question = button?.dataset.confirm ?? form.dataset.confirm;
    if (question === undefined) return;
    event.preventDefault();
    void confirm(question || t("page.confirm"), button?.textContent?.trim() ?? "").then((agreed) => {
      if (agreed) sendAs(form, button);
    });
  });
}

/** Send the form with the value of the button that was pressed, without asking again. */
function sendAs(form: HTMLFormElement, button: HTMLElement | null): void {
  if (button instanceof HTMLButtonElement && button.name) {
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
    form.append(field);
  }
  letGo(form);
  form.submit();
}

/** A pointer that only passes over asks for nothing. */
const REST_MS = 200;

function attachPreviews(): void {
  // A sheet of small pictures is a few hundred kilobytes: a thin line keeps them for the lesson itself.
  const line = (navigator as { connection?: { saveData?: boolean; effectiveType?: string } }).connection;
  if (!matchMedia("(hover: hover)").matches || line?.saveData || /[23]g$/.test(line?.effectiveType ?? "")) return;
  for (const poster of document.querySelectorAll<HTMLElement>("[data-storyboard]")) {
    let rest = 0;
    poster.addEventListener("pointerenter", ({ clientX }) => {
      rest = window.setTimeout(() => void import("./shared/preview.ts").then(({ preview }) => preview(poster, clientX)), REST_MS);
    });
    poster.addEventListener("pointerleave", () => clearTimeout(rest));
  }
}

forgetDone();
attachSearch();
attachPreviews();
attachAutosubmit();
attachConfirm();
watchUnsaved();
document.querySelectorAll<HTMLButtonElement>("button[data-copy], button[data-copy-text]").forEach(attachCopy);
watchStates();
