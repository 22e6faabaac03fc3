/** The line of the foot: the lead and this room on it, what state they are in, and by how much. */
import { h, setAttribute, setText } from "../../shared/dom.ts";
import type { Measure } from "../measuring.ts";
import type { ReceiverState } from "../receiver.ts";
import { say } from "./words.ts";

/** `idle`: the class has not begun. `unheard`: in the talk without a microphone. `outside`: not let in, or sent out. `shut`: out of the class. */
export type Step = ReceiverState | "past" | "talking" | "muted" | "unheard" | "outside" | "shut" | "idle";

interface Said {
  word: string;
  detail: string;
  /** A colour with its shape. */
  mark: "good" | "lowered" | "dropped" | "waiting";
  /** Where this room stands on the line, 0 to 1; the lead is at 1. */
  place: number;
}

/** Rooms whose usual pictures are farther from their middle are not in step. */
const IN_STEP_MS = 100;
/** Of one room alone the figure is of its single pictures, some of which an old computer shows late. */
const ALONE_MS = 500;

/** Farther behind is all the same on a line so short. */
const FAR_S = 60;

export class SyncLine {
  readonly element: HTMLElement;
  private step: Step = "idle";
  private isSoundAlone = false;
  private measure: Measure | null = null;
  private spreadMs: number | null = null;
  private behindS: number | null = null;
  private readonly point = h("span", { class: "room-line-point" });
  private readonly word = h("strong", { class: "room-line-word" });
  private readonly detail = h("span", { class: "room-line-detail" });

  constructor() {
    const line = h("div", { class: "room-line-track", "aria-hidden": "true" },
      h("span", { class: "room-line-now" }), this.point, h("small", {}, say("here"), "　", say("lead")));
    this.element = h("div", { class: "room-line" }, line, h("div", { class: "room-line-words", role: "status" }, this.word, this.detail));
    this.draw();
  }

  /** `isSoundAlone`: no picture of the lesson is awaited. */
  show(step: Step, isSoundAlone: boolean): void {
    if (step === this.step && isSoundAlone === this.isSoundAlone) return;
    this.step = step;
    this.isSoundAlone = isSoundAlone;
    if (step === "waiting" || step === "broken") this.measure = null;
    this.draw();
  }

  measured(measure: Measure): void {
    this.measure = measure;
    this.draw();
  }

  /** How far the rooms of the class are apart, ms; null where no other follows the lesson. */
  apart(spreadMs: number | null): void {
    this.spreadMs = spreadMs;
    this.draw();
  }

  /** Looking back: how far behind now, in seconds; null while the picture is still to come. */
  behind(seconds: number | null): void {
    this.behindS = seconds;
    this.draw();
  }

  private draw(): void {
    const { word, detail, mark, place } = this.said();
    setText(this.word, word);
    setText(this.detail, detail);
    setAttribute(this.element, "data-mark", mark);
    setAttribute(this.element, "data-step", this.step);
    this.point.style.left = `${place * 100}%`;
  }

  private said(): Said {
    switch (this.step) {
      case "in-step":
        return inStep(this.measure, this.spreadMs);
      case "catching-up":
        return { word: say("catchingUp"), detail: say("catchingUpDetail"), mark: "lowered", place: 0.85 };
      case "waiting":
        return { word: say(this.isSoundAlone ? "waitingSound" : "waitingPicture"), detail: say("waitingPictureDetail"), mark: "waiting", place: 0.7 };
      case "broken":
        return { word: say("broken"), detail: say("brokenDetail"), mark: "dropped", place: 0.4 };
      case "past":
        return past(this.behindS);
      case "talking":
        return { word: say("talking"), detail: say("talkingDetail"), mark: "good", place: 1 };
      case "muted":
        return { word: say("talking"), detail: say("mutedDetail"), mark: "lowered", place: 1 };
      case "unheard":
        return { word: say("talking"), detail: say("unheardDetail"), mark: "lowered", place: 1 };
      case "outside":
        return { word: say("outside"), detail: say("outsideDetail"), mark: "waiting", place: 0.4 };
      case "shut":
        return { word: say("shut"), detail: say("shutSoon"), mark: "waiting", place: 0.4 };
      case "ended":
        return { word: say("over"), detail: "", mark: "waiting", place: 1 };
      default:
        return { word: say("waitingBegin"), detail: say("waitingBeginDetail"), mark: "waiting", place: 0.7 };
    }
  }
}

/** So many seconds behind now; null: its picture is still to come. */
export function past(behindS: number | null): Said {
  const detail = behindS === null ? say("pastComing") : say("pastDetail", { seconds: Math.round(behindS) });
  return { word: say("past"), detail, mark: "lowered", place: Math.max(0.1, 1 - (behindS ?? 0) / FAR_S) };
}

/** It plays as it should; whether that is in step with the others is for the figures to say. */
export function inStep(measure: Measure | null, spreadMs: number | null): Said {
  if (!measure) return { word: say("sync"), detail: say("syncMeasuring"), mark: "good", place: 1 };
  const isAlone = spreadMs === null;
  const off = Math.max(1, Math.round(spreadMs ?? measure.skewMs));
  const lag = (measure.lagMs / 1000).toFixed(1);
  if (off <= (isAlone ? ALONE_MS : IN_STEP_MS)) return { word: say("sync"), detail: say(isAlone ? "syncAlone" : "syncDetail", { off, lag }), mark: "good", place: 1 };
  // From the middle to either side: the first and the last are twice as far from each other.
  const apart = ((isAlone ? off : off * 2) / 1000).toFixed(1);
  return { word: say("apart"), detail: say(isAlone ? "apartAlone" : "apartDetail", { apart, lag }), mark: "lowered", place: 1 };
}
