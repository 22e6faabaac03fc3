/**
 * A room called up leaves the lesson's plane for the talk, and comes back to it: never a late
 * picture under early sound. Until the talk is there, and where it breaks, the lesson goes on; so it
 * does while somebody looks back, which the talk has no room for.
 */
import { Emitter } from "../emitter.ts";
import { RoomTalk, TALK_CAMERA, type TalkState } from "../talk/room.ts";
import type { Lesson } from "./lesson.ts";
import type { Own } from "./own.ts";

interface TalkingEvents {
  /** Whether the room is in the talk now, or what it is seen and heard by. */
  changed: undefined;
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
  private isResting = false;
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

  /** When the lead was last heard by the talk, by a clock of the browser's own. */
  get heardAt(): number {
    return this.talk.heardAt;
  }

  /** Whether the room has a camera that the lead may see, and a microphone that she may hear. */
  get has(): { camera: boolean; microphone: boolean } {
    return { camera: isLive(this.camera?.getVideoTracks()), microphone: isLive(this.camera?.getAudioTracks()) };
  }

  /** Enter or leave, as the class has it. Who is called up to speak is wanted at once. */
  follow({ isInTalk, isCalled }: Own): void {
    const wanted = isInTalk && (isCalled || !this.isResting);
    if (wanted === this.isWanted) return;
    this.isWanted = wanted;
    if (wanted) void this.enter();
    else this.leave();
  }

  /** Stay out of it for now, or no longer. */
  rest(on: boolean, own: Own): void {
    this.isResting = on;
    this.follow(own);
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
    for (const track of camera?.getTracks() ?? []) track.addEventListener("ended", () => this.tell("changed", undefined));
    // Called up, and sent back while the camera opened.
    if (!this.isWanted) this.letGo();
    // With nothing to be seen or heard by, a room still hears the others at once.
    else void this.talk.start(camera ?? new MediaStream());
    this.tell("changed", undefined);
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
    this.tell("changed", undefined);
  }

  private letGo(): void {
    for (const track of this.camera?.getTracks() ?? []) track.stop();
    this.camera = null;
  }
}

function isLive(tracks: MediaStreamTrack[] = []): boolean {
  return tracks.some(({ readyState }) => readyState === "live");
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
