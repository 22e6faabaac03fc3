/** An answer that is ticked or written and not sent yet: what it is when no more is taken came in time, and goes as it is. */
export class Unsent {
  /** When it became what it is, on the lesson's clock. */
  atMs = 0;
  private wasOpen = false;

  /** Another question. */
  begin(): void {
    this.wasOpen = false;
  }

  changed(now: number): void {
    this.atMs = now;
  }

  /** Whether the question has closed since this was asked last. */
  closes(isOpen: boolean): boolean {
    const closes = this.wasOpen && !isOpen;
    this.wasOpen = isOpen;
    return closes;
  }
}
