/**
 * The sound of the other end of a talk. It has an element of its own: Chromium plays nothing of one
 * that has a picture too before the first picture comes, and from a room without a camera, or by a
 * line that carries sound alone, none ever does.
 */
export class Voice {
  private readonly element = document.createElement("audio");
  private readonly blocked: () => void;

  /** `blocked`: the browser makes sound only after a touch, and then it will. */
  constructor(blocked: () => void = () => undefined) {
    this.blocked = blocked;
  }

  play(stream: MediaStream): void {
    this.element.srcObject = new MediaStream(stream.getAudioTracks());
    void this.start();
  }

  set muted(muted: boolean) {
    this.element.muted = muted;
  }

  stop(): void {
    this.element.srcObject = null;
    window.removeEventListener("pointerdown", this.onTouch);
  }

  private async start(): Promise<void> {
    try {
      await this.element.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      window.addEventListener("pointerdown", this.onTouch, { once: true });
      this.blocked();
    }
  }

  private readonly onTouch = (): void => void this.start();
}
