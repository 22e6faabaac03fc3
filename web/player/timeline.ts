/**
 * The line of the lesson: storyboard strip, what has played and what is buffered, and under the
 * pointer the frame and the time of the moment it is on.
 */
import { clock } from "../shared/format.ts";
import { fill, h, setText, show } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";
import { Frames } from "./frames.ts";
import { stripTimes } from "./storyboard.ts";
import type { Stream } from "./stream.ts";
import type { View } from "./view.ts";

/** Width in px that a frame of the strip is meant to have: twelve across the player of look.md. */
const STRIP_FRAME_PX = 64;
const PREVIEW_PX = 176;
/** The storyboard may share the line only once the lesson itself has this much in hand. */
const AHEAD_BEFORE_STRIP_S = 8;

interface Parts {
  slider: HTMLElement;
  strip: HTMLElement;
  buffered: HTMLElement;
  played: HTMLElement;
  head: HTMLElement;
  preview: HTMLElement;
  picture: HTMLElement;
  moment: HTMLElement;
}

export function attachTimeline(view: View, stream: Stream): void {
  const parts = buildParts();
  const frames = new Frames();
  view.line.append(parts.slider, parts.preview);
  const update = (): void => updateLine(view.video, stream, parts);
  for (const event of ["timeupdate", "durationchange", "progress", "seeking", "seeked"]) {
    view.video.addEventListener(event, update);
  }
  stream.addEventListener("media", update);
  attachScrubbing(view, stream, parts, frames);
  attachKeys(view, stream, parts.slider);
  attachStrip(view, stream, parts, frames);
  update();
}

function buildParts(): Parts {
  const strip = h("div", { class: "player-strip", hidden: true });
  const buffered = h("div", { class: "player-buffered" });
  const played = h("div", { class: "player-played" });
  const head = h("div", { class: "player-head" });
  const slider = h("div", { class: "player-slider", role: "slider", tabindex: 0, "aria-label": t("player.timeline") },
    strip, h("div", { class: "player-track" }, buffered, played), head);
  const picture = h("div", { class: "player-preview-picture" });
  const moment = h("div", { class: "player-preview-time" });
  const preview = h("div", { class: "player-preview", hidden: true }, picture, moment);
  return { slider, strip, buffered, played, head, preview, picture, moment };
}

function updateLine(video: HTMLVideoElement, stream: Stream, parts: Parts): void {
  const duration = stream.duration();
  const part = duration ? Math.min(1, video.currentTime / duration) : 0;
  parts.played.style.transform = `scaleX(${part})`;
  parts.head.style.left = `${part * 100}%`;
  parts.buffered.style.transform = `scaleX(${duration ? Math.min(1, bufferedEnd(video) / duration) : 0})`;
  const now = Math.floor(video.currentTime);
  parts.slider.setAttribute("aria-valuemin", "0");
  parts.slider.setAttribute("aria-valuemax", String(Math.floor(duration)));
  parts.slider.setAttribute("aria-valuenow", String(now));
  parts.slider.setAttribute("aria-valuetext", t("player.timeOf", { now: clock(now), all: clock(duration) }));
}

/** Seconds up to which it can play on from where it is. */
function bufferedEnd(video: HTMLVideoElement): number {
  for (let index = 0; index < video.buffered.length; index += 1) {
    const reached = video.buffered.start(index) <= video.currentTime + 0.5;
    if (reached && video.buffered.end(index) >= video.currentTime) return video.buffered.end(index);
  }
  return 0;
}

