/**
 * Where I stopped: kept on the server, so that a lesson begun at school goes on at home.
 *
 * A link to a moment (`#t=125`) goes before it.
 */
import { request } from "../shared/api.ts";
import { clock } from "../shared/format.ts";
import { h, show } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";
import type { Stream } from "./stream.ts";
import { wordButton, type View } from "./view.ts";

const SAVE_EVERY_MS = 10_000;
/** Who stopped within the first seconds has not begun. */
const BEGUN_S = 15;
/** Who stopped within the last ones has finished, and starts over. */
const FINISHED_S = 20;
/** Of a short lesson these are less: home offers to go on with what lies between (watching.py). */
const EDGE_PART = 0.05;
/** The line that says where it goes on leaves by itself once it plays. */
const NOTE_MS = 8000;

/** Seconds named by an address's fragment: `#t=125`, `#t=12:40`, `#t=1:02:03`; null when none is. */
export function momentOf(hash: string): number | null {
  const match = /(?:^#|&)t=(\d+(?:\.\d+)?|(?:\d+:)?\d{1,2}:\d{2})s?(?:&|$)/.exec(hash);
  return match?.[1] ? match[1].split(":").reduce((total, part) => total * 60 + Number(part), 0) : null;
}

/** Where to go on from `position`, 0 when there is nothing to go on with. */
export function resumeAt(position: number, duration: number | null): number {
  const edge = duration === null ? Infinity : duration * EDGE_PART;
  if (position < Math.min(BEGUN_S, edge)) return 0;
  return duration !== null && position > duration - Math.min(FINISHED_S, edge) ? 0 : position;
}

/** Keeps the position and shows the line; answers where to start. */
export function attachPosition(view: View, stream: Stream): (media: { position_s: number; duration_s: number | null }) => number {
  attachSaving(view.video, view.root.dataset.position);
  attachMoments(view, stream);
  return (media) => {
    const named = momentOf(location.hash);
    if (named !== null) return named;
    const at = resumeAt(media.position_s, media.duration_s);
    if (at > 0) showNote(view, stream, at);
    return at;
  };
}

function showNote(view: View, stream: Stream, at: number): void {
  const close = (): void => show(note, false);
  const restart = wordButton(t("player.fromStart"), () => {
    close();
    stream.seek(0);
  });
  const note = h("div", { class: "player-note", role: "status" }, h("span", {}, t("player.resumed", { time: clock(at) })), restart);
  view.stage.append(note);
  view.video.addEventListener("playing", () => setTimeout(close, NOTE_MS), { once: true });
}

function attachSaving(video: HTMLVideoElement, address: string | undefined): void {
  if (!address) return;
  let saved = -1;
  let savedAt = performance.now();
  const save = (): void => {
    const seconds = Math.round(video.currentTime * 10) / 10;
    if (seconds === saved || video.played.length === 0) return;
    saved = seconds;
    savedAt = performance.now();
    // A position that was not kept costs a few seconds of looking; it is no reason to interrupt.
    request(address, { method: "PUT", body: { seconds }, keepalive: true }).catch(() => undefined);
  };
  video.addEventListener("timeupdate", () => {
    if (performance.now() - savedAt >= SAVE_EVERY_MS) save();
  });
  video.addEventListener("pause", save);
  window.addEventListener("pagehide", save);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
}

/** A link on the same page to a moment plays from there. */
function attachMoments(view: View, stream: Stream): void {
  window.addEventListener("hashchange", () => {
    const moment = momentOf(location.hash);
    if (moment === null) return;
    stream.seek(moment);
    void view.video.play().catch(() => undefined);
  });
}
