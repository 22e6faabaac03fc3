/** This computer's screen, or a window of it, as something to show in the lesson. */
import { playing } from "./devices.ts";

export class Screen {
  private video: HTMLVideoElement | null = null;
  /** What happens when the person ends it with the browser's own button. */
  private readonly ended: () => void;

  constructor(ended: () => void) {
    this.ended = ended;
  }

  picture(): HTMLVideoElement | null {
    return this.video && this.video.videoWidth > 0 ? this.video : null;
  }

  /** False when the person chose nothing. */
  async open(): Promise<boolean> {
    if (this.video) return true;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 30 } } });
      this.video = playing(stream);
      stream.getTracks()[0]?.addEventListener("ended", () => {
        this.video = null;
        this.ended();
      });
      return true;
    } catch (error) {
      if (error instanceof DOMException) return false;
      throw error;
    }
  }
}
