/** What is wrong, in plain words over the picture, with the way on; a failed line retries by itself. */
import { backoff } from "../shared/backoff.ts";
import { fill, h, icon, setText, show } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";
import type { Stream } from "./stream.ts";
import { wordButton, type View } from "./view.ts";

export function attachTrouble(view: View, stream: Stream): void {
  const notice = h("div", { class: "player-notice", role: "alert", hidden: true });
  const countdown = new Countdown(() => void stream.retry());
  view.stage.append(notice);
  attachWaiting(view, stream);
  stream.addEventListener("trouble", () => {
    const kind = stream.trouble;
    show(notice, kind !== null);
    if (kind === "line") countdown.start();
    else countdown.stop(kind === null);
    if (kind !== null) fill(notice, icon("warning", 34), ...words(stream), countdown.element, ...actions(stream, countdown));
  });
  window.addEventListener("online", () => {
    if (stream.trouble === "line") countdown.now();
  });
}

function words(stream: Stream): Node[] {
  const kind = stream.trouble;
  if (kind === null) return [];
  const failure = kind === "failed" ? stream.media : null;
  const title = failure ? t("trouble.failed") : t(`trouble.${kind}`);
  return [h("p", { class: "player-notice-title" }, title), h("p", {}, t(`trouble.${kind}.remedy`))];
}

function actions(stream: Stream, countdown: Countdown): Node[] {
  switch (stream.trouble) {
    case "line":
      return [wordButton(t("trouble.retryNow"), () => countdown.now())];
    case "gone":
    case "decode":
      return [wordButton(t("trouble.retry"), () => void stream.retry())];
    case "signedOut":
      return [wordButton(t("trouble.signIn"), () => location.reload())];
    default:
      return [];
  }
}

/** Seconds to the next attempt, said aloud in the notice. */
class Countdown {
  readonly element = h("p", { class: "player-countdown" });
  private attempt = 0;
  private left = 0;
  private timer = 0;
  private readonly act: () => void;

  constructor(act: () => void) {
    this.act = act;
  }

  start(): void {
    this.attempt += 1;
    this.left = backoff(this.attempt);
    this.tick();
  }

  /** `mended`: the next failure counts from the beginning. */
  stop(mended: boolean): void {
    clearTimeout(this.timer);
    setText(this.element, "");
    if (mended) this.attempt = 0;
  }

  now(): void {
    clearTimeout(this.timer);
    setText(this.element, t("trouble.trying"));
    this.act();
    this.attempt += 1;
    this.left = backoff(this.attempt);
    this.timer = window.setTimeout(() => this.tick(), 1000);
  }

  private tick(): void {
    clearTimeout(this.timer);
    if (this.left <= 0) {
      this.now();
      return;
    }
    setText(this.element, t("trouble.nextTry", { s: this.left }));
    this.left -= 1;
    this.timer = window.setTimeout(() => this.tick(), 1000);
  }
}

/** Before there is anything to play, and while the buffer is empty, the picture says so. */
function attachWaiting(view: View, stream: Stream): void {
  const waiting = h("div", { class: "player-waiting", role: "status", hidden: true });
  view.stage.append(waiting);
  const update = (): void => {
    const { video } = view;
    const pending = stream.media !== null && !stream.media.hls && !stream.media.sound;
    const stalled = !video.paused && video.readyState < 3;
    show(waiting, stream.trouble === null && (pending || stalled));
    setText(waiting, pending ? t(stream.media?.state === "checking" ? "player.checking" : "player.preparing") : t("player.loading"));
  };
  for (const event of ["waiting", "playing", "canplay", "pause", "play", "seeked"]) view.video.addEventListener(event, update);
  for (const event of ["media", "trouble"]) stream.addEventListener(event, update);
}
