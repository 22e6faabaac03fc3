/**
 * The lead's end of the talk, with each room that is in it: the composed lesson and everybody's
 * sound but their own go to a room, and its picture and its voice come into the lesson.
 *
 * The service hands a room's words to every window of the lead. Only one that leads the class
 * answers: a room takes the first answer, and would be heard where nobody listens. Where an appliance
 * gives the picture several may lead it: a room says whose answer it took, and the others let it be.
 */
import { Emitter } from "../emitter.ts";
import { newId, type Session, type TalkWord } from "../session.ts";
import type { Level } from "../vocabulary.ts";
import { Peer, type Link, type LinkWord, type SentPicture } from "./link.ts";
import { TalkSeats } from "./seats.ts";
import { Voice } from "./voice.ts";

/** The lesson's sound, as `lead/mix.ts` makes it. */
export interface TalkMix {
  add(name: string, stream: MediaStream): void;
  remove(name: string): void;
  setMuted(name: string, muted: boolean): void;
  without(name: string): MediaStream;
  release(name: string): void;
}

interface LeadTalkEvents {
  /** A room's picture has come or gone. */
  changed: string;
}

interface Guest {
  call: string;
  link: Link;
  video: HTMLVideoElement;
  voice: Voice;
  /** Since when nothing comes through. */
  brokenSince: number | null;
}

/** At each level of a room. It costs as much of the lead's line too; where it is null a room draws the slides by itself, or shows words. */
const PICTURES: Readonly<Record<Level, SentPicture | null>> = {
  full: { bitrate: 1_200_000, divisor: 1 },
  small_picture: { bitrate: 400_000, divisor: 2 },
  slides_and_sound: null,
  sound_only: null,
};
const LOOK_MS = 1000;
/** Longer than a room takes to find another way. */
const GONE_MS = 10_000;

export class LeadTalk extends Emitter<LeadTalkEvents> {
  private readonly session: Session;
  private readonly mix: TalkMix;
  private readonly lesson: MediaStream;
  private readonly seats: TalkSeats;
  private readonly guests = new Map<string, Guest>();
  private readonly ends: (() => void)[];
  private readonly timer: number;
  private readonly isLed: () => boolean;
  private wasLed = false;
  /** By what rooms tell this window from others of the lead. */
  private readonly end = newId();
  /** The call of a room that another window answers. */
  private readonly taken = new Map<string, string>();

  /** `lesson`: the composed picture. `isLed`: whether the class is led from this window. */
  constructor(session: Session, mix: TalkMix, lesson: MediaStream, isLed: () => boolean) {
    super();
    this.session = session;
    this.mix = mix;
    this.lesson = lesson;
    this.isLed = isLed;
    this.seats = new TalkSeats(session);
    this.ends = [
      this.seats.on("changed", () => this.sort()),
      session.on("talk", (word) => this.hear(word)),
      // A page that was loaded anew knows of no link that the rooms have.
      session.on("hello", () => this.invite()),
    ];
    this.timer = window.setInterval(() => this.look(), LOOK_MS);
    if (session.hello) this.invite();
  }

  /** The picture of a room, while there is one. */
  picture(room: string): HTMLVideoElement | null {
    const guest = this.guests.get(room);
    return guest?.link.state === "connected" && guest.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? guest.video : null;
  }

  /** The class may be led from this window from now on, or no longer. */
  follow(): void {
    const { wasLed } = this;
    this.wasLed = this.isLed();
    if (this.wasLed !== wasLed) this.taken.clear();
    if (!this.wasLed) this.dismissAll();
    else if (!wasLed) this.invite();
  }

  close(): void {
    clearInterval(this.timer);
    for (const end of this.ends) end();
    this.dismissAll();
  }

  private invite(): void {
    if (!this.isLed()) return;
    for (const room of this.seats.rooms) if (!this.guests.has(room) && !this.taken.has(room)) this.session.say(room, { wanted: true });
  }

  private hear({ from, data }: TalkWord): void {
    if (!this.isLed()) return;
    const word = data as unknown as LinkWord;
    const known = this.guests.get(from);
    if (word.taken !== undefined) this.settle(from, word.call, word.taken);
    else if (word.call === this.taken.get(from)) return;
    else if (known?.call === word.call) known.link.hear(word);
    else if (word.description?.type === "offer") this.welcome(from, word);
  }

  /** A room has taken the answer of one window. */
  private settle(room: string, call: string, end: string): void {
    if (end === this.end) return;
    this.taken.set(room, call);
    if (this.guests.get(room)?.call === call) this.dismiss(room);
  }

  private welcome(room: string, word: LinkWord): void {
    this.dismiss(room);
    this.taken.delete(room);
    const say = (answer: LinkWord): void => this.session.say(room, { ...answer, end: this.end });
    const link = new Peer({ call: word.call, servers: this.session.hello?.ice_servers ?? [], say, picture: PICTURES[this.seats.level(room)] });
    const video = document.createElement("video");
    video.playsInline = video.muted = true;
    // Whoever moves it on the page stops it.
    video.addEventListener("pause", () => void video.play().catch(() => undefined));
    const guest: Guest = { call: word.call, link, video, voice: new Voice(), brokenSince: null };
    this.guests.set(room, guest);
    link.on("stream", (stream) => this.receive(room, guest, stream));
    link.on("state", (state) => {
      guest.brokenSince = state === "broken" ? performance.now() : null;
      this.tell("changed", room);
    });
    link.send(new MediaStream([...this.lesson.getVideoTracks(), ...this.mix.without(room).getAudioTracks()]));
    link.hear(word);
  }

  private receive(room: string, { video, voice }: Guest, stream: MediaStream): void {
    video.srcObject = stream;
    // Without a picture it ends with the link.
    void video.play().catch(() => undefined);
    voice.play(stream);
    video.addEventListener("loadeddata", () => this.tell("changed", room));
    this.mix.add(room, stream);
    this.setSound(room);
  }

  private setSound(room: string): void {
    const muted = this.seats.isMuted(room);
    this.mix.setMuted(room, muted);
    const guest = this.guests.get(room);
    if (guest) guest.voice.muted = muted;
  }

  private sort(): void {
    for (const [room, { link }] of [...this.guests]) {
      if (!this.seats.has(room)) {
        this.dismiss(room);
        continue;
      }
      this.setSound(room);
      link.limit(PICTURES[this.seats.level(room)]);
    }
  }

  private dismissAll(): void {
    for (const room of [...this.guests.keys()]) this.dismiss(room);
  }

  private dismiss(room: string): void {
    const guest = this.guests.get(room);
    if (!guest) return;
    this.guests.delete(room);
    guest.link.close();
    guest.video.srcObject = null;
    guest.voice.stop();
    this.mix.remove(room);
    this.mix.release(room);
    this.tell("changed", room);
  }

  private look(): void {
    const now = performance.now();
    for (const [room, { brokenSince }] of [...this.guests]) {
      if (brokenSince !== null && now - brokenSince > GONE_MS) {
        this.dismiss(room);
        this.session.say(room, { wanted: true });
      }
    }
  }
}
