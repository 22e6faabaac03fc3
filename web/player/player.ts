/**
 * The player: mounts on every `.player[data-media]` of the page.
 *
 * `data-media` is the address of `/resources/{id}/media`, `data-position` where the position is
 * kept (left out for who is not signed in), `data-poster` and `data-title` what to show before.
 * One controller a concern; they meet only in `View` (elements) and `Stream` (what is played).
 */
import { t } from "../shared/i18n.ts";
import { attachKeyboard, showHelp } from "./keyboard.ts";
import { attachPlayback } from "./playback.ts";
import { attachPosition } from "./position.ts";
import { attachQuality } from "./quality.ts";
import { attachScreen } from "./screen.ts";
import { attachSound } from "./sound.ts";
import { attachSpeed } from "./speed.ts";
import { Stream } from "./stream.ts";
import { attachTimeline } from "./timeline.ts";
import { attachTrouble } from "./trouble.ts";
import { buildView, iconButton } from "./view.ts";
import { attachVolume } from "./volume.ts";

function mount(root: HTMLElement, address: string): void {
  const view = buildView(root);
  const stream = new Stream(view.video, address);
  attachPlayback(view, stream);
  attachVolume(view);
  attachQuality(view, stream);
  attachSound(view, stream);
  attachSpeed(view);
  const keys = iconButton("keyboard", t("keys.title"), () => void showHelp(view));
  keys.classList.add("player-wide-only");
  view.right.append(keys);
  attachScreen(view);
  attachTimeline(view, stream);
  attachTrouble(view, stream);
  attachKeyboard(view, stream);
  void stream.open(attachPosition(view, stream));
}

for (const root of document.querySelectorAll<HTMLElement>(".player[data-media]")) {
  if (root.dataset.media) mount(root, root.dataset.media);
}
