/** Watching a class: unseen, as a teacher whom a training is for, or as the one who is with the pupils of a room. */
import { fill, h, setAttribute, setText, show } from "../../shared/dom.ts";
import { toast } from "../../shared/toast.ts";
import { placeOf, put, WHOLE } from "../appliance.ts";
import type { Measure } from "../measuring.ts";
import { Lesson, renditionOf } from "../room/lesson.ts";
import { LevelKeeper } from "../room/level_keeper.ts";
import { lineChoice, showLevel } from "../room/line_choice.ts";
import { isPageBefore } from "../room/situation.ts";
import { LookingBack } from "../room/looking_back.ts";
import { Overlay } from "../room/overlay.ts";
import { Own } from "../room/own.ts";
import { Refused, type Hello } from "../session.ts";
import { slideAddress } from "../slide.ts";
import type { Happened } from "../vocabulary.ts";
import { Beside } from "./beside.ts";
import { Controls } from "./controls.ts";
import { FromLead } from "./from_lead.ts";
import { Notes } from "./notes.ts";
import { isDone, overPicture, type Watched } from "./over_picture.ts";
import { OwnHand } from "./own_hand.ts";
import { Roster } from "./roster.ts";
import { say } from "./words.ts";

/** Countdowns show seconds. */
const TICK_MS = 250;

class Watch {
  private readonly root: HTMLElement;
  private readonly lesson: Lesson;
  private readonly back: LookingBack;
  private readonly levels: LevelKeeper;
  private readonly overlay: Overlay;
  private readonly roster: Roster;
  /** The room that she is with. Who is with none is never outside. */
  private readonly own = new Own();
  private readonly notes: Notes;
  private readonly beside: Beside;
  /** Of who is of the class herself. */
  private readonly hand: OwnHand | null;
  private readonly wayOut: HTMLElement;
  private readonly part = h("p");
  /** Beside the picture, but for the notes. */
  private readonly company: readonly HTMLElement[];
  /** Who is with pupils has it on the room's screen. */
  private readonly fromLead: FromLead | null;
  private readonly line: HTMLElement;
  private readonly choice: HTMLSelectElement;
  private readonly controls: Controls;
  private readonly side: HTMLElement;
  private readonly state = h("p", { class: "watch-state state waiting", role: "status" });
  private readonly word = h("span");
  private readonly after = h("a", { hidden: true }, say("overLink"));
  private readonly before = h("p", { class: "watch-before", hidden: true }, say("slideBefore"));
  private readonly veil = h("div", { class: "watch-veil", hidden: true }, this.word, this.after);
  private readonly unblock = h("button", { class: "watch-veil", type: "button", hidden: true, on: { click: () => this.onUnblock() } }, say("soundBlocked"));
  private measure: Measure | null = null;
  private spreadMs: number | null = null;
  private behindS: number | null = null;
  private phase: "waiting" | "running" | "ended" = "waiting";
  private isOut = false;
  private begun: number | null = null;

