/** The line above: on the air or not, for how long, how the rooms and the line are, and the way out. */
import { confirm } from "../../shared/dialog.ts";
import { h, setText, show } from "../../shared/dom.ts";
import { clock, span } from "../../shared/format.ts";
import { hasRooms, sayTo } from "./audience.ts";
import type { Classroom } from "./classroom.ts";
import { obstacle } from "./closed.ts";
import { openDevices } from "./device_panel.ts";
import { TEACHER, type Desk, type Panel } from "./desk.ts";
import { NONE } from "./devices.ts";
import { inStep, type Going } from "./in_step.ts";
import type { Lesson, LessonState } from "./lesson.ts";
import { button, mark, relabel } from "./parts.ts";
import { say, type Key } from "./say.ts";

/** Seconds of a lesson, some eighty chunks each, that wait before the line is called slow. */
const SLOW_CHUNKS = 400;

export class TopBar implements Panel {
  readonly element: HTMLElement;
  private readonly dot = h("span", { class: "lead-dot" });
  private readonly phase = h("strong", { role: "status" });
  private readonly time = h("span", { class: "lead-clock" });
  private readonly sync = h("span", { class: "state" });
  private readonly line = h("span", { class: "state", role: "status" });
  private readonly microphone: HTMLButtonElement;
  private readonly begin: HTMLButtonElement;
  private readonly end: HTMLButtonElement;
  private readonly rest: HTMLButtonElement;
  private readonly other: HTMLButtonElement;
  private readonly desk: Desk;
  private readonly canPublish = obstacle() === null;
  private muted = false;

  constructor(desk: Desk, help: () => void) {
    this.desk = desk;
    this.microphone = button(say("microphone.on"), () => this.switchMicrophone(), { class: "lead-tool", icon: "microphone" });
    this.begin = button(say("begin"), () => void this.onBegin(), { class: "stage-button primary" });
    this.end = button(say("end"), () => void this.onEnd(), { class: "stage-button end" });
    this.rest = button(say("end.giveUp"), () => desk.lesson.giveUpRest());
    this.other = button("", () => void (desk.lesson.tookOver ? desk.lesson.giveBack() : desk.lesson.takeOver()), { class: "stage-button" });
    this.element = h("header", { class: "lead-top" },
      this.dot, this.phase, this.time, h("h1", { title: desk.config.title }, desk.config.title),
      this.line, this.sync, this.microphone,
      button(say("devices"), () => openDevices(desk), { class: "lead-tool", icon: "camera" }),
      h("button", { type: "button", class: "lead-tool", on: { click: help } }, say("shortcuts"), h("kbd", { class: "key" }, "?")),
      this.begin, this.other, this.rest, this.end);
  }

  switchMicrophone(): void {
    const { mix } = this.desk;
    if (!this.hasMicrophone) {
      openDevices(this.desk);
      return;
    }
    if (!mix.runs) mix.resume();
    else this.muted = !this.muted;
    mix.setMuted(TEACHER, this.muted);
    this.draw();
  }

  draw(): void {
    const { classroom, lesson } = this.desk;
    const { isLed } = lesson;
    const { lengthMs, isOver } = classroom;
    mark(this.dot, "on", lesson.state === "live" || lesson.state === "appliance");
    setText(this.phase, say(phaseWord(lesson.state, classroom.phase)));
    setText(this.time, lengthMs !== null ? clock(lengthMs / 1000) : isOver ? "" : this.due());
    this.drawLine();
    show(this.sync, !isOver && hasRooms(this.desk));
    const sync = inStep(classroom.roster, this.going);
    setText(this.sync, sync.words);
    this.sync.className = `state ${sync.style}`;
    this.drawMicrophone();
    show(this.begin, !isLed && !isOver && lesson.state !== "over");
    this.begin.disabled = lesson.state === "unsupported" || this.isTooSoon;
    relabel(this.begin, say(beginWord(lesson, classroom.phase)));
    show(this.rest, lesson.isHeldUp);
    relabel(this.rest, say(lesson.isGivingBack ? "appliance.giveUp" : "end.giveUp"));
    this.drawOther();
    show(this.end, !isOver && (isLed || lesson.state === "unsupported"));
    this.end.disabled = lesson.state === "beginning" || lesson.state === "ending";
  }

  private get going(): Going {
    const { lesson, classroom } = this.desk;
    if (classroom.phase !== "running") return "before";
    return classroom.publishing && lesson.state !== "broken" ? "out" : "stopped";
  }

