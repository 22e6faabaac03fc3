/**
 * Sound only, for a thin line: a twentieth of the bytes. Kept on this device, always with its way
 * back, and offered when the picture keeps stopping.
 */
import { h, setText, show } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";
import { onStall } from "./stall.ts";
import type { Stream } from "./stream.ts";
import { wordButton, type View } from "./view.ts";

/** A second stall within this time is no accident. */
const STALLS_WITHIN_MS = 60_000;

export function attachSound(view: View, stream: Stream): void {
  const toggle = (): void => stream.setSoundOnly(!stream.soundOnly);
  const button = wordButton(t("player.soundOnly"), toggle);
  const back = wordButton(t("player.pictureBack"), toggle);
  const cover = h("div", { class: "player-cover", hidden: true },
    h("p", { class: "player-cover-title" }, t("player.soundCover")), back);
  if (view.root.dataset.poster) cover.style.backgroundImage = `url("${view.root.dataset.poster}")`;
  const update = (): void => {
    const choice = Boolean(stream.media?.hls && stream.media.sound);
    show(button, choice);
    show(back, choice);
    show(cover, stream.playsSound());
    setText(button, t(stream.soundOnly ? "player.withPicture" : "player.soundOnly"));
    button.setAttribute("aria-pressed", String(stream.soundOnly));
  };
  stream.addEventListener("media", update);
  view.stage.insertBefore(cover, view.video.nextSibling);
  view.right.append(button);
  attachOffer(view, stream);
  update();
}

function attachOffer(view: View, stream: Stream): void {
  const accept = (): void => {
    show(offer, false);
    stream.setSoundOnly(true);
  };
  const offer = h("div", { class: "player-offer", role: "status", hidden: true },
    h("span", {}, t("player.thinLine")), wordButton(t("player.listenOnly"), accept),
    wordButton(t("player.keepPicture"), () => show(offer, false)));
  view.stage.append(offer);
  let last = -Infinity;
  onStall(view.video, () => {
    if (stream.playsSound() || !stream.media?.sound) return;
    if (performance.now() - last < STALLS_WITHIN_MS) show(offer, true);
    last = performance.now();
  });
}
