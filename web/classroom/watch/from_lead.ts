/**
 * The question and the timer, for who has no room's screen before them. A teacher at her desk in a
 * training reads the lead's messages too, and answers as pupils do, with a phone or in a window of
 * its own.
 */
import { Problem, request } from "../../shared/api.ts";
import { fill, h, icon, setText, show } from "../../shared/dom.ts";
import { clock } from "../../shared/format.ts";
import { isOpen, optionsOf, secondsLeft, type Option } from "../questions.ts";
import type { Hello } from "../session.ts";
import type { Stage } from "../stage.ts";
import type { Happened, Quiz } from "../vocabulary.ts";
import { say } from "./words.ts";

/** services/classes/classroom/phone_door.py */
interface PhoneDoor {
  code: string;
  url: string;
  qr: string;
}

export class FromLead {
  readonly element = h("section", { class: "watch-panel watch-from-lead", hidden: true });
  private readonly timer = h("p", { class: "watch-timer", role: "timer" });
  private readonly left = h("strong");
  private readonly quiz = h("div", { class: "watch-quiz", hidden: true });
  private readonly phones = h("div", { class: "watch-phones", hidden: true });
  private readonly title = h("h2", {}, say("messages"));
  private readonly list = h("ol", { class: "watch-messages", role: "log" });
  private readonly seen = new Set<string>();
  private readonly classId: string;
  private readonly takesPart: boolean;
  private drawn = "";
  private runs = false;

  constructor(classId: string, takesPart: boolean) {
    this.classId = classId;
    this.takesPart = takesPart;
    this.element.append(this.timer, this.quiz, this.phones, this.title, this.list);
  }

  take({ state }: Hello): void {
    fill(this.list);
    this.seen.clear();
    for (const event of state.messages ?? []) this.hear(event);
    this.runs = state.phase === "running";
    if (this.runs) void this.fetchDoor();
  }

  apply(event: Happened): void {
    if (event.kind === "begin") {
      this.runs = true;
      void this.fetchDoor();
    } else if (event.kind === "end") this.runs = false;
    // The lead may have changed the code since.
    else if (event.kind === "open_quiz") void this.fetchDoor();
    else if (event.kind === "text") this.hear(event);
  }

  /** Several times a second. `stage` is what is on the screen at `now`; none while she looks back. */
  draw(stage: Stage | null, now: number): void {
    const quiz = stage?.quizAt(now) ?? null;
    this.drawTimer(stage, now);
    const key = JSON.stringify(quiz && [quiz.quiz, quiz.result]);
    if (key !== this.drawn) {
      this.drawn = key;
      fill(this.quiz, ...(quiz ? this.question(quiz) : []));
    }
    show(this.quiz, quiz !== null);
    if (quiz) setText(this.left, leftOf(quiz, now));
    show(this.phones, this.runs && quiz !== null && isOpen(quiz, now) && this.phones.childElementCount > 0);
    show(this.title, this.seen.size > 0);
    show(this.element, quiz !== null || !this.timer.hidden || this.seen.size > 0);
  }

  private drawTimer(stage: Stage | null, now: number): void {
    const timer = stage?.timer ?? null;
    const left = timer && Math.ceil(timer.seconds - (now - timer.began_ms) / 1000);
    show(this.timer, left !== null);
    setText(this.timer, left === null ? "" : left > 0 ? `${say("timer")} ${clock(left)}` : say("timeUp"));
  }

  private question({ question, result }: Quiz): (Node | null)[] {
    const right = (result && question.right) ?? [];
    const row = ({ key, letter, text }: Option): HTMLElement => {
      const isRight = right.includes(key);
      return h("li", { class: isRight ? "is-right" : "" }, h("b", {}, letter), h("span", {}, text),
        isRight && icon("check", 20), isRight && h("span", { class: "visually-hidden" }, say("rightMark")));
    };
    const words = question.kind === "short" && right.length ? say("rightAnswer", { right: right.join(say("and")) }) : "";
    return [
      h("h2", {}, say("quiz"), this.left), h("p", { class: "watch-question" }, question.text),
      h("ol", {}, ...optionsOf(question, say("yes"), say("no")).map(row)), h("p", { class: "watch-hint" }, words),
    ];
  }

  private hear(event: Happened): void {
    const id = String(event["id"]);
    if (this.seen.has(id)) return;
    this.seen.add(id);
    this.list.append(h("li", {}, h("strong", {}, say("lead")), h("span", {}, String(event["text"]))));
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** The code is made when the class begins. */
  private async fetchDoor(): Promise<void> {
    if (!this.takesPart) return;
    try {
      const { phones } = await request<{ phones: PhoneDoor | null }>(`/api/v1/classes/${this.classId}/watch`);
      if (phones) fill(this.phones, ...wayIn(phones));
    } catch (error) {
      // Asked for again with the next line; the question itself is there.
      if (!(error instanceof Problem)) throw error;
    }
  }
}

function wayIn({ code, url, qr }: PhoneDoor): Node[] {
  const address = url.replace(/^https?:\/\//, "");
  return [
    h("img", { src: qr, alt: "" }),
    h("div", {}, h("p", {}, say("answerByPhone", { address, code })), h("a", { href: `/q/${code}`, target: "_blank", rel: "noopener" }, say("answerHere"))),
  ];
}

function leftOf(quiz: Quiz, now: number): string {
  if (quiz.result) return say("result");
  if (!isOpen(quiz, now)) return say("closed");
  const seconds = secondsLeft(quiz, now);
  return seconds === null ? "" : clock(seconds);
}
