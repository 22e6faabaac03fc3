/**
 * A recorded class on its own page: chapters and notes as marks on the player's line, the heat of
 * the notes above it, and the lists beside it, which follow the picture and lead to their second.
 *
 * Loaded behind the player, whose line is then there.
 */
import { h } from "../../shared/dom.ts";
import { markCurrent, secondsIn } from "./current.ts";

const player = document.querySelector<HTMLElement>(".player[data-media]");
const video = player?.querySelector("video");
const lists = [...document.querySelectorAll<HTMLElement>("ol.chapters, ol.notes")];

if (player && video) {
  for (const list of lists) lead(list, video);
  const draw = (): void => drawMarks(player, video.duration);
  video.addEventListener("durationchange", draw);
  draw();
}

function lead(list: HTMLElement, played: HTMLVideoElement): void {
  list.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-second]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    played.currentTime = Number(link.dataset.second);
    void played.play().catch(() => undefined);
  });
  if (list.classList.contains("chapters")) {
    played.addEventListener("timeupdate", () => markCurrent(list, played.currentTime));
  }
}

function drawMarks(root: HTMLElement, duration: number): void {
  const slider = root.querySelector(".player-slider");
  slider?.querySelector(".player-marks")?.remove();
  if (!slider || !Number.isFinite(duration) || duration <= 0) return;
  const marks = h("div", { class: "player-marks", "aria-hidden": "true" });
  const heat = document.querySelector("svg.heat")?.cloneNode(true);
  if (heat) marks.append(heat);
  for (const list of lists) {
    for (const { link, second } of secondsIn(list)) marks.append(markOf(link, second / duration));
  }
  slider.append(marks);
}

function markOf(link: HTMLAnchorElement, share: number): HTMLElement {
  const kind = link.closest("ol")?.classList.contains("notes") ? "note" : link.parentElement?.className ?? "";
  const mark = h("span", { class: `player-mark ${kind}` });
  mark.style.left = `${Math.min(100, share * 100)}%`;
  return mark;
}
