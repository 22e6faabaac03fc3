/** The lead classroom's cameras and microphone: which there are, which are used, what is wrong. */
import { recall, remember } from "../../shared/remember.ts";
import { Emitter } from "../emitter.ts";

export type Part = "camera" | "second" | "microphone";
/** `absent`: there is none. `refused`: the person or the browser says no. `busy`: another program has it. */
export type Trouble = "absent" | "refused" | "busy" | "insecure";

interface DeviceEvents {
  changed: undefined;
  /** The microphone that is heard from now on. */
  sound: MediaStream;
  /** Nothing is used of a part any more. */
  without: Part;
}

/** In place of a device's id. */
export const NONE = "none";
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
/** The rooms are heard from this room's loudspeakers: their echo must not go back to them. */
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

export class Devices extends Emitter<DeviceEvents> {
  known: MediaDeviceInfo[] = [];
  readonly troubles: Partial<Record<Part, Trouble>> = {};
  private readonly streams: Partial<Record<Part, MediaStream>> = {};
  private readonly videos: Partial<Record<Part, HTMLVideoElement>> = {};
  /** Opening takes seconds; what was chosen meanwhile counts. */
  private readonly turns: Partial<Record<Part, number>> = {};

  /** Open what was used last on this computer, or what the browser thinks best. */
  async open(): Promise<void> {
    if (!window.isSecureContext) {
      this.troubles.camera = this.troubles.microphone = "insecure";
      this.tell("changed", undefined);
      return;
    }
    navigator.mediaDevices.addEventListener("devicechange", () => void this.list());
    await this.take("camera", recall("lead.camera") ?? "");
    await this.take("microphone", recall("lead.microphone") ?? "");
    await this.take("second", recall("lead.second") ?? NONE);
    await this.list();
  }

  /** Use a device from now on; `id` "none" for no such. */
  async choose(part: Part, id: string): Promise<void> {
    remember(`lead.${part}`, id);
    await this.take(part, id);
  }

  of(part: Part): MediaDeviceInfo[] {
    return this.known.filter(({ kind }) => kind === (part === "microphone" ? "audioinput" : "videoinput"));
  }

  /** The id of what is used; "none" for nothing. */
  used(part: Part): string {
    return this.streams[part]?.getTracks()[0]?.getSettings().deviceId ?? NONE;
  }

  /** What a camera shows; null while it shows nothing. */
  picture(part: "camera" | "second"): HTMLVideoElement | null {
    const video = this.videos[part];
    return video && video.videoWidth > 0 ? video : null;
  }

  private async list(): Promise<void> {
    this.known = await navigator.mediaDevices.enumerateDevices();
    this.tell("changed", undefined);
  }

  private async take(part: Part, id: string): Promise<void> {
    const turn = (this.turns[part] ?? 0) + 1;
    this.turns[part] = turn;
    this.drop(part);
    const stream = id === NONE ? null : await this.openOne(part, id);
    if (this.turns[part] !== turn) {
      stop(stream);
      return;
    }
    if (stream) this.keep(part, stream);
    else this.tell("without", part);
    this.tell("changed", undefined);
  }

  private async openOne(part: Part, id: string): Promise<MediaStream | null> {
    const wanted = { ...(part === "microphone" ? SOUND : PICTURE), ...(id && { deviceId: { exact: id } }) };
    try {
      return await navigator.mediaDevices.getUserMedia(part === "microphone" ? { audio: wanted } : { video: wanted });
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      // What was used last is not plugged in today.
      if (id && (name === "OverconstrainedError" || name === "NotFoundError")) return part === "second" ? null : this.openOne(part, "");
      this.troubles[part] = name === "NotFoundError" ? "absent" : name === "NotAllowedError" ? "refused" : "busy";
      return null;
    }
  }

  private keep(part: Part, stream: MediaStream): void {
    delete this.troubles[part];
    this.streams[part] = stream;
    stream.getTracks()[0]?.addEventListener("ended", () => {
      // Unplugged: another one is better than none.
      if (this.streams[part] === stream) void this.take(part, part === "second" ? NONE : "").then(() => this.list());
    });
    if (part === "microphone") this.tell("sound", stream);
    else this.videos[part] = playing(stream);
  }

  private drop(part: Part): void {
    delete this.troubles[part];
    stop(this.streams[part] ?? null);
    delete this.streams[part];
    delete this.videos[part];
  }
}

/** A picture to draw from. */
export function playing(stream: MediaStream): HTMLVideoElement {
  const video = document.createElement("video");
  video.muted = video.playsInline = true;
  video.srcObject = stream;
  void video.play().catch(() => undefined);
  return video;
}

function stop(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
