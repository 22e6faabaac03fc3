/** A window over the lesson, one at a time. What opened it shuts it again, and so does what the class is asked for. */
import { openDialog } from "../../shared/dialog.ts";
import { h } from "../../shared/dom.ts";
import { say } from "./words.ts";

export class RoomWindow {
  private title = "";
  private button: HTMLButtonElement | null = null;

  /** Open it, or shut it where it is open. `key` does the same. */
  toggle(title: string, key: string, content: Node): void {
    const isOpen = this.button !== null && this.title === title;
    this.shut();
    if (isOpen) return;
    const button = h("button", { class: "stage-button primary", value: "" }, say("close"), h("kbd", { class: "key" }, key));
    this.title = title;
    this.button = button;
    void openDialog(title, [content], [button]).then(() => {
      if (this.button === button) this.button = null;
    });
  }

  shut(): void {
    this.button?.click();
    this.button = null;
  }
}
