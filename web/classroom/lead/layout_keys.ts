/** What is put into the picture, chosen with one key. */
import { h, setText, show } from "../../shared/dom.ts";
import { toast } from "../../shared/toast.ts";
import { LAYOUTS, ORDER } from "../layouts.ts";
import type { View } from "../vocabulary.ts";
import type { Classroom } from "./classroom.ts";
import type { Desk, Panel } from "./desk.ts";
import { mark, press } from "./parts.ts";
import { say, type Key } from "./say.ts";
import { SHOWS_SLIDES } from "./turning.ts";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 40;
const HEIGHT = 24;
const OF_ROOMS: ReadonlySet<View> = new Set(["room_in_corner", "all_rooms"]);

interface Made {
  view: View;
  button: HTMLButtonElement;
  why: HTMLElement;
}

export class LayoutKeys implements Panel {
  readonly element: HTMLElement;
  private readonly keys: Made[];
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    this.keys = ORDER.map((view, index) => this.make(view, index));
    this.element = h("div", { class: "lead-layouts", role: "group", "aria-label": say("layouts") }, ...this.keys.map(({ button }) => button));
  }

  choose(view: View): void {
    const { classroom, turning } = this.desk;
    if (SHOWS_SLIDES.has(view) && !this.hasSlides) {
      // The rooms go on seeing what they see, and no empty screen.
      toast(say("layout.noSlidesWhy"));
      return;
    }
    void classroom.ask("layout", { view });
    if (SHOWS_SLIDES.has(view) && !turning.page) turning.turn(1);
  }

  private get hasSlides(): boolean {
    return this.desk.turning.page !== null || this.desk.slides.decks.length > 0;
  }

  draw(): void {
    const { classroom } = this.desk;
    for (const { view, button, why } of this.keys) {
      press(button, classroom.stage.layout === view);
      const missing = SHOWS_SLIDES.has(view) && !this.hasSlides ? "layout.noSlides" : OF_ROOMS.has(view) ? noPicture(classroom, view) : null;
      mark(button, "missing", missing !== null);
      show(why, missing !== null);
      if (missing) setText(why, say(missing));
    }
  }

  private make(view: View, index: number): Made {
    const why = h("small", { hidden: true });
    const digit = h("kbd", { class: "key" }, String(index + 1));
    const words = h("span", {}, say(`layout.${view}`));
    const button = h("button", { type: "button", class: "lead-layout", on: { click: () => this.choose(view) } }, sketch(view), digit, words, why);
    return { view, button, why };
  }
}

/** Why no room would be seen in a layout of rooms; null where one has a picture to show. */
export function noPicture({ lesson, stage, roster }: Pick<Classroom, "lesson" | "stage" | "roster">, view: View): Key | null {
  const here = roster.rooms.filter(({ admitted, present }) => admitted && present);
  if (here.length === 0) return "layout.noRooms";
  // The composer draws what the talk brings, and in a broadcast class who speaks is in it alone. The corner is for who speaks.
  const areAllInTalk = lesson === "interactive" && view === "all_rooms";
  return areAllInTalk || here.some(({ id }) => stage.speaking.includes(id)) ? null : "layout.noneSpeaks";
}

/** The layout in small, drawn from the same boxes as the picture itself. */
function sketch(view: View): Element {
  const svg = element("svg", { width: WIDTH, height: HEIGHT, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
  for (const { what, x, y, width, height } of LAYOUTS[view]) {
    svg.append(element("rect", { class: `sketch-${what}`, x: x * WIDTH, y: y * HEIGHT, width: width * WIDTH, height: height * HEIGHT }));
    const all = what === "rooms" && width === 1;
    if (all) svg.append(element("path", { class: "sketch-rule", d: `M${WIDTH / 2} 0v${HEIGHT}M0 ${HEIGHT / 2}h${WIDTH}` }));
    if (what === "board") svg.append(element("path", { class: "sketch-chalk", d: "M6 15q4-9 8-4t7-2 6 1" }));
  }
  return svg;
}

function element(name: string, attributes: Record<string, string | number>): Element {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
