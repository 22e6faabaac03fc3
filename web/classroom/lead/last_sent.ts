/**
 * What is still to be sent when a class ends, and whether it gets to the service: told by how the
 * count of it falls. A line may look well, and a service whose disk is full acknowledge nothing.
 */

/** A service that starts anew acknowledges again within this. */
const STANDS_MS = 10_000;
/** However well it goes, a teacher who has to leave may. */
const TOO_LONG_MS = 30_000;

export class LastSent {
  private readonly since: number;
  private fellAt: number;
  private kept: number;

  /** `kept`: chunks that are not known to be durable; `now` in ms. */
  constructor(kept: number, now: number) {
    this.kept = kept;
    this.since = this.fellAt = now;
  }

  count(kept: number, now: number): void {
    if (kept < this.kept) this.fellAt = now;
    this.kept = kept;
  }

  isHeldUp(now: number): boolean {
    return now - this.fellAt >= STANDS_MS || now - this.since >= TOO_LONG_MS;
  }
}
