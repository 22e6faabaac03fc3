/** Loudness: a button that mutes and a slider, both kept on this device. */
import { h } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";
import { recall, remember } from "../shared/remember.ts";
import { iconButton, setIconButton, type View } from "./view.ts";

export function attachVolume(view: View): void {
  const { video } = view;
  video.volume = clamp(Number(recall("volume") ?? "1"));
  const button = iconButton("volume", t("player.mute"), () => toggleMute(video));
  const slider = h("input", {
    class: "player-volume", type: "range", min: 0, max: 100, step: 5, "aria-label": t("player.volume"),
    on: { input: () => setVolume(video, Number(slider.value) / 100) },
  });
  const update = (): void => {
    const silent = video.muted || video.volume === 0;
    setIconButton(button, silent ? "muted" : "volume", t(silent ? "player.unmute" : "player.mute"));
    slider.value = String(silent ? 0 : Math.round(video.volume * 100));
    slider.style.setProperty("--player-filled", `${slider.value}%`);
  };
  video.addEventListener("volumechange", () => {
    remember("volume", String(video.volume));
    update();
  });
  view.left.append(h("span", { class: "player-volume-group" }, button, slider));
  update();
}

export function setVolume(video: HTMLVideoElement, volume: number): void {
  video.volume = clamp(volume);
  video.muted = false;
}

export function toggleMute(video: HTMLVideoElement): void {
  video.muted = !video.muted;
}

function clamp(volume: number): number {
  return Number.isFinite(volume) ? Math.min(1, Math.max(0, volume)) : 1;
}
