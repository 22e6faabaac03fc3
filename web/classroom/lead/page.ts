/** Where the panels stand, and when they are drawn anew. */
import { h, show } from "../../shared/dom.ts";
import type { Desk, Panel } from "./desk.ts";
import { DevicePanel } from "./device_panel.ts";
import { LayoutKeys } from "./layout_keys.ts";
import { OverPanel } from "./over_panel.ts";
import { RoomsPanel } from "./rooms_panel.ts";
import type { Screen } from "./screen.ts";
import { Shortcuts } from "./shortcuts.ts";
import { StageView } from "./stage_view.ts";
import { Strip } from "./strip.ts";
import { Tools } from "./tools.ts";
import { TopBar } from "./topbar.ts";
import { TraineesPanel } from "./trainees_panel.ts";

/** Clocks on the page show seconds. */
const REDRAW_MS = 500;

export class LeadPage {
  private readonly panels: Panel[];
  private readonly devices: DevicePanel;
  private readonly tools: Tools;
  /** What is done and seen in a class, and nothing once it is over. */
  private readonly ofLesson: HTMLElement[];
  private readonly desk: Desk;
  private waiting = false;

  constructor(root: HTMLElement, desk: Desk, screen: Screen) {
    this.desk = desk;
    const stage = new StageView(desk);
    const layouts = new LayoutKeys(desk);
    const rooms = new RoomsPanel(desk);
    const trainees = new TraineesPanel(desk);
    const strip = new Strip(desk, screen);
    this.devices = new DevicePanel(desk);
    this.tools = new Tools(desk);
    const bar = new TopBar(desk, () => shortcuts.help());
    const shortcuts = new Shortcuts({
      layout: (view) => layouts.choose(view),
      turn: (by) => desk.turning.turn(by),
      pen: () => stage.take("pen"),
      spotlight: () => stage.take("spotlight"),
      undo: () => desk.pen.undo(),
      putAway: () => stage.take("none"),
      microphone: () => bar.switchMicrophone(),
      quiz: () => this.tools.ask(),
    });
    const over = new OverPanel(desk);
    this.panels = [bar, stage, layouts, strip, rooms, trainees, this.devices, this.tools, over];
    const beside = h("div", { class: "lead-beside" }, this.devices.element, rooms.element, trainees.element, this.tools.element);
    this.ofLesson = [layouts.element, strip.element, beside];
    root.replaceChildren(bar.element,
      h("div", { class: "lead-left" }, stage.element, layouts.element, strip.element),
      h("div", { class: "lead-right" }, over.element, beside));
    desk.classroom.on("changed", () => this.drawSoon());
    desk.devices.on("changed", () => this.drawSoon());
    desk.lesson.on("changed", () => this.drawSoon());
    window.setInterval(() => this.draw(), REDRAW_MS);
    this.draw();
  }

  drawSoon(): void {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  private draw(): void {
    const { isLed, isElsewhere } = this.desk.lesson;
    // Beside the window that leads the class, questions are asked and messages written from here too.
    const isTaught = isLed || isElsewhere;
    show(this.devices.element, !isTaught);
    show(this.tools.element, isTaught);
    for (const element of this.ofLesson) show(element, !this.desk.classroom.isOver);
    for (const panel of this.panels) panel.draw();
  }
}
