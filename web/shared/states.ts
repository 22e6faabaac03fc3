/**
 * Renews, in place, the state of works that the service is still processing.
 *
 * An element with `data-resource="12"` holds `[data-state-text]`, `[data-state-detail]` and a
 * `<progress>`, each of which may be missing. With `data-reload` the page is loaded again when
 * the work can be viewed or has failed: then it is another page. `[data-alone]` in it says that
 * only its author sees it: made, it is ready and not published.
 */
import { Problem, request } from "./api.ts";
import { backoff } from "./backoff.ts";
import { setText } from "./dom.ts";
import { t } from "./i18n.ts";
import { mine } from "./mine.ts";
import { progressText } from "./progress.ts";
import type { Resource } from "./types.ts";

const LOOK_EVERY_MS = 2000;

export function watchStates(): void {
  if (document.querySelector("[data-resource]")) schedule(0);
}

function schedule(failures: number): void {
  setTimeout(() => void look(failures), failures ? backoff(failures) * 1000 : LOOK_EVERY_MS);
}

async function look(failures: number): Promise<void> {
  const elements = [...document.querySelectorAll<HTMLElement>("[data-resource]")];
  if (!elements.length) return;
  // Nobody looks: nothing is asked until somebody does.
  if (document.visibilityState === "hidden") {
    document.addEventListener("visibilitychange", () => schedule(0), { once: true });
    return;
  }
  try {
    const resources = await fetchStates(elements.map(({ dataset }) => Number(dataset.resource)));
    for (const element of elements) renew(element, resources.get(Number(element.dataset.resource)));
    schedule(0);
  } catch (error) {
    if (error instanceof Problem && error.passing) schedule(failures + 1);
  }
}

async function fetchStates(ids: number[]): Promise<Map<number, Resource>> {
  if (ids.length === 1) {
    const resource = await request<Resource>(`/api/v1/resources/${ids[0]}`);
    return new Map([[resource.id, resource]]);
  }
  return mine(ids);
}

function renew(element: HTMLElement, resource: Resource | undefined): void {
  const done = resource === undefined || resource.state === "published" || resource.state === "failed";
  if (element.hasAttribute("data-reload") && resource && (resource.viewable || done)) {
    location.reload();
    return;
  }
  if (resource) draw(element, resource);
  if (done) element.removeAttribute("data-resource");
}

function draw(element: HTMLElement, resource: Resource): void {
  const text = element.querySelector("[data-state-text]");
  const detail = element.querySelector("[data-state-detail]");
  const bar = element.querySelector("progress");
  const state = resource.state === "published" && element.querySelector("[data-alone]") ? "ready" : resource.state;
  if (text) {
    setText(text, resource.failure?.message ?? t(`state.${state}`));
    text.classList.toggle("good", resource.state !== "failed");
    text.classList.toggle("bad", resource.state === "failed");
  }
  if (detail) setText(detail, stateDetail(resource));
  if (!bar) return;
  bar.value = resource.state === "published" ? 100 : resource.progress?.percent ?? bar.value;
  bar.classList.toggle("encoding", resource.state === "encoding");
  bar.classList.toggle("failed", resource.state === "failed");
}

/** The line under the state: which step, how far, how long. */
export function stateDetail({ state, failure, progress }: Resource): string {
  if (failure) return failure.remedy;
  if (state === "published") return "";
  return progressText(progress);
}