  constructor(root: HTMLElement) {
    this.root = root;
    const { class: id = "", title = "", teacher = "", school = "", room = "", trainee, me = "", training, probe = "", rooms = "{}" } = root.dataset;
    this.roster = new Roster(JSON.parse(rooms) as Record<string, string>, Boolean(training));
    this.after.href = `/classes/${id}`;
    const video = h("video", { playsinline: true });
    // In the classroom its own screen is heard.
    video.muted = room !== "";
    this.lesson = new Lesson(id, video);
    this.overlay = new Overlay((page, size) => slideAddress(id, page, size));
    this.back = new LookingBack(this.lesson);
    this.levels = new LevelKeeper(this.lesson, probe);
    this.notes = new Notes({
      moment: () => this.lesson.receiver?.moment ?? this.lesson.now,
      begun: () => this.begun,
      keep: (note) => this.ask("note", note),
      erase: (id) => this.ask("erase_note", { id }),
      look: (moment) => this.back.to(moment),
      me,
    }, id, Boolean(trainee));
    this.beside = new Beside((command, body) => this.ask(command, body), (room) => this.roster.nameOf(room));
    const hand = trainee ? new OwnHand(me, (command, body) => void this.ask(command, body)) : null;
    this.hand = hand;
    this.fromLead = room ? null : new FromLead(id, Boolean(trainee));
    const stage = h("div", { class: "watch-picture" }, video, this.overlay.element, this.before, this.veil, this.unblock);
    this.controls = new Controls(video, this.back, stage, () => this.notes.focus(), hand ? () => hand.toggle() : undefined);
    setText(this.part, room ? say("beside", { room }) : say(trainee ? "attending" : "observing"));
    const { href, words } = wayBack(id);
    this.wayOut = h("a", { class: "stage-button", href }, words);
    const head = h("header", { class: "watch-head" },
      this.wayOut, training && h("span", { class: "watch-tag" }, say("training")),
      h("h1", {}, title), h("p", {}, say("who", { school, teacher })), this.part);
    this.choice = lineChoice("stage-field watch-line-choice", this.levels.choice, (choice) => {
      this.levels.choose(choice);
      this.draw();
    });
    this.line = h("label", { class: "watch-line" }, say("line"), this.choice);
    // How the rooms are doing is for who looks in from outside.
    this.company = [(hand ?? this.roster).element, ...(this.fromLead ? [this.fromLead.element] : []), ...(room ? [this.beside.element] : [])];
    this.side = h("aside", { class: "watch-side" }, ...this.company, !room && this.notes.element);
    fill(root, head, h("section", { class: "watch-stage" }, stage, h("div", { class: "watch-foot" }, this.state, this.line, this.controls.element)), this.side);
    this.listen();
  }

  start(): void {
    this.draw();
    this.lesson.open(renditionOf(this.levels.level));
    this.levels.start();
    if (this.fromLead) window.setInterval(() => this.drawFromLead(), TICK_MS);
  }

  private listen(): void {
    const { lesson } = this;
    lesson.on("hello", (hello) => this.onHello(hello));
    lesson.on("event", (event) => this.onEvent(event));
    for (const change of ["stage", "state", "broken"] as const) lesson.on(change, () => this.draw());
    lesson.on("measure", (measure) => {
      this.measure = measure;
      this.draw();
    });
    lesson.session.on("presence", (presence) => {
      this.spreadMs = presence.spread_ms;
      this.roster.hear(presence);
      this.draw();
    });
    this.levels.on("level", (level) => {
      lesson.play(renditionOf(level));
      this.draw();
    });
    lesson.on("blocked", () => show(this.unblock, true));
    lesson.on("refused", (refusal) => this.onRefused(refusal === "class-ended"));
    this.back.on("behind", (seconds) => {
      this.behindS = seconds;
      this.controls.showPast(seconds !== null);
      this.draw();
    });
  }

  private onHello(hello: Hello): void {
    this.phase = hello.state.phase;
    this.begun = hello.state.begun_ms ?? null;
    this.roster.take(hello);
    if (hello.role === "teacher") this.beside.take(hello);
    else this.notes.take(hello);
    this.hand?.take(hello);
    this.fromLead?.take(hello);
    this.own.take(hello);
    this.follow();
  }

  private onEvent(event: Happened): void {
    if (event.kind === "begin") [this.phase, this.begun] = ["running", event.media_ms];
    if (event.kind === "end") this.phase = "ended";
    if (event.kind === "slide") this.overlay.load(event["page"] as { deck: string; number: number });
    this.roster.apply(event);
    this.notes.apply(event);
    this.beside.apply(event);
    this.hand?.apply(event);
    this.fromLead?.apply(event);
    const wasOut = !this.own.isAdmitted;
    this.own.apply(event);
    // Who is let in has to be told everything anew.
    if (wasOut && this.own.isAdmitted) location.reload();
    this.follow();
  }

  /** With the pupils of a room that is sent out she sees no more either. */
  private follow(): void {
    if (!this.own.isAdmitted) this.lesson.stop();
    this.draw();
  }

  private onRefused(ended: boolean): void {
    if (ended) {
      this.phase = "ended";
      this.notes.end();
    } else this.leave();
    this.lesson.stop();
    this.draw();
  }

