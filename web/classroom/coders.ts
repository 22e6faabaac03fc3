/**
 * What codes a lesson's tracks: WebCodecs, and where a browser lacks it, its MediaRecorder.
 *
 * Picture and sound are chosen each for itself: browsers have had the one and not the other.
 */
import type { Emitter } from "./emitter.ts";
import { PictureFeed } from "./feed.ts";
import type { PictureEvents } from "./picture.ts";
import { RecordedPictures, RecordedSound } from "./recorded.ts";
import { canRecord, PICTURE_TYPE, SOUND_TYPE } from "./recording.ts";
import { SoundEncoder, type SoundEvents } from "./sound.ts";

interface Coder {
  /** Code this track from now on, in place of the one before. */
  begin(track: MediaStreamTrack): void;
  /** There is no track any more. */
  end(): void;
  /** Wait for what is being coded. */
  flush(): Promise<void>;
  close(): void;
}

export interface PictureCoder extends Coder, Pick<Emitter<PictureEvents>, "on"> {
  keyframeMs: number;
  wantKeyframe(): void;
  /** Code the last picture again, if none has come for a while. */
  repeat(): void;
  /** bit/s */
  setBitrate(bitrate: number): void;
}

export interface SoundCoder extends Coder, Pick<Emitter<SoundEvents>, "on"> {
  /** 0 before anything was heard. */
  readonly channels: number;
}

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
