/** How pupils' phones come in: the code in the head all the time, and large where all can read it. */
import { fill, h, show } from "../../shared/dom.ts";
import type { PhoneDoor } from "./standby.ts";
import type { RoomWindow } from "./window.ts";
import { say } from "./words.ts";

export class Join {
  readonly element = h("button", { class: "room-join", type: "button", hidden: true, on: { click: () => this.toggle() } });
  private door: PhoneDoor | null = null;
  private readonly window: RoomWindow;

  constructor(window: RoomWindow) {
    this.window = window;
  }

  show(door: PhoneDoor | null): void {
    if (door?.code === this.door?.code) return;
    this.door = door;
    show(this.element, door !== null);
    if (door) fill(this.element, say("phones"), h("strong", {}, spaced(door.code)), h("kbd", { class: "key" }, "Q"));
  }

  toggle(): void {
    const { door } = this;
    if (!door) return;
    const content = h("div", { class: "room-join-large" },
      h("img", { src: door.qr, alt: "" }),
      h("p", {}, say("phonesAddress", { address: door.url.replace(/^https?:\/\//, "") }), h("strong", {}, spaced(door.code))));
    this.window.toggle(say("phones"), "Q", content);
  }
}

/** Six digits as they are read aloud. */
function spaced(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}
