/**
 * What codes a lesson's tracks: WebCodecs, and where a browser lacks it, its MediaRecorder.
 *
 * Picture and sound are chosen each for itself: browsers have had the one and not the other.
 */
import type { PictureCoder, SoundCoder } from "./coder.ts";
import { PictureFeed } from "./feed.ts";
import { RecordedPictures, RecordedSound } from "./recorded.ts";
import { canRecord, PICTURE_TYPE, SOUND_TYPE } from "./recording.ts";
import { SoundEncoder } from "./sound.ts";

export interface Wanted {
  /** bit/s and pictures a second. */
  bitrate: number;
  framerate: number;
  /** Address of the built worklet.ts; null where the browser has MediaStreamTrackProcessor. */
  worklet: string | null;
  /** The lesson's time, in ms. */
  now: () => number;
}

/** Whether this browser has, as far as it says, what publishing takes. */
export function canPublish(): boolean {
  const picture = typeof VideoEncoder !== "undefined" || canRecord(PICTURE_TYPE);
  return picture && (typeof AudioEncoder !== "undefined" || canRecord(SOUND_TYPE));
}

export function pictureCoder({ bitrate, framerate, now }: Wanted): PictureCoder {
  return typeof VideoEncoder === "undefined" ? new RecordedPictures(bitrate, now) : new PictureFeed(bitrate, framerate, now);
}

/** Another way, where `coder` has found that it codes no H.264; null where there is none. */
export function otherPictureCoder(coder: PictureCoder, { bitrate, now }: Wanted): PictureCoder | null {
  return coder instanceof PictureFeed && canRecord(PICTURE_TYPE) ? new RecordedPictures(bitrate, now) : null;
}

export function soundCoder({ worklet, now }: Wanted): SoundCoder {
  return typeof AudioEncoder === "undefined" ? new RecordedSound(now) : new SoundEncoder(worklet, now);
}
