/**
 * The one time line under two lessons: a rail for each with its marks, both to the same scale, and
 * an upright through both. The lower rail can be dragged along the upper one.
 */
import { h } from "../../shared/dom.ts";
import { secondsIn } from "./current.ts";
import type { Pair } from "./pair.ts";

export interface Lane {
  video: HTMLVideoElement;
  lists: HTMLElement[];
}

export class Rails {
  readonly root = h("div", { class: "rails" });
  private readonly now = h("div", { class: "rails-now" });
  private readonly bars: [HTMLElement, HTMLElement];
  private readonly pair: Pair;
  private readonly lanes: [Lane, Lane];

  constructor(pair: Pair, lanes: [Lane, Lane], onShift: () => void) {
    this.pair = pair;
    this.lanes = lanes;
    this.bars = [h("div", { class: "rail" }), h("div", { class: "rail movable" })];
    this.root.append(...this.bars, this.now);
    this.root.addEventListener("click", (event) => this.pair.seek(this.secondAt(event.clientX)));
    this.attachDragging(this.bars[1], onShift);
  }

  /** Lay the rails out anew: lengths or the offset have changed. */
  draw(): void {
    const { start, span } = this.scale();
    this.lanes.forEach((lane, index) => {
      const bar = this.bars[index];
      if (!bar || span <= 0) return;
      const begins = index === 0 ? 0 : -this.pair.offset;
      const lasts = lengthOf(lane.video);
      bar.style.left = `${((begins - start) / span) * 100}%`;
      bar.style.width = `${(lasts / span) * 100}%`;
      bar.textContent = "";
      for (const list of lane.lists) for (const entry of secondsIn(list)) bar.append(markOf(list, entry.link, entry.second / lasts));
    });
    this.tick();
  }

  /** Move the upright to where both are. */
  tick(): void {
    const { start, span } = this.scale();
    if (span > 0) this.now.style.left = `${((this.pair.now - start) / span) * 100}%`;
  }

  /** From where to where the line goes, in seconds of the left one. */
  private scale(): { start: number; span: number } {
    const [left, right] = this.lanes.map(({ video }) => lengthOf(video)) as [number, number];
    const start = Math.min(0, -this.pair.offset);
    return { start, span: Math.max(left, right - this.pair.offset) - start };
  }

  private secondAt(clientX: number): number {
    const box = this.root.getBoundingClientRect();
    const { start, span } = this.scale();
    return start + ((clientX - box.left) / box.width) * span;
  }

  private attachDragging(bar: HTMLElement, onShift: () => void): void {
    let from: number | null = null;
    let moved = false;
    bar.addEventListener("pointerdown", (event) => {
      from = event.clientX;
      moved = false;
      bar.setPointerCapture(event.pointerId);
    });
    bar.addEventListener("pointermove", (event) => {
      if (from === null || (!moved && Math.abs(event.clientX - from) < 4)) return;
      moved = true;
      const width = this.root.getBoundingClientRect().width;
      this.pair.shift(-((event.clientX - from) / width) * this.scale().span);
      from = event.clientX;
      this.draw();
      onShift();
    });
    for (const end of ["pointerup", "pointercancel"] as const) bar.addEventListener(end, () => (from = null));
    // What was dragged was no click into the line.
    bar.addEventListener("click", (event) => {
      if (moved) event.stopPropagation();
    });
  }
}

function lengthOf(video: HTMLVideoElement): number {
  return Number.isFinite(video.duration) ? video.duration : 0;
}

function markOf(list: HTMLElement, link: HTMLAnchorElement, share: number): HTMLElement {
  const kind = list.classList.contains("notes") ? "note" : link.parentElement?.className ?? "";
  const mark = h("span", { class: `mark ${kind}`, title: link.textContent?.trim() ?? "" });
  mark.style.left = `${Math.min(100, share * 100)}%`;
  return mark;
}
