/** The player of who watches: back, on, catch up, to now, sound, the whole screen. */
import { h, isTyping, setText, show } from "../../shared/dom.ts";
import type { LookingBack } from "../room/looking_back.ts";
import { say } from "./words.ts";

export class Controls {
  readonly element: HTMLElement;
  private readonly past: HTMLElement[];
  private readonly acts: Readonly<Record<string, () => void>>;
  private readonly pause: HTMLButtonElement;
  private readonly sound: HTMLButtonElement;
  private readonly video: HTMLVideoElement;
  private readonly back: LookingBack;

  /** `stage`: what fills the screen. `hand`: of who may raise one, and the space bar does, as in a room. */
  constructor(video: HTMLVideoElement, back: LookingBack, stage: HTMLElement, note: () => void, hand?: () => void) {
    this.video = video;
    this.back = back;
    const button = (words: string, key: string, act: () => void): HTMLButtonElement =>
      h("button", { class: "stage-button", type: "button", on: { click: act } }, h("span", {}, words), h("kbd", { class: "key" }, key));
    this.acts = {
      ArrowLeft: () => back.back(), ArrowRight: () => back.forward(), c: () => back.catchUp(), End: () => back.toNow(),
      " ": hand ?? (() => this.toggle()), k: () => this.toggle(), m: () => this.toggleSound(), f: () => void fullscreen(stage), n: note,
    };
    this.pause = button(say("pause"), hand ? "K" : say("space"), () => this.toggle());
    this.sound = button(say("mute"), "M", () => this.toggleSound());
    const forward = button(say("forward"), "→", () => back.forward());
    this.past = [forward, button(say("catchUp"), "C", () => back.catchUp()), button(say("toNow"), say("end"), () => back.toNow())];
    this.element = h("div", { class: "watch-controls" },
      this.pause, button(say("back"), "←", () => back.back()), ...this.past, this.sound, button(say("fullscreen"), "F", () => void fullscreen(stage)));
    this.showPast(false);
    for (const event of ["play", "pause", "volumechange"]) video.addEventListener(event, () => this.draw());
    document.addEventListener("keydown", (event) => this.onKey(event));
  }

  showPast(isBack: boolean): void {
    for (const element of this.past) show(element, isBack);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
    if (event.key === " " && event.target instanceof HTMLButtonElement) return;
    const act = this.acts[event.key] ?? this.acts[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    // A key that is held moves on through the lesson; it does not raise a hand and put it down, over and over.
    if (!event.repeat || event.key.startsWith("Arrow")) act();
  }

  private toggle(): void {
    this.back.togglePause();
  }

  private toggleSound(): void {
    this.video.muted = !this.video.muted;
  }

  private draw(): void {
    setText(this.pause.firstChild as Element, say(this.video.paused ? "play" : "pause"));
    setText(this.sound.firstChild as Element, say(this.video.muted ? "unmute" : "mute"));
  }
}

async function fullscreen(stage: HTMLElement): Promise<void> {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await stage.requestFullscreen();
}
