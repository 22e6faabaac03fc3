/** A button that goes on doing what it does while it is held: thirty-one pupils are no thirty-one taps. */

const HELD_MS = 400;
const REPEAT_MS = 125;

export class Held {
  private timer = 0;
  private repeater = 0;
  private hasRepeated = false;
  private readonly act: () => boolean;

  /** `act` answers whether it may go on. */
  constructor(act: () => boolean) {
    this.act = act;
  }

  press(): void {
    this.release();
    this.hasRepeated = false;
    this.timer = window.setTimeout(() => {
      this.repeater = window.setInterval(() => this.repeat(), REPEAT_MS);
      this.repeat();
    }, HELD_MS);
  }

  release(): void {
    clearTimeout(this.timer);
    clearInterval(this.repeater);
  }

  /** What the button is told after it was let go too, and that was done then. */
  click(): void {
    if (!this.hasRepeated) this.act();
    this.hasRepeated = false;
  }

  private repeat(): void {
    this.hasRepeated = true;
    if (!this.act()) this.release();
  }
}
