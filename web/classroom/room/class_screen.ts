/** A receiving classroom in a lesson: the picture, the question, the foot. */
import { h, setAttribute } from "../../shared/dom.ts";
import { toast } from "../../shared/toast.ts";
import { Emitter } from "../emitter.ts";
import { isOpen } from "../questions.ts";
import type { Refusal } from "../line.ts";
import type { RecordingRule } from "../recording_rule.ts";
import { Refused, type Hello } from "../session.ts";
import type { Happened, Level } from "../vocabulary.ts";
import { AskedNow } from "./asked_now.ts";
import { Foot } from "./foot.ts";
import { Hand } from "./hand.ts";
import { Head, type RoomNames } from "./head.ts";
import { Heads } from "./heads.ts";
import { listenForKeys, showKeys } from "./keys.ts";
import { isSoundAlone, Lesson, renditionOf } from "./lesson.ts";
import { LevelKeeper } from "./level_keeper.ts";
import { LineGone } from "./line_gone.ts";
import { LookingBack } from "./looking_back.ts";
import { Own } from "./own.ts";
import { OwnStill } from "./own_still.ts";
import { Picture } from "./picture.ts";
import { QuizPanel } from "./quiz.ts";
import { stepOf, whoSees, type Situation } from "./situation.ts";
import type { ClassNext } from "./standby.ts";
import { readOut } from "./readout.ts";
import { SyncLine } from "./sync_line.ts";
import { Talking } from "./talking.ts";
import { RoomWindow } from "./window.ts";
import { say } from "./words.ts";

interface ScreenEvents {
  /** The class runs: there is something to be seen. */
  begun: undefined;
  /** The class is over, and its last picture was shown. */
  over: undefined;
}

const TICK_MS = 250;
/** After the end: the last pictures come, then the word that it is over stays for a while. */
const LAST_PICTURES_MS = 2000;
const OVER_MS = 8000;

export class ClassScreen extends Emitter<ScreenEvents> {
  readonly element: HTMLElement;
  readonly id: number;
  private readonly lesson: Lesson;
  private readonly own = new Own();
  private readonly picture: Picture;
  private readonly back: LookingBack;
  private readonly askedNow: AskedNow;
  private readonly levels: LevelKeeper;
  private readonly talking: Talking;
  private readonly still: OwnStill;
  private readonly sync = new SyncLine();
  private readonly hand = new Hand((count) => this.raise(count));
  private readonly heads = new Heads((heads) => this.count(heads));
  private readonly quiz: QuizPanel;
  private readonly foot: Foot;
  private readonly head: Head;
  private readonly line = new LineGone();
  private readonly window = new RoomWindow();
  private readonly recording: RecordingRule;
  /** The rooms of the class with their schools, by number. */
  private readonly names: ClassNext["rooms"];
  private calledAt: number | null = null;
  private isOver = false;
  private isDone = false;
  private isShut = false;
  private ticker = 0;
  private stopKeys: () => void = () => undefined;

  constructor(next: ClassNext, names: RoomNames, probe: string) {
    super();
    this.id = next.id;
    this.recording = next.recording;
    this.names = next.rooms;
    this.picture = new Picture(next.id);
    this.lesson = new Lesson(String(next.id), this.picture.video);
    this.back = new LookingBack(this.lesson);
    this.askedNow = new AskedNow(this.lesson, () => this.back.toNow());
    this.still = new OwnStill(this.lesson.session);
    this.talking = new Talking(this.lesson, this.picture.talk);
    this.levels = new LevelKeeper(this.lesson, probe, this.talking);
    this.quiz = new QuizPanel({
      answer: ({ quiz, opened_ms }, given, atMs) => void this.ask("answer", { quiz, given, shown_ms: Math.round(Math.max(opened_ms, atMs)) }, {}),
      now: () => this.lesson.now,
      ours: ({ result }) => result?.rooms.find(({ room }) => room === this.own.id),
    });
    this.foot = new Foot({
      sync: this.sync, back: this.back, heads: this.heads, hand: this.hand, choice: this.levels.choice,
      lookBack: () => this.lookBack(), choose: (choice) => this.levels.choose(choice), help: () => showKeys(this.window),
    });
    this.head = new Head(names, next, this.window);
    this.element = h("div", { class: "room-class" }, this.head.element, h("section", { class: "room-stage" }, this.picture.element, this.askedNow.element), this.quiz.element, this.foot.element);
    this.invite(next);
    this.listen();
  }

