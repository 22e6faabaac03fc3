/**
 * Two recordings on one time line. The line is the left one's; the right one is `offset` seconds
 * further on in itself. It goes from where the first of them begins to where the last one ends: one
 * that has not begun holds its first picture, one that is over its last. Where there are both, both
 * play, or neither: what waits for its line is waited for.
 */

/** What a pair needs of a `<video>`. */
export interface Deck {
  currentTime: number;
  playbackRate: number;
  readonly duration: number;
  readonly paused: boolean;
  readonly ended: boolean;
  /** As of HTMLMediaElement: from 3 on the next frame is there. */
  readonly readyState: number;
  play(): Promise<void>;
  pause(): void;
}

/** Closer than a frame of 25 a second nobody sees. */
const IN_STEP_S = 0.04;
/** Further apart, the one is put where the other is. */
const TOO_FAR_S = 0.5;
const MOST_STEERED = 0.05;
const HAS_NEXT_FRAME = 3;

export class Pair {
  /** Seconds that the right one is ahead of the left. */
  offset = 0;
  speed = 1;
  private wanted = false;
  private readonly left: Deck;
  private readonly right: Deck;

  constructor(left: Deck, right: Deck) {
    this.left = left;
    this.right = right;
  }

  get playing(): boolean {
    return this.wanted;
  }

  /** The moments that either has, on the line of the left one. */
  range(): { from: number; to: number } {
    return { from: Math.min(0, -this.offset), to: Math.max(lengthOf(this.left), lengthOf(this.right) - this.offset) };
  }

  /** Where both are; the right one says it where the left has not begun or is over. */
  get now(): number {
    const { left } = this;
    const byRight = this.right.currentTime - this.offset;
    if (isOver(left)) return Math.max(lengthOf(left), byRight);
    return left.currentTime > 0 ? left.currentTime : Math.min(0, byRight);
  }

  seek(second: number): void {
    const { from, to } = this.range();
    const at = Math.min(to, Math.max(from, second));
    this.left.currentTime = within(this.left, at);
    this.right.currentTime = within(this.right, at + this.offset);
  }

  /** What both show now is the same moment from here on. */
  alignHere(): void {
    this.offset = this.right.currentTime - this.left.currentTime;
  }

  /** Move the right one against the left by `seconds`, which stays where it is. */
  shift(seconds: number): void {
    const at = this.now;
    this.offset = Math.min(lengthOf(this.right), Math.max(-lengthOf(this.left), this.offset + seconds));
    this.seek(at);
  }

  play(): void {
    const { from, to } = this.range();
    this.seek(this.now >= to - IN_STEP_S ? from : this.now);
    this.wanted = true;
    this.step();
  }

  pause(): void {
    this.wanted = false;
    this.stop();
  }

  /** Hold both together; called some times a second. */
  step(): void {
    // How long they are is known a moment after the page is there.
    if (!this.wanted || !lengthOf(this.left) || !lengthOf(this.right)) return;
    const { now } = this;
    if (now >= this.range().to - IN_STEP_S) {
      this.pause();
      return;
    }
    const leftGoes = has(this.left, now);
    const rightGoes = has(this.right, now + this.offset);
    const waits = (leftGoes && !isReady(this.left)) || (rightGoes && !isReady(this.right));
    this.run(this.left, leftGoes && !waits);
    this.run(this.right, rightGoes && !waits);
    this.left.playbackRate = this.speed;
    this.right.playbackRate = this.speed * (leftGoes && rightGoes ? this.steered() : 1);
  }

  private run(deck: Deck, goes: boolean): void {
    if (!goes && !deck.paused) deck.pause();
    if (goes && deck.paused) void deck.play().catch((error: unknown) => this.refused(error));
  }

  private steered(): number {
    const error = this.right.currentTime - (this.left.currentTime + this.offset);
    if (Math.abs(error) > TOO_FAR_S) this.right.currentTime -= error;
    if (Math.abs(error) <= IN_STEP_S || Math.abs(error) > TOO_FAR_S) return 1;
    return 1 - Math.min(MOST_STEERED, Math.max(-MOST_STEERED, error));
  }

  /** Where the browser lets nothing play by itself, both stand and the button is there; a pause
   * that came before the first frame is no refusal. */
  private refused(error: unknown): void {
    if (error instanceof DOMException && error.name === "NotAllowedError") this.pause();
  }

  private stop(): void {
    for (const deck of [this.left, this.right]) if (!deck.paused) deck.pause();
  }
}

function isReady(deck: Deck): boolean {
  return deck.readyState >= HAS_NEXT_FRAME;
}

/** Whether it has a picture after this second of its own. */
function has(deck: Deck, second: number): boolean {
  return second >= -IN_STEP_S && second < lengthOf(deck) - IN_STEP_S && !deck.ended;
}

function isOver(deck: Deck): boolean {
  return deck.ended || (lengthOf(deck) > 0 && deck.currentTime >= lengthOf(deck) - IN_STEP_S);
}

function within(deck: Deck, second: number): number {
  return Math.min(lengthOf(deck), Math.max(0, second));
}

function lengthOf(deck: Deck): number {
  return Number.isFinite(deck.duration) ? deck.duration : 0;
}
