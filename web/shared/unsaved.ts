/** `<form data-unsaved>`: who leaves the page with something typed in it is asked first. */

export function watchUnsaved(): void {
  document.addEventListener("submit", ({ target, defaultPrevented }) => {
    if (!defaultPrevented) letGo(target as HTMLFormElement);
  });
  window.addEventListener("beforeunload", (event) => {
    if (![...document.querySelectorAll<HTMLFormElement>("form[data-unsaved]")].some(isTyped)) return;
    event.preventDefault();
    // Chromium before 119 asks by this alone.
    event.returnValue = true;
  });
}

/** It is sent: nothing is lost with the page. */
export function letGo(form: HTMLFormElement): void {
  form.removeAttribute("data-unsaved");
}

/** "yes": what stands in it came back from the service, which has not kept it. */
function isTyped(form: HTMLFormElement): boolean {
  return form.dataset["unsaved"] === "yes" || [...form.elements].some(isChanged);
}

/** From what the page was served with. */
function isChanged(field: Element): boolean {
  if (field instanceof HTMLTextAreaElement) return field.value !== field.defaultValue;
  return field instanceof HTMLInputElement && field.checked !== field.defaultChecked;
}
