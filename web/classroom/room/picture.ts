/** The picture of a lesson with what lies over it: slides, the talk, words, the way to its sound. */
import { h, setText, show } from "../../shared/dom.ts";
import { placeOf, put, WHOLE } from "../appliance.ts";
import { slideAddress } from "../slide.ts";
import { Overlay } from "./overlay.ts";
import { isPageBefore, overPicture, pageAlone, whoSees, type Situation } from "./situation.ts";
import { say } from "./words.ts";

/** What is said over the slide is read by then; the head goes on saying it. */
const READ_MS = 6000;

export class Picture {
  readonly element: HTMLElement;
  readonly overlay: Overlay;
  readonly video = h("video", { class: "room-video", playsinline: true });
  readonly talk = h("video", { class: "room-video room-talk", playsinline: true, hidden: true });
  private readonly who = h("span");
  private readonly called = h("div", { class: "room-called", role: "alert", hidden: true }, h("strong", {}, say("calledUp")), this.who);
  private calledTimer = 0;
  private readonly word = h("strong");
  private readonly line = h("span");
  private readonly veil = h("div", { class: "room-veil", role: "status", hidden: true }, this.word, this.line);
  private readonly before = h("p", { class: "room-before", hidden: true }, say("slideBefore"));
  private readonly unblock = h("button", { class: "room-unblock", type: "button", hidden: true, on: { click: () => this.onUnblock() } }, say("soundBlocked"));

  constructor(classId: number) {
    this.overlay = new Overlay((page, size) => slideAddress(classId, page, size));
    this.element = h("div", { class: "room-picture" }, this.video, this.talk, this.overlay.element, this.before, this.veil, this.called, this.unblock);
  }

  /** The browser plays only after a click. */
  block(): void {
    show(this.unblock, true);
  }

  draw(situation: Situation): void {
    const { own, lesson, level, isBack } = situation;
    show(this.talk, lesson.isTalking);
    // The talk's picture is always the lead's own page, with the slides where the lesson's has them.
    const alone = pageAlone(situation);
    const isOverlaid = !isBack && (level !== "sound_only" || alone !== null);
    show(this.overlay.element, isOverlaid);
    put(this.video, isOverlaid ? placeOf(lesson.pictureSource, lesson.stage) : WHOLE);
    this.drawCalled(own.isCalled && own.isAdmitted, lesson.isTalking);
    setText(this.who, lesson.isTalking ? whoSees(situation) : say("connecting"));
    this.overlay.whole = level === "slides_and_sound" || alone !== null;
    this.overlay.isFull = level === "full";
    this.overlay.draw(lesson.stage, alone);
    show(this.before, isPageBefore(situation));
    const words = overPicture(situation);
    show(this.veil, words !== null);
    setText(this.word, words?.[0] ?? "");
    setText(this.line, words?.[1] ?? "");
  }

  /** The words stand over the slide for a while only; the frame stays. */
  private drawCalled(isCalled: boolean, isTalking: boolean): void {
    show(this.called, isCalled);
    if (!isCalled) {
      clearTimeout(this.calledTimer);
      this.calledTimer = 0;
      this.called.classList.remove("is-read");
    } else if (isTalking && !this.calledTimer) this.calledTimer = window.setTimeout(() => this.called.classList.add("is-read"), READ_MS);
  }

  private onUnblock(): void {
    show(this.unblock, false);
    for (const video of [this.video, this.talk]) if (!video.hidden) void video.play().catch(() => this.block());
  }
}
