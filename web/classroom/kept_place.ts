/**
 * Where somebody is who looks back, while the player is made anew: it begins at now, stands still,
 * and has forgotten how fast it went.
 */

interface Kept {
  /** Of the lesson, in ms of its clock; null where none was known. */
  moment: number | null;
  /** By a person: the player stands still in any case. */
  paused: boolean;
  rate: number;
}

export class KeptPlace {
  private kept: Kept | null = null;
  private readonly video: HTMLVideoElement;

  constructor(video: HTMLVideoElement) {
    this.video = video;
  }

  get isKept(): boolean {
    return this.kept !== null;
  }

  get moment(): number | null {
    return this.kept?.moment ?? null;
  }

  /** Before the player is lost. What is kept already stays: it may fail again before it plays. */
  keep(moment: number | null): void {
    const { paused, playbackRate: rate } = this.video;
    this.kept ??= { moment, paused, rate };
  }

  /** To `place`, in seconds of the new media. */
  comeBack(place: number): void {
    if (!this.kept) return;
    const { paused, rate } = this.kept;
    this.kept = null;
    this.video.currentTime = place;
    this.video.playbackRate = rate;
    if (!paused) void this.video.play().catch(() => undefined);
  }

  forget(): void {
    this.kept = null;
  }
}
