/** Play and pause, the time that has run, and the large button before the first play. */
import { clock } from "../shared/format.ts";
import { h, setText, show } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";
import type { Stream } from "./stream.ts";
import { iconButton, setIconButton, type View } from "./view.ts";

export function attachPlayback(view: View, stream: Stream): void {
  const { video } = view;
  const press = (): void => togglePlay(video);
  const button = iconButton("play", t("player.play"), press);
  const large = iconButton("play", t("player.play"), press);
  large.classList.add("player-large");
  const now = h("span", { class: "player-now" });
  const all = h("span", { class: "player-all" });
  view.left.append(button, h("span", { class: "player-time" }, now, all));
  view.stage.append(large);
  const update = (): void => {
    setIconButton(button, video.paused ? "play" : "pause", t(video.paused ? "player.play" : "player.pause"));
    show(large, video.paused && video.played.length === 0 && stream.media !== null && stream.trouble === null &&
      (stream.media.hls ?? stream.media.sound) !== null);
    setText(now, clock(video.currentTime));
    setText(all, ` / ${clock(stream.duration())}`);
  };
  for (const event of ["play", "pause", "timeupdate", "durationchange", "seeking"]) video.addEventListener(event, update);
  for (const event of ["media", "trouble"]) stream.addEventListener(event, update);
  attachClicks(view, press);
  update();
}

function attachClicks(view: View, press: () => void): void {
  view.video.addEventListener("click", press);
}

export function togglePlay(video: HTMLVideoElement): void {
  if (video.paused) void video.play().catch(() => undefined);
  else video.pause();
}
