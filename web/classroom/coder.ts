/** What every coder of a lesson's track can do, whatever it codes with. */
import type { Emitter } from "./emitter.ts";
import type { PictureEvents } from "./picture.ts";

export interface CodedSound {
  atUs: number;
  durationUs: number;
  data: Uint8Array;
}

export interface SoundEvents {
  coded: CodedSound;
  /** So many ms of sound were not heard. */
  lost: number;
}

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
