/**
 * What this room looks like, for the lead's row of rooms: a small still now and then while the room
 * follows the lesson. In the talk she sees its picture anyway. Nobody else gets it, and nobody keeps it.
 */
import type { Session } from "../session.ts";

/** Some kilobytes each: a thousandth of what the lesson takes. */
const EVERY_MS = 10_000;
const WIDTH = 320;
const HEIGHT = 180;
const QUALITY = 0.6;
const CAMERA: MediaStreamConstraints = { video: { width: { ideal: WIDTH }, height: { ideal: HEIGHT }, frameRate: { ideal: 5 } } };

export class OwnStill {
  private readonly session: Session;
  private readonly video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  private readonly canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  private stream: MediaStream | null = null;
  private timer = 0;
  private isWanted = false;

  constructor(session: Session) {
    this.session = session;
  }

  /** Begin or end, as the class has it. */
  follow(wanted: boolean): void {
    if (wanted === this.isWanted) return;
    this.isWanted = wanted;
    clearInterval(this.timer);
    if (wanted) {
      this.timer = window.setInterval(() => void this.send(), EVERY_MS);
      void this.send();
    } else this.letGo();
  }

  private async send(): Promise<void> {
    // A camera that was missing or busy is tried again, and one that was unplugged.
    if (!this.stream?.active) await this.open();
    if (!this.stream || !this.isWanted) return;
    const { videoWidth: width, videoHeight: height } = this.video;
    if (width === 0) return;
    const scale = Math.max(WIDTH / width, HEIGHT / height);
    const [drawnWidth, drawnHeight] = [width * scale, height * scale];
    this.canvas.getContext("2d")?.drawImage(this.video, (WIDTH - drawnWidth) / 2, (HEIGHT - drawnHeight) / 2, drawnWidth, drawnHeight);
    const [, jpeg] = this.canvas.toDataURL("image/jpeg", QUALITY).split(",");
    if (jpeg) this.session.sendStill(jpeg);
  }

  private async open(): Promise<void> {
    if (!(await mayOpen())) return;
    const stream = await navigator.mediaDevices.getUserMedia(CAMERA).catch(() => null);
    this.letGo();
    this.stream = stream;
    this.video.srcObject = stream;
    // Sent back to the talk, or out, while the camera opened.
    if (!this.isWanted) this.letGo();
    else if (stream) await this.video.play().catch(() => undefined);
  }

  private letGo(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.video.srcObject = null;
  }
}

/** A question of the browser in the middle of a lesson would be worse than no still. */
async function mayOpen(): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: "camera" as PermissionName })).state === "granted";
  } catch {
    return false;
  }
}
