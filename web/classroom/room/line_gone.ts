/** Whether the class's line is gone: one that only blinks is not worth a word. */
import { Emitter } from "../emitter.ts";

const GONE_AFTER_MS = 1500;

export class LineGone extends Emitter<{ changed: undefined }> {
  isGone = false;
  private timer = 0;

  /** It may break again before the class has said hello. */
  breaks(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.set(true), GONE_AFTER_MS);
  }

  comes(): void {
    clearTimeout(this.timer);
    this.set(false);
  }

  close(): void {
    clearTimeout(this.timer);
  }

  private set(isGone: boolean): void {
    if (this.isGone === isGone) return;
    this.isGone = isGone;
    this.tell("changed", undefined);
  }
}
