/**
 * The player's elements: picture, bar of controls and time line, one dark block.
 *
 * The bar stands under the picture and never on it: what a teacher writes at the foot of a slide
 * must stay readable. In full screen the whole block takes the screen and hides itself.
 */
import { h, icon } from "../shared/dom.ts";
import type { IconName } from "../shared/icons.ts";
import { t } from "../shared/i18n.ts";

export interface View {
  root: HTMLElement;
  video: HTMLVideoElement;
  /** What lies over the picture: cover, notices, hints. */
  stage: HTMLElement;
  bar: HTMLElement;
  left: HTMLElement;
  right: HTMLElement;
  line: HTMLElement;
}

/** Build the player round the `<video>` that the page came with, which loses its own controls. */
export function buildView(root: HTMLElement): View {
  const video = root.querySelector("video") ?? h("video");
  video.removeAttribute("controls");
  video.removeAttribute("src");
  video.classList.add("player-video");
  video.playsInline = true;
  video.preload = "auto";
  if (root.dataset.poster) video.poster = root.dataset.poster;
  const stage = h("div", { class: "player-stage" }, video);
  const left = h("div", { class: "player-group" });
  const right = h("div", { class: "player-group player-group-end" });
  const bar = h("div", { class: "player-bar", role: "group", "aria-label": t("player.controls") }, left, right);
  const line = h("div", { class: "player-line" });
  root.textContent = "";
  root.append(stage, h("div", { class: "player-foot" }, bar, line));
  root.classList.add("player-ready");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", root.dataset.title ?? t("player.region"));
  return { root, video, stage, bar, left, right, line };
}

/** A button that is only an icon, named for readers and in its tooltip. */
export function iconButton(name: IconName, label: string, press: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "player-button", "aria-label": label, title: label, on: { click: press } },
    icon(name, 22));
}

export function setIconButton(button: HTMLButtonElement, name: IconName, label: string): void {
  if (button.title === label) return;
  button.title = label;
  button.setAttribute("aria-label", label);
  button.textContent = "";
  button.append(icon(name, 22));
}

/** A button that says its word; `textContent` may change with the state. */
export function wordButton(label: string, press: () => void): HTMLButtonElement {
  return h("button", { type: "button", class: "player-button player-word", on: { click: press } }, label);
}
