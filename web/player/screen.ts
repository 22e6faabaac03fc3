/** Full screen and picture in picture, where the browser has them. */
import { t } from "../shared/i18n.ts";
import { show } from "../shared/dom.ts";
import { iconButton, setIconButton, wordButton, type View } from "./view.ts";

/** Long enough to find the pointer again; after it the whole screen belongs to the lesson. */
const IDLE_MS = 3000;

/** iPhone has full screen for the video element alone. */
interface AppleVideo extends HTMLVideoElement {
  webkitEnterFullscreen?: () => void;
}

export function attachScreen(view: View): void {
  attachPictureInPicture(view);
  const button = iconButton("fullscreen", t("player.fullscreen"), () => toggleFullscreen(view));
  view.right.append(button);
  view.video.addEventListener("dblclick", () => toggleFullscreen(view));
  document.addEventListener("fullscreenchange", () => {
    const full = document.fullscreenElement === view.root;
    setIconButton(button, full ? "leaveFullscreen" : "fullscreen", t(full ? "player.leaveFullscreen" : "player.fullscreen"));
  });
  attachIdle(view);
}

export function toggleFullscreen(view: View): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else if (typeof view.root.requestFullscreen === "function") void view.root.requestFullscreen();
  else (view.video as AppleVideo).webkitEnterFullscreen?.();
}

function attachPictureInPicture(view: View): void {
  if (!document.pictureInPictureEnabled) return;
  const button = wordButton(t("player.pictureInPicture"), () => {
    if (document.pictureInPictureElement) void document.exitPictureInPicture();
    else void view.video.requestPictureInPicture().catch(() => undefined);
  });
  button.classList.add("player-wide-only");
  view.right.append(button);
  // Without a picture there is nothing to take out.
  const update = (): void => show(button, view.video.videoWidth > 0);
  view.video.addEventListener("loadedmetadata", update);
  view.video.addEventListener("resize", update);
  update();
}

function attachIdle(view: View): void {
  let timer = 0;
  const wake = (): void => {
    view.root.classList.remove("player-idle");
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      const busy = view.video.paused || view.bar.contains(document.activeElement) && view.root.querySelector(".player-menu:not([hidden])") !== null;
      view.root.classList.toggle("player-idle", !busy && document.fullscreenElement === view.root);
    }, IDLE_MS);
  };
  for (const event of ["pointermove", "pointerdown", "keydown"]) view.root.addEventListener(event, wake);
  for (const event of ["fullscreenchange", "keydown"]) document.addEventListener(event, wake);
  view.video.addEventListener("play", wake);
  view.video.addEventListener("pause", wake);
}
