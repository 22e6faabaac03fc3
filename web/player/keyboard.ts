/** Carries out the player's keys, and says on the picture what each one did. */
import { h, isTyping, setText, show } from "../shared/dom.ts";
import { openDialog } from "../shared/dialog.ts";
import { clock } from "../shared/format.ts";
import { t } from "../shared/i18n.ts";
import { togglePlay } from "./playback.ts";
import { toggleFullscreen } from "./screen.ts";
import { commandOf, needsFocus, SHORTCUTS, type Command } from "./shortcuts.ts";
import { nextSpeed, setSpeed, speedLabel } from "./speed.ts";
import type { Stream } from "./stream.ts";
import type { View } from "./view.ts";
import { setVolume, toggleMute } from "./volume.ts";

const HINT_MS = 900;

export function attachKeyboard(view: View, stream: Stream): void {
  const hint = buildHint(view);
  document.addEventListener("keydown", (event) => {
    const command = commandOf(event);
    if (!command || event.defaultPrevented || !isOurs(view, event, command)) return;
    event.preventDefault();
    hint(carryOut(view, stream, command));
  });
}

function isOurs(view: View, event: KeyboardEvent, command: Command): boolean {
  const { target } = event;
  if (isTyping(target) || document.querySelector("dialog[open]")) return false;
  const inside = view.root.contains(document.activeElement) || document.fullscreenElement === view.root;
  if (needsFocus(command) && !inside) return false;
  // The space bar presses the button or link that has the focus.
  return event.key !== " " || !(target instanceof HTMLElement) || target.closest("button, a, summary") === null;
}

/** Do it, and answer what to say about it ("" for what speaks for itself). */
function carryOut(view: View, stream: Stream, command: Command): string {
  const { video } = view;
  switch (command.name) {
    case "toggle":
      togglePlay(video);
      return "";
    case "skip":
      stream.seek(video.currentTime + command.seconds);
      return t(command.seconds < 0 ? "player.back" : "player.ahead", { s: Math.abs(command.seconds) });
    case "part":
      stream.seek((stream.duration() * command.tenths) / 10);
      return clock((stream.duration() * command.tenths) / 10);
    case "volume":
      setVolume(video, video.volume + command.by);
      return t("player.volumeAt", { n: Math.round(video.volume * 100) });
    case "mute":
      toggleMute(video);
      return t(video.muted ? "player.muted" : "player.volumeAt", { n: Math.round(video.volume * 100) });
    case "speed":
      setSpeed(video, nextSpeed(video.playbackRate, command.steps));
      return speedLabel(video.playbackRate);
    case "fullscreen":
      toggleFullscreen(view);
      return "";
    case "help":
      void showHelp(view);
      return "";
  }
}

function buildHint(view: View): (text: string) => void {
  const element = h("div", { class: "player-hint", role: "status", hidden: true });
  view.stage.append(element);
  let timer = 0;
  return (text) => {
    if (!text) return;
    setText(element, text);
    show(element, true);
    clearTimeout(timer);
    timer = window.setTimeout(() => show(element, false), HINT_MS);
  };
}

/** The list of keys; also what the button of the bar opens. */
export async function showHelp(view: View): Promise<void> {
  const rows = SHORTCUTS.map(([keys, meaning]) => h("div", { class: "player-keys-row" },
    h("dt", {}, ...keys.split(" ").map((key) => (key === "–" ? h("span", {}, key) : h("kbd", {}, key === "Space" ? t("keys.space") : key)))),
    h("dd", {}, t(meaning))));
  const close = h("button", { class: "page-button", value: "" }, t("dialog.close"));
  await openDialog(t("keys.title"), [h("dl", { class: "player-keys" }, ...rows)], [close], view.root);
}
