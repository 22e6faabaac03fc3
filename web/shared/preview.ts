/**
 * A lesson's poster in a list shows the moment that lies under the pointer, and its time.
 *
 * A look into a lesson before it is opened. Nothing is reached by it that opening would not show,
 * so fingers and keys need no twin of it.
 */
import { Frames } from "../player/frames.ts";
import { h, setText } from "./dom.ts";
import { clock } from "./format.ts";

/** Show moments in `poster` while the pointer stays on it; it lies at `x` of the window now. */
export async function preview(poster: HTMLElement, x: number): Promise<void> {
  const { storyboard = "", duration = "0" } = poster.dataset;
  const frames = new Frames();
  const picture = h("span", { class: "poster-frame" });
  const time = poster.querySelector<HTMLElement>(".poster-time");
  const usual = time?.textContent ?? "";
  const draw = (at: number): void => {
    const { left, width, height } = poster.getBoundingClientRect();
    const second = Math.min(Math.max((at - left) / width, 0), 1) * Number(duration);
    void frames.draw(picture, second, cover(picture, width, height, frames.shape));
    if (time) setText(time, `${clock(second)} / ${clock(Number(duration))}`);
  };
  const move = (event: PointerEvent): void => draw((x = event.clientX));
  const leave = (): void => {
    poster.removeEventListener("pointermove", move);
    picture.remove();
    if (time) setText(time, usual);
  };
  poster.addEventListener("pointermove", move);
  poster.addEventListener("pointerleave", leave, { once: true });
  await frames.load(storyboard);
  if (!frames.ready || !poster.matches(":hover")) return leave();
  poster.querySelector("img")?.after(picture);
  draw(x);
}

/** Lay `picture` over the whole of a poster, as its own picture lies; answers the width it takes. */
function cover(picture: HTMLElement, width: number, height: number, shape: number): number {
  const wide = Math.max(width, height / shape);
  const high = wide * shape;
  const place = { width: wide, height: high, left: (width - wide) / 2, top: (height - high) / 2 };
  for (const [side, length] of Object.entries(place)) picture.style.setProperty(side, `${length}px`);
  return wide;
}
