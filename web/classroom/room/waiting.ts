/** What a classroom's screen shows between lessons: what is next, how long until then, and whether
 * everything is ready for it. */
import { fill, h, setAttribute, setText, show } from "../../shared/dom.ts";
import { pageLanguage } from "../../shared/i18n.ts";
import { leavesOut, ruleOf, seenBy } from "../recording_rule.ts";
import { THINGS, type Checks, type Found, type Thing } from "./checks.ts";
import type { ClassNext, RoomNow } from "./standby.ts";
import { say } from "./words.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The line of the foot shows the last hour before the lesson. */
const LINE_MS = HOUR_MS;
const PLACE = { timeZone: "Asia/Shanghai" } as const;

export class Waiting {
  readonly element: HTMLElement;
  private next: ClassNext | null = null;
  private readonly clock = h("span", { class: "room-clock" });
  private readonly main = h("section", { class: "room-next" });
  private readonly silent = h("p", { class: "room-silent state dropped", role: "status", hidden: true }, say("serviceSilent"));
  private readonly rows = new Map<Thing, HTMLElement>();
  private readonly camera = h("video", { class: "room-mirror", muted: true, autoplay: true, playsinline: true, hidden: true });

  constructor(room: string, school: string, check: () => void) {
    for (const thing of THINGS) this.rows.set(thing, h("li", {}, h("span", { class: "state waiting" }, say(thing)), h("span", { class: "room-check-detail" })));
    this.element = h("div", { class: "room-waiting" },
      h("header", { class: "room-waiting-head" }, h("strong", {}, `${school}　${room}`), this.silent, this.clock),
      this.main,
      h("aside", { class: "room-checks" },
        h("h2", {}, say("checks")), this.camera, h("ul", {}, ...this.rows.values()),
        h("button", { class: "stage-button", type: "button", on: { click: check } }, say("check"))));
  }

  follow(checks: Checks): void {
    checks.on("found", ({ thing, found }) => this.found(thing, found));
    checks.on("camera", (stream) => {
      this.camera.srcObject = stream;
      this.camera.muted = true;
      show(this.camera, true);
    });
  }

  /** The camera is given to the lesson. */
  letGo(): void {
    this.camera.srcObject = null;
    show(this.camera, false);
  }

  show(now: RoomNow): void {
    this.next = now.next;
    show(this.silent, false);
  }

  lost(): void {
    show(this.silent, true);
  }

  /** Once a second. `clock` is the service's time, in ms. */
  tick(clock: number): void {
    setText(this.clock, new Date(clock).toLocaleTimeString("zh-CN", { ...PLACE, hour: "2-digit", minute: "2-digit", hour12: false }));
    const drawn = this.drawn(clock);
    if (this.main.dataset["drawn"] === drawn.key) return;
    this.main.dataset["drawn"] = drawn.key;
    fill(this.main, ...drawn.nodes());
  }

  private found(thing: Thing, { mark, detail }: Found): void {
    const row = this.rows.get(thing);
    if (!row) return;
    setAttribute(row.children[0] as Element, "class", mark === "good" ? "state" : `state ${mark}`);
    setText(row.children[1] as Element, detail);
  }

  /** What is drawn, made anew only when its key changes. */
  private drawn(clock: number): { key: string; nodes: () => Node[] } {
    const { next } = this;
    if (!next) return { key: "none", nodes: () => [h("h1", {}, say("nothing")), h("p", { class: "room-next-who" }, say("nothingDetail"))] };
    const left = Date.parse(next.begins_at) - clock;
    const figure = next.running || next.moment === "late" || left <= 0 ? null : amount(left);
    const share = Math.round((1 - Math.min(1, Math.max(0, left / LINE_MS))) * 1000) / 10;
    const key = JSON.stringify([next, figure, figure ? 0 : Math.floor(-left / MINUTE_MS), share]);
    return { key, nodes: () => this.nodes(next, figure, left, share, clock) };
  }

  private nodes(next: ClassNext, figure: Amount | null, left: number, share: number, clock: number): Node[] {
    const who = h("p", { class: "room-next-who" }, say("who", { school: next.school, teacher: next.teacher }),
      next.beside ? h("span", {}, say("beside", { name: next.beside })) : null);
    const countdown = figure
      ? h("p", { class: "room-until" }, say("until"), h("strong", {}, figure.figure), say(figure.unit))
      : h("p", { class: `room-until ${next.running ? "is-running" : "is-due"}` }, due(next, left));
    const line = h("div", { class: "room-until-line", "aria-hidden": "true" }, h("i"), h("b"));
    (line.firstChild as HTMLElement).style.width = (line.lastChild as HTMLElement).style.left = `${share}%`;
    return [
      h("p", { class: "room-next-label" }, say(next.running ? "current" : "next"), h("span", {}, when(next, clock))), h("h1", {}, next.title), who, line, countdown,
      ...[...comesIn(next), ...kept(next), seenBy(next.recording)].map((words) => h("p", { class: "room-next-hint" }, words)),
    ];
  }
}

/** At its time or after it, or while it runs: `left` is how long until its time, in ms. */
export function due({ running, leads }: Pick<ClassNext, "running" | "leads">, left: number): string {
  if (running) return say(leads ? "runningHere" : "running");
  return left > -2 * MINUTE_MS ? say("shouldRun") : say("late", { minutes: Math.floor(-left / MINUTE_MS) });
}

/** How the room comes into a class that does not run yet; before the doors open, what it will hear of it. */
export function comesIn({ running, leads, moment }: Pick<ClassNext, "running" | "leads" | "moment">): string[] {
  if (running) return [];
  return [say(leads ? "leads" : moment === "too-early" ? "joinsAloud" : "joins")];
}

/** What of the room is recorded, and what is not: said together, it does not contradict itself. */
export function kept(next: Pick<ClassNext, "leads" | "mode" | "recording" | "appliance">): string[] {
  return [...ruled(next), ...(next.appliance && leavesOut(next.recording) ? [say("recordedAnyway")] : [])];
}

function ruled({ leads, mode, recording }: Pick<ClassNext, "leads" | "mode" | "recording">): string[] {
  const rule = ruleOf(recording);
  if (leads) return [rule];
  if (mode === "interactive") return [say("checkKept"), rule];
  const isKept = recording.rooms_seen || recording.rooms_heard;
  return [say("leadSees"), isKept ? say("recorded", { rule }) : rule];
}

interface Amount {
  figure: string;
  unit: "minutes" | "hours" | "days";
}

function amount(ms: number): Amount {
  if (ms < 2 * HOUR_MS) return { figure: String(Math.ceil(ms / MINUTE_MS)), unit: "minutes" };
  if (ms < 2 * DAY_MS) return { figure: String(Math.round(ms / HOUR_MS)), unit: "hours" };
  return { figure: String(Math.round(ms / DAY_MS)), unit: "days" };
}

/** Its day, unless it is today, and its times. */
function when({ begins_at, ends_at }: ClassNext, clock: number): string {
  const locale = pageLanguage() === "en" ? "en-GB" : "zh-CN";
  const day = (time: Date): string => time.toLocaleDateString(locale, { ...PLACE, month: "long", day: "numeric", weekday: "long" });
  const hour = (time: Date): string => time.toLocaleTimeString(locale, { ...PLACE, hour: "2-digit", minute: "2-digit", hour12: false });
  const [begins, ends] = [new Date(begins_at), new Date(ends_at)];
  const today = day(begins) === day(new Date(clock));
  return `${today ? "" : `${day(begins)} `}${hour(begins)}—${hour(ends)}`;
}
