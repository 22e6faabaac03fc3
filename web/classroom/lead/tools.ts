/** The tools under the rooms, one at a time: quiz, timer, messages. */
import { Problem, request } from "../../shared/api.ts";
import { confirm } from "../../shared/dialog.ts";
import { h, setText, show } from "../../shared/dom.ts";
import { toast } from "../../shared/toast.ts";
import type { Desk, Panel } from "./desk.ts";
import { line, MessagesPanel } from "./messages_panel.ts";
import { button, press, relabel } from "./parts.ts";
import { QuizPanel } from "./quiz_panel.ts";
import { say } from "./say.ts";
import { TimerPanel } from "./timer_panel.ts";

export type ToolName = "quiz" | "timer" | "messages";

const NAMES: readonly ToolName[] = ["quiz", "timer", "messages"];

export class Tools implements Panel {
  readonly element: HTMLElement;
  private readonly panels: Record<ToolName, Panel>;
  private readonly tabs: Record<ToolName, HTMLButtonElement>;
  private readonly code = h("span", { class: "lead-code", hidden: true });
  private readonly renew = button(say("phones.renew"), () => void this.renewCode(), { class: "lead-tab", title: say("phones.renewWhole") });
  private readonly quiz: QuizPanel;
  private open: ToolName = "quiz";
  private unread = 0;
  private asked = "";
  private readonly desk: Desk;

  constructor(desk: Desk) {
    this.desk = desk;
    this.quiz = new QuizPanel(desk);
    this.panels = { quiz: this.quiz, timer: new TimerPanel(desk), messages: new MessagesPanel(desk) };
    const tab = (name: ToolName): HTMLButtonElement => button(say(`tool.${name}`), () => this.choose(name), { class: "lead-tab" });
    this.tabs = { quiz: tab("quiz"), timer: tab("timer"), messages: tab("messages") };
    this.element = h("section", { class: "lead-card lead-tools", "aria-label": say("tools") },
      h("div", { class: "lead-tabs", role: "group" }, ...NAMES.map((name) => this.tabs[name]), this.code, this.renew), ...NAMES.map((name) => this.panels[name].element));
    desk.classroom.on("message", (message) => {
      if (this.open === "messages") return;
      this.unread += 1;
      toast(line(desk, message));
    });
  }

  choose(name: ToolName): void {
    this.open = name;
    if (name === "messages") this.unread = 0;
    this.draw();
  }

  /** Where a question is written. */
  ask(): void {
    this.choose("quiz");
    this.quiz.focus();
  }

  draw(): void {
    const { quiz } = this.desk.classroom.stage;
    // A question that was just opened is what the teacher wants to see.
    if (quiz && quiz.quiz !== this.asked) this.open = "quiz";
    this.asked = quiz?.quiz ?? "";
    relabel(this.tabs.messages, say("tool.messages") + (this.unread ? ` ${this.unread}` : ""));
    const { phone_code } = this.desk.config;
    show(this.code, phone_code !== null);
    show(this.renew, phone_code !== null);
    setText(this.code, say("phones", { code: phone_code ?? "" }));
    for (const name of NAMES) {
      press(this.tabs[name], name === this.open);
      show(this.panels[name].element, name === this.open);
    }
    this.panels[this.open].draw();
  }

  /** Where strangers have the code: who is in and in use stays. */
  private async renewCode(): Promise<void> {
    if (!(await confirm(say("phones.renewAsk"), say("phones.renewWhole")))) return;
    const { config } = this.desk;
    try {
      config.phone_code = (await request<{ code: string }>(`/api/v1/classes/${config.id}/phone-code`, { method: "POST" })).code;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      toast(error.detail);
    }
    this.draw();
  }
}