  open(): void {
    this.lesson.open(renditionOf(this.levels.level));
    this.levels.start();
    this.ticker = window.setInterval(() => this.tick(), TICK_MS);
    this.stopKeys = listenForKeys({
      hand: () => this.hand.toggle(),
      heads: (by) => this.heads.step(by),
      headKey: (key) => this.heads.press(key),
      back: () => this.lookBack(),
      forward: () => this.back.forward(),
      catchUp: () => this.back.catchUp(),
      toNow: () => this.back.toNow(),
      phones: () => this.head.join.toggle(),
      help: () => showKeys(this.window),
      quiz: (key) => this.quiz.press(key),
      write: () => this.quiz.write(),
    });
  }

  close(): void {
    clearInterval(this.ticker);
    this.line.close();
    this.stopKeys();
    this.levels.stop();
    this.still.follow(false);
    this.talking.close();
    this.window.shut();
    this.lesson.close();
    this.picture.overlay.close();
  }

  /** Where pupils' phones come in; only while the class runs. */
  invite({ phones }: ClassNext): void {
    this.head.join.show(this.isOver ? null : phones);
  }

  /** The class is over, as the timetable or its log says. */
  finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.back.toNow();
    // Nothing is asked of the room any more, nor offered.
    this.stopKeys();
    this.window.shut();
    this.head.join.show(null);
    this.foot.rest();
    window.setTimeout(() => {
      this.isDone = true;
      this.draw();
      window.setTimeout(() => this.tell("over", undefined), OVER_MS);
    }, this.lesson.delayMs + LAST_PICTURES_MS);
  }

  private listen(): void {
    const { lesson } = this;
    lesson.on("hello", (hello) => this.onHello(hello));
    lesson.on("event", (event) => this.onEvent(event));
    for (const change of ["stage", "state"] as const) lesson.on(change, () => this.draw());
    readOut(lesson, this.sync);
    lesson.on("blocked", () => this.picture.block());
    lesson.on("broken", () => this.line.breaks());
    lesson.on("refused", (refusal) => this.onRefused(refusal));
    this.line.on("changed", () => this.draw());
    this.levels.on("level", (level) => this.onLevel(level));
    this.talking.on("changed", () => this.draw());
    this.talking.on("blocked", () => this.picture.block());
    this.back.on("behind", (seconds) => this.onBehind(seconds));
  }

  private onHello(hello: Hello): void {
    this.line.comes();
    this.own.take(hello);
    this.calledAt = hello.state.roll_called_ms ?? null;
    this.tellLevel(this.levels.level);
    // A page that was reloaded is in the lesson, whatever it was before.
    if (!this.back.isBack) this.onBehind(null);
    if (hello.state.phase === "ended") this.finish();
    this.follow();
  }

  private onEvent(event: Happened): void {
    this.own.apply(event);
    if (event.kind === "roll_call") this.calledAt = event.media_ms;
    if (event.kind === "slide") this.picture.overlay.load(event["page"] as { deck: string; number: number });
    if (event.kind === "end") this.finish();
    if (event.kind === "roll_call") this.window.shut();
    if (event.kind === "call_up" && event["room"] === this.own.id) this.speak();
    // Who is let in has to be told everything anew.
    if (event.kind === "admit" && event["room"] === this.own.id) location.reload();
    this.follow();
  }

  /** Refused for another reason, the room asks the timetable again, and comes back where it may. */
  private onRefused(refusal: Refusal): void {
    if (!this.isOver) this.isShut = refusal !== "class-ended";
    this.finish();
  }

  private follow(): void {
    if (this.own.phase !== "waiting" || !this.own.isAdmitted) this.tell("begun", undefined);
    this.still.follow(this.own.showsItself);
    this.talking.follow(this.own);
    // Who is sent out sees no more, after the talk too.
    if (!this.own.isAdmitted) this.lesson.stop();
    this.draw();
  }

  private onLevel(level: Level): void {
    this.lesson.play(renditionOf(level));
    this.tellLevel(level);
    this.draw();
  }

  private tellLevel(level: Level): void {
    if (this.own.isAdmitted && this.own.room.level !== level) void this.ask("line", { level });
  }

  /** From the talk too, which is left for it; but not by who is asked to speak. */
  private lookBack(): void {
    if (this.lesson.isTalking && this.own.isCalled) toast(say("speaking.noPast"));
    else this.back.back();
  }

  private onBehind(seconds: number | null): void {
    const { own } = this;
    this.talking.rest(seconds !== null, own);
    if (seconds !== null) this.sync.behind(this.back.isComing ? null : seconds);
    const playing = seconds === null ? "lesson" : "past";
    const isTold = own.isAdmitted && own.phase !== "ended" && !this.lesson.isTalking;
    if (isTold && own.room.playing !== playing) void this.ask("mode", { playing });
    own.change({ playing });
    this.foot.showPast(seconds !== null);
    this.draw();
  }

  /** Called up: what was asked for with the hand has come. */
  private speak(): void {
    this.window.shut();
    if (this.own.room.hand) this.raise(0);
  }

  private count(heads: number): Promise<boolean> {
    this.own.change({ heads, counted: true });
    this.draw();
    return this.ask("head_count", { heads });
  }

  private raise(count: number): void {
    this.own.change({ hand: count });
    void (count ? this.ask("raise_hand", { count }) : this.ask("lower_hand"));
    this.draw();
  }

  /** Ask for something, of this room unless it says otherwise. False where the class says no. */
  private ask(command: string, body: object = {}, of: object = { room: this.own.id }): Promise<boolean> {
    return this.lesson.session.command(command, { ...of, ...body }).then(() => true, (error: unknown) => {
      if (error instanceof Refused && error.message) toast(error.message);
      return false;
    });
  }

  private tick(): void {
    this.head.showTimer(this.isDone ? null : this.lesson.stage.timer, this.lesson.now);
    this.askedNow.draw(this.back.isBack);
    this.drawQuiz();
    this.drawHeads();
  }

  private draw(): void {
    // First: what the question is about may be what the picture shows.
    this.drawQuiz();
    const { situation, own } = this;
    this.sync.show(stepOf(situation), isSoundAlone(situation.level));
    this.foot.showLevel(situation.level);
    this.foot.showBack(own.isAdmitted);
    this.hand.show(own.room.hand ?? 0, own.phase === "running" && own.isAdmitted);
    this.head.showCalled(own.isCalled && own.isAdmitted && this.lesson.isTalking ? whoSees(situation) : "", this.others);
    setAttribute(this.element, "data-level", situation.level);
    this.picture.draw(situation);
    this.drawHeads();
  }

  /** The other rooms that speak, by name. */
  private get others(): string[] {
    const { own, lesson: { stage } } = this;
    return own.isAdmitted && own.phase === "running" ? stage.speaking.filter((room) => room !== own.id).map((room) => this.names[room] ?? own.nameOf(room)) : [];
  }

  private drawQuiz(): void {
    const { now, stage } = this.lesson;
    const quiz = this.back.isBack || this.isDone ? null : stage.quizAt(now);
    const isOther = this.quiz.show(quiz, this.own.given);
    if (isOther && quiz && isOpen(quiz, now)) {
      this.window.shut();
      this.quiz.write();
    }
    if (isOther) this.picture.draw(this.situation);
    this.element.classList.toggle("has-quiz", this.quiz.isShown);
  }

  private drawHeads(): void {
    if (!this.own.isAdmitted) this.heads.rest();
    else if (this.quiz.isOpen) this.heads.showAnswers(this.own.answers, this.own.given.length > 0, this.own.room.heads ?? null);
    else this.heads.showHeads(this.own.room, this.calledAt, this.lesson.session.clock.now());
  }

  private get situation(): Situation {
    const { own, lesson, isDone, isShut, recording } = this;
    return { own, lesson, level: this.levels.level, asked: this.quiz.page, isBack: this.back.isBack, isLineGone: this.line.isGone, isDone, isShut, has: this.talking.has, recording };
  }
}
