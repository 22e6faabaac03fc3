/**
 * The patrol renews itself: what the service shows now takes the place of what is shown, every ten
 * seconds, while somebody looks. What was focused stays focused, and pictures stay where they are.
 */
import { h, show } from "../../shared/dom.ts";
import { words } from "../words.ts";
import { Stills } from "./stills.ts";

const EVERY_MS = 10_000;

const say = words(
  { stale: "连不上服务，下面是刚才的情况，连上会自动更新。" },
  { stale: "The service cannot be reached. This is how it was; it renews itself once the line is back." },
);

const place = document.querySelector<HTMLElement>("[data-renew]");
if (place?.dataset.renew) keepRenewed(place, place.dataset.renew);

function keepRenewed(grid: HTMLElement, address: string): void {
  const stale = h("p", { class: "callout due", role: "status", hidden: true }, say("stale"));
  grid.before(stale);
  const stills = new Stills();
  stills.take(grid);
  let shown = "";
  const renew = async (): Promise<void> => {
    const response = await fetch(address, { credentials: "same-origin" }).catch(() => null);
    // Signed out, or no officer any more: the page itself says so.
    if (response?.status === 401 || response?.status === 403 || response?.redirected) location.reload();
    show(stale, !response?.ok);
    const text = response?.ok ? await response.text().catch(() => shown) : shown;
    if (text === shown) return;
    shown = text;
    replace(grid, text);
    stills.take(grid);
  };
  window.setInterval(() => {
    if (document.visibilityState === "visible") void renew();
  }, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void renew();
  });
}

function replace(grid: HTMLElement, text: string): void {
  const focused = document.activeElement instanceof HTMLAnchorElement ? document.activeElement.getAttribute("href") : null;
  grid.innerHTML = text;
  const again = [...grid.querySelectorAll("a")].find((link) => link.getAttribute("href") === focused);
  if (focused !== null) again?.focus();
}
