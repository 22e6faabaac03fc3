/**
 * A room called up leaves the lesson's plane for the talk, and comes back to it: never a late
 * picture under early sound. Until the talk is there, and where it breaks, the lesson goes on.
 */
import { Emitter } from "../emitter.ts";
import { RoomTalk, TALK_CAMERA, type TalkState } from "../talk/room.ts";
import type { Lesson } from "./lesson.ts";
import type { Own } from "./own.ts";

interface TalkingEvents {
  /** Whether the room is in the talk now. */
  changed: boolean;
  blocked: undefined;
}

/** A talk that blinks is waited for. */
const BROKEN_MS = 3000;

export class Talking extends Emitter<TalkingEvents> {
  readonly video: HTMLVideoElement;
  private readonly lesson: Lesson;
  private readonly talk: RoomTalk;
  private camera: MediaStream | null = null;
  private isWanted = false;
  private timer = 0;

  /** `video`: for the talk alone. */
  constructor(lesson: Lesson, video: HTMLVideoElement) {
    super();
    this.lesson = lesson;
    this.video = video;
    this.talk = new RoomTalk(lesson.session, video);
    this.talk.on("state", (state) => this.onState(state));
    this.talk.on("blocked", () => this.tell("blocked", undefined));
  }

  /** Enter or leave, as the class has it. */
  follow({ isInTalk }: Own): void {
    if (isInTalk === this.isWanted) return;
    this.isWanted = isInTalk;
    if (isInTalk) void this.enter();
    else this.leave();
  }

  close(): void {
    this.isWanted = false;
    clearTimeout(this.timer);
    this.talk.stop();
    this.letGo();
  }

  private async enter(): Promise<void> {
    const camera = await openCamera();
    this.letGo();
    this.camera = camera;
    // Called up, and sent back while the camera opened.
    if (!this.isWanted) this.letGo();
    // With nothing to be seen or heard by, a room still hears the others at once.
    else void this.talk.start(camera ?? new MediaStream());
  }

  private leave(): void {
    this.talk.stop();
    this.letGo();
  }

  private onState(state: TalkState): void {
    clearTimeout(this.timer);
    if (state === "talking") this.move(true);
    else if (state === "out") this.move(false);
    else if (this.lesson.isTalking) this.timer = window.setTimeout(() => this.move(false), BROKEN_MS);
  }

  private move(talking: boolean): void {
    if (this.lesson.isTalking === talking) return;
    this.lesson.isTalking = talking;
    if (talking) this.lesson.stop();
    else void this.lesson.start();
    this.tell("changed", talking);
  }

  private letGo(): void {
    for (const track of this.camera?.getTracks() ?? []) track.stop();
    this.camera = null;
  }
}

/** Camera and microphone, or the one that is there. */
async function openCamera(): Promise<MediaStream | null> {
  for (const wanted of [TALK_CAMERA, { audio: TALK_CAMERA.audio }, { video: TALK_CAMERA.video }]) {
    try {
      return await navigator.mediaDevices.getUserMedia(wanted as MediaStreamConstraints);
    } catch {
      // Without the camera a room is still heard, without a microphone still seen.
    }
  }
  return null;
}
