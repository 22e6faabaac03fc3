/**
 * Going on the air with the composed picture, staying there, and ending the class.
 *
 * Where the room has a recording appliance, that goes first: the page sends nothing, and the class is
 * led from it all the same. What the teacher chooses afterwards stays so until she chooses anew, also
 * when the page is loaded anew meanwhile.
 */
import { Problem, request } from "../../shared/api.ts";
import { recall, remember } from "../../shared/remember.ts";
import { Emitter } from "../emitter.ts";
import type { Refusal } from "../line.ts";
import type { Lost } from "../losses.ts";
import { Publisher } from "../publisher.ts";
import { forgetClass } from "../shelf.ts";
import type { Classroom } from "./classroom.ts";
import type { Config } from "./config.ts";
import { LastSent } from "./last_sent.ts";
import { say } from "./say.ts";

/**
 * `broken`: the line is; all that is made is kept. `replaced`: another window leads the class.
 * `unsupported`: the browser codes no such picture. `appliance`: the room's recording appliance gives
 * the picture, and this page none; `silent`: it did, and gives none now.
 */
export type LessonState = "appliance" | "silent" | "before" | "beginning" | "live" | "broken" | "ending" | "replaced" | "unsupported" | "over";

/** A service that is away when the class ends is asked again. */
const AGAIN_MS = 3000;
/** An appliance looks once a second whether its class has begun. */
const APPLIANCE_COMES_MS = 3000;
/** The class in which she took this page's picture in place of the appliance's. */
const TOOK_OVER = "lead.took-over";
const ITS_OWN: readonly LessonState[] = ["beginning", "live", "broken", "ending"];

export class Lesson extends Emitter<{ changed: undefined }> {
  state: LessonState = "before";
  /** Chunks of the lesson that the service is not known to have on its disk. */
  keptChunks = 0;
  /** Why the class could not begin or end, for people. */
  failure = "";
  private publisher: Publisher | null = null;
  /** She has chosen this page's picture in place of the appliance's. */
  tookOver: boolean;
  private leaving: Promise<void> | null = null;
  /** Of the class's end, and of the picture that is given back: how what was kept gets to the service. */
  private lastSent: LastSent | null = null;
  /** It comes into a class that runs, which another window may lead until its picture is there. */
  private comesIn = false;
  private readonly classId: number;
  private readonly classroom: Classroom;
  private readonly stream: MediaStream;
  private readonly worklet: string;
  private readonly hasAppliance: boolean;

  /** `worklet`: address of the built worklet.ts. */
  constructor({ id, appliance }: Config, classroom: Classroom, stream: MediaStream, worklet: string) {
    super();
    this.classId = id;
    this.hasAppliance = appliance;
    this.tookOver = appliance && recall(TOOK_OVER) === String(id);
    this.classroom = classroom;
    this.stream = stream;
    this.worklet = worklet;
    classroom.on("ended", () => void this.leave());
    classroom.on("changed", () => this.follow());
  }

  /** Whether leaving the page would take the picture from the rooms. */
  get onAir(): boolean {
    return ITS_OWN.includes(this.state);
  }

  /** Whether the class is led from this page, whatever gives its picture. */
  get isLed(): boolean {
    return this.onAir || this.state === "appliance" || this.state === "silent";
  }

  /** Whether another window of the lead gives the class its picture. */
  get isElsewhere(): boolean {
    if (this.state === "replaced") return true;
    const { phase, publishing } = this.classroom;
    return this.state === "before" && phase === "running" && publishing && !this.isAppliances;
  }

  /** Whether an appliance gives the picture; before the class, whether it is to. */
  get byAppliance(): boolean {
    if (this.state === "before") return this.hasAppliance && !this.tookOver;
    return this.state === "appliance" || this.state === "silent";
  }

  /** Whether the rooms in the talk are answered from this page. */
  get answersRooms(): boolean {
    return this.isLed && !this.comesIn;
  }

  /** The picture is given back once what was made here is sent. */
  get isGivingBack(): boolean {
    return this.state === "beginning" && this.lastSent !== null;
  }

  /** What this computer had no time to code lately: it is in no recording. */
  get lost(): Lost | null {
    return this.publisher?.lost ?? null;
  }

  /** It should end or be given back, and what was kept cannot be sent now, or takes too long. */
  get isHeldUp(): boolean {
    const { publisher, lastSent } = this;
    if (!publisher || !lastSent || publisher.state === "ended") return false;
    return publisher.state === "broken" || lastSent.isHeldUp(performance.now());
  }

  /** 「开始上课」; of a class that runs already, coming back into it. */
  async begin(): Promise<void> {
    if (this.isLed) return;
    this.comesIn = this.classroom.phase === "running";
    this.set("beginning");
    if ((await this.say("start")) || !(await this.classroom.ask("begin"))) {
      this.set("before");
      return;
    }
    await this.show();
  }

  /** This page's picture, in place of the appliance's. */
  async takeOver(): Promise<void> {
    this.choose(true);
    this.set("beginning");
    await this.publish();
  }

