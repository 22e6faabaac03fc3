/**
 * Two recordings on one time line. The line is the left one's; the right one is `offset` seconds
 * further on in itself. Both play, or neither: what waits for its line is waited for.
 */

/** What a pair needs of a `<video>`. */
export interface Deck {
  currentTime: number;
  playbackRate: number;
  readonly duration: number;
  readonly paused: boolean;
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

  /** The moments that both have, on the line of the left one; empty (from = to) where they share none. */
  range(): { from: number; to: number } {
    const from = Math.max(0, -this.offset);
    const to = Math.min(lengthOf(this.left), lengthOf(this.right) - this.offset);
    return { from, to: Math.max(from, to) };
  }

  get now(): number {
    return this.left.currentTime;
  }

  seek(second: number): void {
    const { from, to } = this.range();
    const at = Math.min(to, Math.max(from, second));
    this.left.currentTime = at;
    this.right.currentTime = at + this.offset;
  }

  /** What both show now is the same moment from here on. */
  alignHere(): void {
    this.offset = this.right.currentTime - this.left.currentTime;
  }

  /** Move the right one against the left by `seconds`, which stays where it is. */
  shift(seconds: number): void {
    const most = Math.max(0, lengthOf(this.right));
    this.offset = Math.min(most, Math.max(-lengthOf(this.left), this.offset + seconds));
    this.seek(this.left.currentTime);
  }

  play(): void {
    const { from, to } = this.range();
    if (this.now >= to - IN_STEP_S) this.seek(from);
    else this.seek(this.now);
    this.wanted = true;
    this.step();
  }

  pause(): void {
    this.wanted = false;
    this.stop();
  }

  /** Hold both together; called some times a second. */
  step(): void {
    if (!this.wanted) return;
    if (this.now >= this.range().to) {
      this.pause();
      return;
    }
    if (!isReady(this.left) || !isReady(this.right)) {
      this.stop();
      return;
    }
    for (const deck of [this.left, this.right]) {
      if (deck.paused) void deck.play().catch((error: unknown) => this.refused(error));
    }
    this.left.playbackRate = this.speed;
    this.right.playbackRate = this.speed * this.steered();
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

function lengthOf(deck: Deck): number {
  return Number.isFinite(deck.duration) ? deck.duration : 0;
}