function attachScrubbing(view: View, stream: Stream, parts: Parts, frames: Frames): void {
  const { slider, preview } = parts;
  const timeAt = (event: PointerEvent): number => {
    const box = slider.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * stream.duration();
  };
  const look = (event: PointerEvent): void => {
    if (stream.duration() > 0) showPreview(view, stream, parts, frames, timeAt(event));
  };
  slider.addEventListener("pointermove", look);
  slider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    slider.setPointerCapture(event.pointerId);
    look(event);
  });
  slider.addEventListener("pointerup", (event) => {
    if (!slider.hasPointerCapture(event.pointerId)) return;
    stream.seek(timeAt(event));
    if (event.pointerType !== "mouse") show(preview, false);
  });
  for (const event of ["pointerleave", "pointercancel"]) slider.addEventListener(event, () => show(preview, false));
}

function showPreview(view: View, stream: Stream, parts: Parts, frames: Frames, time: number): void {
  const { preview, picture, moment } = parts;
  setText(moment, clock(time));
  show(preview, true);
  show(picture, frames.ready);
  picture.style.height = `${Math.round(PREVIEW_PX * frames.shape)}px`;
  const width = view.line.clientWidth;
  const half = (frames.ready ? PREVIEW_PX : 64) / 2 + 4;
  const inset = parts.slider.offsetLeft;
  const x = inset + (time / stream.duration()) * parts.slider.clientWidth;
  preview.style.left = `${Math.min(width - half, Math.max(half, x))}px`;
  if (frames.ready) void frames.draw(picture, time, PREVIEW_PX);
  else if (stream.media?.storyboard) void frames.load(stream.media.storyboard).then(() => drawWaiting(view, stream, parts, frames, time));
}

/** The pointer rests where it was when the storyboard had not come yet. */
function drawWaiting(view: View, stream: Stream, parts: Parts, frames: Frames, time: number): void {
  const waiting = frames.ready && !parts.preview.hidden && parts.picture.hidden;
  if (waiting) showPreview(view, stream, parts, frames, time);
}

const PAGE_S = 60;
const STEP_S = 5;

function attachKeys(view: View, stream: Stream, slider: HTMLElement): void {
  slider.addEventListener("keydown", (event) => {
    const now = view.video.currentTime;
    const targets: Record<string, number> = {
      ArrowLeft: now - STEP_S, ArrowRight: now + STEP_S, PageUp: now + PAGE_S, PageDown: now - PAGE_S,
      Home: 0, End: stream.duration(),
    };
    const target = targets[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    stream.seek(target);
  });
}

function attachStrip(view: View, stream: Stream, parts: Parts, frames: Frames): void {
  let drawn = "";
  const draw = (): void => {
    const count = Math.max(4, Math.floor(parts.slider.clientWidth / STRIP_FRAME_PX));
    const key = `${count} ${stream.duration()}`;
    if (!frames.ready || !stream.duration() || key === drawn) return;
    drawn = key;
    drawStrip(parts, frames, stripTimes(count, stream.duration()));
  };
  const load = async (): Promise<void> => {
    const address = stream.media?.storyboard;
    const idle = bufferedEnd(view.video) - view.video.currentTime >= AHEAD_BEFORE_STRIP_S || isBuffered(view.video, stream);
    if (!address || (!idle && !parts.slider.matches(":hover"))) return;
    await frames.load(address);
    draw();
  };
  for (const event of ["progress", "canplaythrough", "timeupdate"]) view.video.addEventListener(event, () => void load());
  stream.addEventListener("media", () => void load());
  parts.slider.addEventListener("pointerenter", () => void load());
  if ("ResizeObserver" in window) new ResizeObserver(draw).observe(parts.slider);
}

function isBuffered(video: HTMLVideoElement, stream: Stream): boolean {
  return video.readyState >= 3 && bufferedEnd(video) >= stream.duration() - 0.5;
}

function drawStrip(parts: Parts, frames: Frames, times: number[]): void {
  const width = parts.slider.clientWidth / times.length;
  const boxes = times.map((time) => {
    const box = h("div", { class: "player-strip-frame" });
    void frames.draw(box, time, width);
    return box;
  });
  parts.strip.style.height = `${Math.round(width * frames.shape)}px`;
  fill(parts.strip, ...boxes);
  show(parts.strip, true);
}