  /** The way to this page's own picture while an appliance gives it, and back. */
  private drawOther(): void {
    const { state, tookOver } = this.desk.lesson;
    show(this.other, tookOver ? state === "live" : this.canPublish && (state === "appliance" || state === "silent"));
    relabel(this.other, say(tookOver ? "appliance.back" : "appliance.instead"));
    mark(this.other, "primary", state === "silent");
  }

  /** Whether the service would not begin it yet. */
  private get isTooSoon(): boolean {
    return this.desk.classroom.phase === "waiting" && this.secondsTo(this.desk.config.may_begin_at) > 0;
  }

  /** By the service's clock, once it is known: the computer's own may be wrong. */
  private secondsTo(moment: string): number {
    const { clock } = this.desk.classroom.session;
    return (Date.parse(moment) - (clock.core.known ? clock.now() : Date.now())) / 1000;
  }

  private due(): string {
    const { begins_at, may_begin_at } = this.desk.config;
    if (this.isTooSoon) return say("begin.soonest", { time: span(this.secondsTo(may_begin_at)) });
    const seconds = this.secondsTo(begins_at);
    return say(seconds >= 0 ? "begin.in" : "begin.late", { time: span(Math.abs(seconds)) });
  }

  private drawLine(): void {
    const { lesson, classroom } = this.desk;
    const { words, style } = this.lineState();
    this.line.className = `lead-line state ${style}`;
    this.line.title = words;
    setText(this.line, words);
    show(this.line, words !== "" && (lesson.state !== "before" || lesson.failure !== "" || (classroom.begunMs !== null && style !== "")));
  }

  /** How what is made here gets to the service. */
  private lineState(): { words: string; style: "" | "lowered" | "dropped" } {
    const { lesson, classroom } = this.desk;
    const kept = lesson.keptChunks;
    if (lesson.failure) return { words: lesson.failure, style: "dropped" };
    if (lesson.state === "unsupported") return { words: say("closed.unsupported"), style: "dropped" };
    if (lesson.isElsewhere) return { words: say("replaced"), style: "lowered" };
    if (classroom.isOver) return { words: "", style: "" };
    if (lesson.isGivingBack) return { words: say("appliance.kept", { n: kept }), style: "lowered" };
    if (lesson.state === "silent") return { words: say("appliance.silent"), style: "dropped" };
    if (lesson.state === "broken") return { words: say("line.broken"), style: "dropped" };
    if (classroom.session.line.state !== "open") return { words: say("line.socket"), style: "lowered" };
    if (lesson.state === "appliance") return { words: say("appliance"), style: "" };
    // What is kept is not lost.
    if (lesson.lost) return { words: say(`line.lost.${lesson.lost}`), style: "lowered" };
    return kept > SLOW_CHUNKS ? { words: say("line.slow"), style: "lowered" } : { words: say("line.good"), style: "" };
  }

  private drawMicrophone(): void {
    const { hasMicrophone } = this;
    const blocked = !this.desk.mix.runs;
    show(this.microphone, !this.desk.classroom.isOver);
    mark(this.microphone, "off", this.muted || blocked || !hasMicrophone);
    relabel(this.microphone, say(!hasMicrophone ? "microphone.none" : blocked ? "sound.blocked" : this.muted ? "microphone.off" : "microphone.on"));
  }

  private get hasMicrophone(): boolean {
    return this.desk.devices.used("microphone") !== NONE;
  }

  private async onBegin(): Promise<void> {
    this.desk.mix.resume();
    relabel(this.begin, say("begin.busy"));
    await this.desk.lesson.begin();
  }

  private async onEnd(): Promise<void> {
    const asked = this.desk.classroom.isAsking ? say("end.asking") : "";
    if (await confirm(asked + sayTo(this.desk, "end.ask"), say("end"))) await this.desk.lesson.end();
  }
}

const OWN_PHASES: Readonly<Partial<Record<LessonState, Key>>> = { silent: "phase.broken", broken: "phase.broken", ending: "phase.ending" };

/** Where this page gives no picture, it is the class's own phase that counts: another window may lead it. */
export function phaseWord(state: LessonState, phase: Classroom["phase"]): Key {
  const own = phase === "ended" ? null : OWN_PHASES[state];
  if (own) return own;
  if (phase === "waiting") return state === "beginning" ? "begin.busy" : "phase.before";
  return phase === "running" ? "phase.live" : "phase.over";
}

/** What taking the class into this window is called. */
function beginWord({ state, isElsewhere }: Lesson, phase: Classroom["phase"]): Key {
  if (state === "replaced") return "replaced.here";
  if (isElsewhere) return "replaced.take";
  return phase === "running" ? "begin.again" : "begin";
}