  /** Nothing leads to the class any more: neither to its page nor to a form of it. */
  private leave(): void {
    this.isOut = true;
    this.notes.leaveClass();
    const { href, words } = wayBack();
    for (const link of [this.wayOut, this.after]) {
      setAttribute(link, "href", href);
      setText(link, words);
    }
    for (const element of [...this.company, this.part, this.unblock]) show(element, false);
  }

  private async ask(command: string, body: object): Promise<boolean> {
    try {
      await this.lesson.session.command(command, body);
      return true;
    } catch (error) {
      if (error instanceof Refused && error.message) toast(error.message);
      return false;
    }
  }

  private onUnblock(): void {
    show(this.unblock, false);
    void this.lesson.video.play().catch(() => show(this.unblock, true));
  }

  private draw(): void {
    const [mark, words] = this.said;
    setAttribute(this.state, "class", `watch-state state ${mark}`);
    setText(this.state, words);
    const { level } = this.levels;
    showLevel(this.choice, level);
    const isOverlaid = this.own.isAdmitted && !this.back.isBack && level !== "sound_only";
    show(this.overlay.element, isOverlaid);
    put(this.lesson.video, isOverlaid ? placeOf(this.lesson.pictureSource, this.lesson.stage) : WHOLE);
    this.overlay.whole = level === "slides_and_sound";
    this.overlay.isFull = level === "full";
    this.overlay.draw(this.lesson.stage);
    show(this.before, isOverlaid && isPageBefore({ level, lesson: this.lesson, isBack: this.back.isBack }));
    this.drawVeil();
  }

  private drawFromLead(): void {
    if (!this.isOut) this.fromLead?.draw(this.back.isBack ? null : this.lesson.stage, this.lesson.now);
  }

  private drawVeil(): void {
    const { watched, isOut, own: { isAdmitted } } = this;
    const words = overPicture(watched);
    show(this.veil, words !== "");
    setText(this.word, words);
    const isOver = isOut || isDone(watched);
    show(this.after, isOver);
    for (const element of [this.line, this.controls.element]) show(element, !isOver && isAdmitted);
    // Who is with pupils writes no notes.
    const isAlone = !isAdmitted || (isOut && !this.side.contains(this.notes.element));
    show(this.side, !isAlone);
    this.root.classList.toggle("is-alone", isAlone);
  }

  private get watched(): Watched {
    const { own, phase, isOut, levels: { level }, lesson: { stage, receiver } } = this;
    return { own, phase, isOut, level, stage, receiver: receiver?.state };
  }

  private get said(): [string, string] {
    if (this.isOut) return ["waiting", say("out")];
    if (this.lesson.session.line.state === "broken") return ["dropped", say("broken")];
    if (!this.own.isAdmitted && this.phase !== "ended") return ["waiting", say("outside")];
    if (this.behindS !== null) return ["lowered", say("past", { seconds: Math.round(this.behindS) })];
    if (this.phase === "ended") return ["waiting", say("over")];
    if (this.phase === "waiting") return ["waiting", say("waiting")];
    const lag = this.measure && (this.measure.lagMs / 1000).toFixed(1);
    switch (this.lesson.receiver?.state) {
      case "in-step":
        if (lag === null) return ["", say("sync")];
        return ["", this.spreadMs === null ? say("syncDetail", { lag }) : say("syncApart", { spread: Math.max(1, this.spreadMs), lag })];
      case "catching-up":
        return ["lowered", say("catchingUp")];
      case "broken":
        return ["dropped", say("broken")];
      default:
        return ["waiting", say("waiting")];
    }
  }
}

/** Back to where one came from; without a class that is still hers, past it. */
function wayBack(classId?: string): { href: string; words: string } {
  if (document.referrer !== "" && new URL(document.referrer).pathname === "/patrol") return { href: "/patrol", words: say("toPatrol") };
  return classId ? { href: `/classes/${classId}`, words: say("toClass") } : { href: "/timetable", words: say("toTimetable") };
}

const root = document.getElementById("watch");
if (root) new Watch(root).start();
