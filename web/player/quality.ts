/** The menu of qualities, with what the rest of the recording would take of the line. */
import { bytes } from "../shared/format.ts";
import { h, setText, show } from "../shared/dom.ts";
import { t } from "../shared/i18n.ts";
import { buildMenu, type Choice } from "./menu.ts";
import type { Rendition } from "../shared/types.ts";
import type { Stream } from "./stream.ts";
import type { View } from "./view.ts";

/** What the service calls the rendition that was taken over without encoding. */
const SOURCE = "source";

export function attachQuality(view: View, stream: Stream): void {
  const menu = buildMenu(t("player.quality"), () => choices(view, stream), (name) => stream.choose(name));
  const work = h("span", { class: "player-work", role: "status" });
  const update = (): void => {
    show(menu.root, stream.qualities().length > 0);
    setText(menu.button, buttonLabel(stream));
    menu.button.title = t("player.quality");
    setText(work, isEncoding(stream) ? t("player.encoding") : "");
  };
  stream.addEventListener("quality", update);
  stream.addEventListener("media", update);
  view.right.append(work, menu.root);
  update();
}

function choices(view: View, stream: Stream): Choice<string | null>[] {
  const left = Math.max(0, stream.duration() - view.video.currentTime);
  const held = stream.qualities().map((rendition) => ({
    value: rendition.name,
    label: rendition.name === SOURCE ? t("player.source", { lines: linesOf(rendition) }) : rendition.name,
    note: bytes((rendition.bandwidth / 8) * left),
    chosen: rendition.name === stream.chosen,
  }));
  const automatic = { value: null, label: t("player.automatic"), note: t("player.followsLine"), chosen: !isHeld(stream) };
  return [automatic, ...held];
}

function isHeld(stream: Stream): boolean {
  return stream.qualities().some(({ name }) => name === stream.chosen);
}

function buttonLabel(stream: Stream): string {
  const lines = (name: string | null): string => {
    const rendition = stream.qualities().find((one) => one.name === name);
    return rendition ? linesOf(rendition) : "";
  };
  if (isHeld(stream)) return lines(stream.chosen);
  const current = lines(stream.current());
  return current ? t("player.automaticAt", { name: current }) : t("player.automatic");
}

/** The lines of the shorter side, as the rungs are named: a phone's bar has no room for more. */
function linesOf({ name, width, height }: Rendition): string {
  return name === SOURCE ? `${Math.min(width, height)}p` : name;
}

function isEncoding(stream: Stream): boolean {
  const { media } = stream;
  return media !== null && media.hls !== null && media.growing;
}
