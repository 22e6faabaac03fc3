/**
 * The comparison of two lessons (同课异构): one button plays both, one line stands for both, and one
 * of the two is heard. Chapters and notes of either lead both there; where the sides are moved by
 * themselves, only their own, until they are aligned again.
 */
import { clock } from "../../shared/format.ts";
import { h, isTyping, setText } from "../../shared/dom.ts";
import { Stream } from "../../player/stream.ts";
import { markCurrent } from "./current.ts";
import { say } from "./compare_words.ts";
import { isAligned, offsetIn, placeSaid, withOffset } from "./offset.ts";
import { Pair } from "./pair.ts";
import { Rails, type Lane } from "./rails.ts";

/** Often enough that neither runs a visible bit ahead. */
const STEP_MS = 100;
const NUDGE_S = 0.5;
const JUMP_S = 5;
/** While a rail is dragged the address is left alone: browsers refuse to have it changed often. */
const SETTLED_MS = 300;

const place = document.querySelector<HTMLElement>("[data-compare]");
const [first, second] = lanesOf(document);
if (place && first && second) compare(place, [first, second]);

function compare(place: HTMLElement, lanes: [Lane, Lane]): void {
  const [left, right] = lanes;
  const pair = new Pair(left.video, right.video);
  pair.offset = offsetIn(location.search);
  right.video.muted = true;
  let apart = false;
  let settling = 0;

  const play = button(() => (pair.playing ? pair.pause() : pair.play()), "primary");
  const free = button(() => setApart(!apart));
  const align = button(() => {
    pair.alignHere();
    setApart(false);
    changed();
  });
  const heard = button(() => {
    right.video.muted = !right.video.muted;
    left.video.muted = !right.video.muted;
    changed();
  });
  const time = h("span", { class: "compare-time" });
  const told = h("span", { class: "hint", role: "status" });
  const rails = new Rails(pair, lanes, () => changed());

  function setApart(on: boolean): void {
    apart = on;
    if (on) pair.pause();
    changed();
  }

  function changed(): void {
    setText(play, say(pair.playing ? "pause" : "play"));
    setText(free, say(apart ? "together" : "apart"));
    free.setAttribute("aria-pressed", String(apart));
    align.disabled = !apart;
    setText(align, say("align"));
    setText(heard, say(right.video.muted ? "hearRight" : "hearLeft"));
    setText(told, offsetSaid(pair.offset));
    rails.draw();
    tick();
    window.clearTimeout(settling);
    settling = window.setTimeout(() => history.replaceState(null, "", withOffset(location.href, pair.offset)), SETTLED_MS);
  }

  /** Where an address says how they are aligned, each shows the moment from which on it is. */
  function begin(): void {
    if (isAligned(pair.offset) || !lanes.every(({ video }) => video.duration > 0)) return;
    // An address may be of any length; shifted, they stay within each other's reach.
    pair.shift(0);
    pair.seek(Math.max(0, -pair.offset));
    changed();
  }

  function tick(): void {
    rails.tick();
    setText(time, `${clock(left.video.currentTime)} | ${clock(right.video.currentTime)}`);
    for (const lane of lanes) for (const list of lane.lists) markCurrent(list, lane.video.currentTime);
  }

  lanes.forEach((lane, index) => {
    for (const event of ["durationchange", "loadedmetadata"]) lane.video.addEventListener(event, changed);
    lane.video.addEventListener("loadedmetadata", begin, { once: true });
    lane.video.addEventListener("timeupdate", tick);
    for (const list of lane.lists) {
      followLinks(list, (at) => (apart ? (lane.video.currentTime = at) : pair.seek(index === 0 ? at : at - pair.offset)));
    }
  });
  place.append(h("div", { class: "compare-bar", role: "group", "aria-label": say("controls") }, play, time, free, align, heard, told), rails.root);
  attachKeys(pair, () => changed());
  window.setInterval(() => {
    const before = pair.playing;
    pair.step();
    if (before !== pair.playing) changed();
  }, STEP_MS);
  play.addEventListener("click", changed);
  changed();
}

/** The lessons of the page, from the left, each with its lists. */
function lanesOf(page: Document): Lane[] {
  const lists = page.querySelectorAll("[data-lists]");
  return [...page.querySelectorAll<HTMLElement>("[data-media]")].map((side, index) => {
    const video = side.querySelector("video") ?? h("video");
    video.controls = false;
    video.preload = "auto";
    void new Stream(video, side.dataset.media ?? "").open(() => 0);
    return { video, lists: [...(lists[index]?.querySelectorAll<HTMLElement>("ol.chapters, ol.notes") ?? [])] };
  });
}

function button(press: () => void, kind = ""): HTMLButtonElement {
  return h("button", { type: "button", class: kind ? `button ${kind}` : "button", on: { click: press } });
}

function followLinks(list: HTMLElement, go: (second: number) => void): void {
  list.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[data-second]");
    if (!link) return;
    event.preventDefault();
    go(Number(link.dataset.second));
  });
}

function offsetSaid(offset: number): string {
  if (isAligned(offset)) return say("aligned");
  return say(offset > 0 ? "rightAhead" : "rightBehind", { at: placeSaid(Math.abs(offset)) });
}

function attachKeys(pair: Pair, changed: () => void): void {
  document.addEventListener("keydown", (event) => {
    const inControl = event.target instanceof Element && event.target.closest("a, button, select, summary");
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || (event.key === " " && inControl)) return;
    const acts: Record<string, () => void> = {
      " ": () => (pair.playing ? pair.pause() : pair.play()),
      ArrowLeft: () => pair.seek(pair.now - JUMP_S),
      ArrowRight: () => pair.seek(pair.now + JUMP_S),
      "[": () => pair.shift(-NUDGE_S),
      "]": () => pair.shift(NUDGE_S),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
    changed();
  });
}
