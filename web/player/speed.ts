/** How fast it plays. */
import { setText } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";
import { buildMenu } from "./menu.ts";
import type { View } from "./view.ts";

export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;

export function attachSpeed(view: View): void {
  const { video } = view;
  const menu = buildMenu(
    t("player.speed"),
    () => SPEEDS.map((value) => ({ value, label: speedLabel(value), chosen: value === video.playbackRate })),
    (value) => setSpeed(video, value),
  );
  const update = (): void => {
    setText(menu.button, speedLabel(video.playbackRate));
    menu.button.title = t("player.speed");
  };
  video.addEventListener("ratechange", update);
  view.right.append(menu.root);
  update();
}

export function speedLabel(speed: number): string {
  return t("player.times", { n: speed });
}

export function setSpeed(video: HTMLVideoElement, speed: number): void {
  // Loading another stream falls back to the default rate, so both are set.
  video.defaultPlaybackRate = speed;
  video.playbackRate = speed;
}

/** The speed `steps` away from `current` on the list, staying on it. */
export function nextSpeed(current: number, steps: number): number {
  const at = SPEEDS.findIndex((speed) => speed >= current);
  const index = Math.min(SPEEDS.length - 1, Math.max(0, (at < 0 ? SPEEDS.length - 1 : at) + steps));
  return SPEEDS[index] ?? 1;
}