  /** The appliance's picture again, if it gives one. All that was made here is sent first. */
  async giveBack(): Promise<void> {
    this.choose(false);
    this.set("beginning");
    this.lastSent = new LastSent(this.keptChunks, performance.now());
    await this.publisher?.finish();
    await this.show();
  }

  /** 「下课」. A question that is open is closed first, and all that was made is durable before the page is left. */
  async end(): Promise<void> {
    const before = this.state;
    this.set("ending");
    await this.classroom.closeQuestion();
    if (await this.classroom.ask("end")) await this.leave();
    else this.set(before);
  }

  /** Go on without what is not sent yet. */
  giveUpRest(): void {
    this.publisher?.stop();
  }

  private choose(own: boolean): void {
    this.tookOver = own;
    remember(TOOK_OVER, own ? String(this.classId) : "");
  }

  private async show(): Promise<void> {
    if (this.hasAppliance && !this.tookOver && (await this.applianceComes())) this.set("appliance");
    else await this.publish();
  }

  private applianceComes(): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (comes: boolean): void => {
        stop();
        clearTimeout(timer);
        resolve(comes);
      };
      const timer = window.setTimeout(() => settle(false), APPLIANCE_COMES_MS);
      const stop = this.classroom.on("changed", () => this.isAppliances && settle(true));
      if (this.isAppliances) settle(true);
    });
  }

  /** Whether the picture comes from an appliance now. */
  private get isAppliances(): boolean {
    return this.classroom.publishing && this.wasAppliances;
  }

  /** Whether the picture of a class that runs came from an appliance last. */
  private get wasAppliances(): boolean {
    const { phase, pictureSource } = this.classroom;
    return phase === "running" && pictureSource === "appliance";
  }

  /** An appliance begins a class by itself, falls silent, and comes back. */
  private follow(): void {
    const { publishing } = this.classroom;
    // Loaded anew, the page goes on with her own picture, whoever filled in for it meanwhile.
    if (this.state === "before" && this.tookOver) return;
    if (this.isAppliances) {
      if (["before", "silent", "replaced", "unsupported"].includes(this.state)) this.set("appliance");
    } else if (this.state === "before" && this.hasAppliance && this.wasAppliances) this.set("silent");
    else if (this.state === "appliance" || this.state === "silent") {
      const now = publishing ? "replaced" : "silent";
      if (now !== this.state) this.set(now);
    }
  }

  private async publish(): Promise<void> {
    const publisher = new Publisher({ address: `/live/${this.classId}/publish`, classId: String(this.classId), worklet: this.worklet });
    this.publisher = publisher;
    publisher.on("state", (state) => {
      if (this.onAir && this.state !== "ending" && (state === "live" || state === "broken")) this.set(state);
    });
    publisher.on("refused", (refusal) => void this.onRefused(refusal));
    publisher.on("unsupported", () => this.set("unsupported"));
    publisher.on("kept", (chunks) => {
      this.keptChunks = chunks;
      this.lastSent?.count(chunks, performance.now());
      this.tell("changed", undefined);
    });
    await publisher.start();
    publisher.show(this.stream);
  }

  private async onRefused(refusal: Refusal): Promise<void> {
    if (refusal === "replaced") {
      this.giveWay();
      return;
    }
    if (refusal === "damaged") {
      // What is ended or given back goes on to its end without it.
      if (!this.lastSent) this.stopSending();
      return;
    }
    if (refusal === "class-ended") await forgetClass(String(this.classId));
    this.goAway();
  }

  /** The service took nothing more of what is made here: she reads why, and may begin again. */
  private stopSending(): void {
    this.failure = say("line.refused");
    this.set("before");
  }

  /** Another window leads the class, and what was chosen here holds no longer. */
  private giveWay(): void {
    this.tookOver = false;
    this.set("replaced");
  }

  private leave(): Promise<void> {
    this.leaving ??= this.leaveOnce();
    return this.leaving;
  }

  private async leaveOnce(): Promise<void> {
    this.set("ending");
    await this.publisher?.finish();
    // It has ended for everybody; only its recording waits for the service.
    for (let problem = await this.say("end"); problem?.passing; problem = await this.say("end")) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    await forgetClass(String(this.classId));
    this.goAway();
  }

  private goAway(): void {
    this.set("over");
    location.assign(`/classes/${this.classId}`);
  }

  private async say(what: "start" | "end"): Promise<Problem | null> {
    try {
      await request(`/api/v1/classes/${this.classId}/${what}`, { method: "POST" });
      this.failure = "";
      return null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.failure = error.detail;
      this.tell("changed", undefined);
      return error;
    }
  }

  private set(state: LessonState): void {
    this.state = state;
    this.comesIn &&= state === "beginning";
    this.lastSent = state === "ending" ? (this.lastSent ?? new LastSent(this.keptChunks, performance.now())) : null;
    this.tell("changed", undefined);
  }
}
