/** Dialogs: the browser's own `<dialog>`, and where it has none (WeChat on an old iPhone) a plain panel. */
import { h } from "./dom.ts";
import { t } from "./i18n.ts";

/** Show `content` under `title`; resolves when it is closed, with the `value` of the button that closed it. */
export function openDialog(title: string, content: Node[], buttons: HTMLButtonElement[], parent: Element = document.body): Promise<string> {
  const before = document.activeElement;
  const form = h("form", { method: "dialog", class: "page-dialog-body" },
    h("h2", { class: "page-dialog-title" }, title), ...content,
    h("div", { class: "page-dialog-foot" }, ...buttons));
  const dialog = h("dialog", { class: "page-dialog", "aria-label": title }, form);
  parent.append(dialog);
  return new Promise((resolve) => {
    const close = (value: string): void => {
      dialog.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve(value);
    };
    if (typeof dialog.showModal === "function") showModal(dialog, close);
    else showPanel(dialog, form, close);
  });
}

function showModal(dialog: HTMLDialogElement, close: (value: string) => void): void {
  dialog.addEventListener("close", () => close(dialog.returnValue));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close("");
  });
  dialog.showModal();
}

function showPanel(dialog: HTMLElement, form: HTMLFormElement, close: (value: string) => void): void {
  dialog.setAttribute("open", "");
  dialog.setAttribute("role", "alertdialog");
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of form.querySelectorAll("button")) {
    button.addEventListener("click", () => close(button.value));
  }
  form.querySelector("button")?.focus();
}

/** Ask once before something is destroyed. `verb` is what the button says will happen. */
export async function confirm(question: string, verb: string): Promise<boolean> {
  const buttons = [
    h("button", { class: "page-button", value: "" }, t("dialog.keep")),
    h("button", { class: "page-button page-button-danger", value: "yes" }, verb),
  ];
  return (await openDialog(question, [], buttons)) === "yes";
}
