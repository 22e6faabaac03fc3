/** The picture that the rooms see, in a frame that says so, with the tools to draw on it. */
import { h, icon, setText, show } from "../../shared/dom.ts";
import { clock } from "../../shared/format.ts";
import { sayTo, type Told } from "./audience.ts";
import type { Classroom } from "./classroom.ts";
import type { Desk, Panel } from "./desk.ts";
import type { Lesson, LessonState } from "./lesson.ts";
import { button, mark, press } from "./parts.ts";
import { COLOURS, WIDTHS, type Tool } from "./pen.ts";
import type { Seated } from "./roster.ts";
import { say, type Key } from "./say.ts";

const LIVE: readonly LessonState[] = ["live", "ending", "appliance"];
const LESS = ["slides_and_sound", "sound_only"] as const;
const LABELS: Partial<Record<LessonState, Told>> = { broken: "frame.broken", appliance: "frame.appliance", silent: "frame.silent", replaced: "frame.replaced", unsupported: "frame.unsupported" };

export class StageView implements Panel {
  readonly element: HTMLElement;
  private readonly label = h("span", {});
  private readonly countdown = h("div", { class: "lead-countdown", hidden: true });
  private readonly tools: [Tool, HTMLElement][];
  private readonly colours: [string, HTMLElement][];
  private readonly widths: [number, HTMLElement][];
  private readonly pens: HTMLElement;
  private readonly dark: HTMLElement;
  private readonly bar: HTMLElement;
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    const { pen, composer, classroom } = desk;
    const tool = (name: Tool, key: Key): [Tool, HTMLElement] => [name, button(say(key), () => this.take(name), { class: "lead-pen", icon: name === "pen" ? "pen" : "bulb" })];
    this.tools = [tool("pen", "pen"), tool("spotlight", "pen.spotlight")];
    this.colours = COLOURS.map((colour) => [colour, button(say(`colour.${colour}`), () => this.set(() => (pen.colour = colour)), { class: `lead-pen colour ${colour}` })]);
    this.widths = WIDTHS.map((width, index) => [width, button(say(`width.${index}` as Key), () => this.set(() => (pen.width = width)), { class: "lead-pen" })]);
    this.pens = h("span", { class: "lead-pens", hidden: true }, ...this.colours.map(([, made]) => made), ...this.widths.map(([, made]) => made),
      button(say("pen.undo"), () => pen.undo(), { class: "lead-pen" }), button(say("pen.clear"), () => pen.clear(), { class: "lead-pen" }));
    this.dark = button(say("pen.dark"), () => void classroom.ask("spotlight", { area: null }), { class: "lead-pen" });
    this.bar = h("div", { class: "lead-pen-bar", role: "toolbar", "aria-label": say("pen") }, ...this.tools.map(([, made]) => made), this.pens, this.dark);
    const said = h("div", { class: "lead-frame-label" }, icon("camera", 20), this.label);
    this.element = h("section", { class: "lead-frame", "aria-label": say("frame.region") }, composer.canvas, said, this.countdown, this.bar);
  }

  /** Take a tool in hand, or put it away. */
  take(tool: Tool): void {
    const { pen } = this.desk;
    pen.tool = pen.tool === tool ? "none" : tool;
    this.draw();
  }

  draw(): void {
    const { lesson, pen, composer, classroom } = this.desk;
    const { isOver } = classroom;
    const canDraw = pen.possible && !isOver;
    if (!canDraw) pen.tool = "none";
    const live = LIVE.includes(lesson.state) && !isOver;
    setText(this.label, [sayTo(this.desk, labelOf(lesson, classroom.phase)), ...(live ? withLess(classroom.roster.rooms) : [])].join(say("comma")));
    mark(this.element, "live", live);
    mark(this.element, "broken", !isOver && (lesson.state === "broken" || lesson.state === "silent"));
    mark(composer.canvas, "drawing", pen.tool !== "none");
    show(this.bar, canDraw);
    show(this.pens, pen.tool === "pen");
    show(this.dark, classroom.stage.spotlight !== null);
    for (const [tool, made] of this.tools) press(made, pen.tool === tool);
    for (const [colour, made] of this.colours) press(made, pen.colour === colour);
    for (const [width, made] of this.widths) press(made, pen.width === width);
    this.drawCountdown();
  }

  private set(change: () => void): void {
    change();
    this.draw();
  }

  private drawCountdown(): void {
    const { classroom } = this.desk;
    const { quiz, timer } = classroom.stage;
    const now = classroom.session.clock.now();
    const open = quiz !== null && (quiz.closes_ms === null || now < quiz.closes_ms);
    const ends = open ? quiz.closes_ms : timer && timer.began_ms + timer.seconds * 1000;
    const seconds = ends === null ? null : Math.ceil((ends - now) / 1000);
    const left = seconds === null ? "" : ` ${clock(seconds)}`;
    show(this.countdown, !classroom.isOver && (open || timer !== null));
    setText(this.countdown, !open && seconds !== null && seconds <= 0 ? say("timer.up") : say(open ? "quiz.running" : "timer.running") + left);
  }
}

/** The rooms whose line carries no picture. */
function withLess(rooms: readonly Seated[]): string[] {
  return LESS.flatMap((level) => {
    const n = rooms.filter((room) => room.admitted && room.present && room.playing === "lesson" && room.level === level).length;
    return n ? [say(`frame.${level}`, { n })] : [];
  });
}

/** What the picture in the frame is to those who take part. */
export function labelOf(lesson: Pick<Lesson, "state" | "isElsewhere" | "byAppliance">, phase: Classroom["phase"]): Told {
  const { state } = lesson;
  if (phase === "ended") return "frame.over";
  const known = LABELS[state];
  if (known) return known;
  if (LIVE.includes(state)) return "frame.live";
  if (lesson.isElsewhere) return "frame.elsewhere";
  if (state === "before" && phase === "running") return "frame.again";
  return lesson.byAppliance ? "frame.before.appliance" : "frame.before";
}
