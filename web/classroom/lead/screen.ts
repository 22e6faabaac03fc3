/** This computer's screen, or a window of it, as something to show in the lesson. */
import { playing } from "./devices.ts";

/**
 * What does not move gives one picture, which gets lost where the browser began to capture before
 * the video was there. Who comes anew is given another.
 */
const ANEW_MS = 500;

export class Screen {
  private video: HTMLVideoElement | null = null;
  /** What happens when the person ends it with the browser's own button. */
  private readonly ended: () => void;

  constructor(ended: () => void) {
    this.ended = ended;
  }

  get isShared(): boolean {
    return this.video !== null;
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
      this.askAnew(this.video, stream);
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

  /** Until it gives a picture. */
  private askAnew(video: HTMLVideoElement, stream: MediaStream): void {
    window.setTimeout(() => {
      if (this.video !== video || video.videoWidth > 0) return;
      video.srcObject = new MediaStream(stream.getTracks());
      void video.play().catch(() => undefined);
      this.askAnew(video, stream);
    }, ANEW_MS);
  }
}
