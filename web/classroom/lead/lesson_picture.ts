/**
 * The lesson's own picture on the lead's page, while an appliance gives it: what the rooms see, as
 * late as they do. Its sound stays off; the teacher hears herself without it.
 */
import { LiveSource } from "../live.ts";
import type { Classroom } from "./classroom.ts";
import type { Lesson } from "./lesson.ts";

/** From the playlist's end; the rooms are at the class's delay, and need no company here. */
const SYNC_S = 0.9;

export class LessonPicture {
  private readonly video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  private readonly address: string;
  private source: LiveSource | null = null;

  constructor(classId: number, classroom: Classroom, lesson: Lesson) {
    this.address = `/live/${classId}/program.m3u8`;
    this.video.addEventListener("canplay", () => void this.video.play().catch(() => undefined));
    lesson.on("changed", () => this.follow(lesson.state === "appliance"));
    classroom.on("ended", () => this.follow(false));
  }

  /** Null while there is none. */
  get picture(): HTMLVideoElement | null {
    return this.source && this.video.videoWidth > 0 ? this.video : null;
  }

  private follow(wanted: boolean): void {
    if (wanted === (this.source !== null)) return;
    this.source?.close();
    this.source = wanted ? new LiveSource(this.video, this.address, SYNC_S) : null;
    void this.source?.open();
  }
}
