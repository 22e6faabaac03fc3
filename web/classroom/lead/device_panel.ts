/** Choosing cameras and microphone, and hearing that the microphone hears. */
import { openDialog } from "../../shared/dialog.ts";
import { h, setText, show } from "../../shared/dom.ts";
import { leavesOut, ruleOf, seenBy } from "../recording_rule.ts";
import { hasRooms, sayTo } from "./audience.ts";
import { TEACHER, type Desk, type Panel } from "./desk.ts";
import { NONE, type Devices, type Part, type Trouble } from "./devices.ts";
import { labelled, offer, select } from "./parts.ts";
import { say, type Key } from "./say.ts";

const PARTS: readonly Part[] = ["camera", "second", "microphone"];
const NAMES: Readonly<Record<Part, Key>> = { camera: "device.camera", second: "device.second", microphone: "device.microphone" };
const METER_MS = 80;
/** Quieter than speech in the same room: −45 dB. */
const HEARD = 0.25;

export class DevicePanel implements Panel {
  readonly element: HTMLElement;
  private readonly lists: Record<Part, HTMLSelectElement>;
  private readonly notes: Record<Part, HTMLElement>;
  private readonly meter = h("span", { class: "lead-meter-fill" });
  private readonly heard = h("span", { class: "lead-hint" });
  private readonly anyway = h("p", { hidden: true }, say("rule.appliance"));
  private readonly desk: Desk;
  private readonly timer: number;
  private loudest = 0;

  constructor(desk: Desk) {
    this.desk = desk;
    this.lists = each((part) => select(say(NAMES[part]), (id) => void desk.devices.choose(part, id)));
    this.notes = each(() => h("p", { class: "lead-wrong", role: "status", hidden: true }));
    const level = h("div", { class: "lead-meter", role: "img", "aria-label": say("device.level") }, this.meter);
    const { recording } = desk.config;
    this.element = h("section", { class: "lead-card lead-devices", "aria-label": say("devices") },
      ...PARTS.flatMap((part) => [labelled(NAMES[part], this.lists[part]), this.notes[part]]),
      h("div", { class: "lead-level" }, level, this.heard),
      h("div", { class: "lead-rule" }, h("strong", {}, say("rule")), hasRooms(desk) && h("p", {}, ruleOf(recording)), this.anyway, h("p", {}, seenBy(recording))));
    this.timer = window.setInterval(() => this.measure(), METER_MS);
  }

  close(): void {
    clearInterval(this.timer);
  }

  draw(): void {
    const { desk } = this;
    const { devices } = desk;
    show(this.anyway, hasRooms(desk) && desk.lesson.byAppliance && leavesOut(desk.config.recording));
    for (const part of PARTS) {
      offer(this.lists[part], options(devices, part), devices.used(part));
      const trouble = devices.troubles[part];
      show(this.notes[part], trouble !== undefined);
      if (trouble) setText(this.notes[part], troubleOf(desk, part, trouble));
    }
  }

  private measure(): void {
    const level = this.desk.mix.level(TEACHER);
    this.loudest = Math.max(level, this.loudest * 0.98);
    this.meter.style.width = `${Math.round(level * 100)}%`;
    setText(this.heard, say(this.loudest > HEARD ? "device.heard" : "device.silent"));
  }
}

/** The same in class, over the page. */
export function openDevices(desk: Desk): void {
  const panel = new DevicePanel(desk);
  panel.draw();
  const stop = desk.devices.on("changed", () => panel.draw());
  const close = h("button", { class: "page-button", value: "" }, say("devices.done"));
  void openDialog(say("devices"), [panel.element], [close]).then(() => {
    stop();
    panel.close();
  });
}

function troubleOf(desk: Desk, part: Part, trouble: Trouble): string {
  if (part !== "microphone") return say(`camera.${trouble}`);
  return trouble === "absent" ? sayTo(desk, "microphone.absent") : say(`microphone.${trouble}`);
}

function options(devices: Devices, part: Part): [string, string][] {
  const named = devices.of(part).map(({ deviceId, label }, index): [string, string] => [deviceId, label || say("device.unnamed", { n: index + 1 })]);
  return [...named, [NONE, say("device.none")]];
}

function each<T>(make: (part: Part) => T): Record<Part, T> {
  return { camera: make("camera"), second: make("second"), microphone: make("microphone") };
}
