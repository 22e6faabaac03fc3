/** Going on the air with the composed picture, staying there, and ending the class. */
import { Problem, request } from "../../shared/api.ts";
import { Emitter } from "../emitter.ts";
import { Publisher, type Health } from "../publisher.ts";
import type { Classroom } from "./classroom.ts";

/**
 * `broken`: the line is; all that is made is kept. `replaced`: another window leads the class.
 * `unsupported`: the browser codes no such picture.
 */
export type LessonState = "before" | "beginning" | "live" | "broken" | "ending" | "replaced" | "unsupported" | "over";

/** A service that is away when the class ends is asked again. */
const AGAIN_MS = 3000;

export class Lesson extends Emitter<{ changed: undefined }> {
  state: LessonState = "before";
  health: Health | null = null;
  /** Why the class could not begin or end, for people. */
  failure = "";
  private publisher: Publisher | null = null;
  private leaving: Promise<void> | null = null;
  private readonly classId: number;
  private readonly classroom: Classroom;
  private readonly stream: MediaStream;
  private readonly worklet: string;

  /** `worklet`: address of the built worklet.ts. */
  constructor(classId: number, classroom: Classroom, stream: MediaStream, worklet: string) {
    super();
    this.classId = classId;
    this.classroom = classroom;
    this.stream = stream;
    this.worklet = worklet;
    classroom.on("ended", () => void this.leave());
  }

  /** Whether leaving the page would take the picture from the rooms. */
  get onAir(): boolean {
    return ["beginning", "live", "broken", "ending"].includes(this.state);
  }

  /** It should end, and what was kept cannot be sent now. */
  get isHeldUp(): boolean {
    return this.state === "ending" && this.publisher?.state === "broken";
  }

  /** 「开始上课」; of a class that runs already, coming back into it. */
  async begin(): Promise<void> {
    if (this.onAir) return;
    this.set("beginning");
    if ((await this.say("begin")) || !(await this.classroom.ask("begin"))) {
      this.set("before");
      return;
    }
    await this.publish();
  }

  /** 「下课」. All that was made is durable before the class is closed. */
  async end(): Promise<void> {
    const before = this.state;
    this.set("ending");
    if (await this.classroom.ask("end")) await this.leave();
    else this.set(before);
  }

  /** End it without what is not sent yet. */
  giveUpRest(): void {
    this.publisher?.stop();
  }

  private async publish(): Promise<void> {
    const publisher = new Publisher({ address: `/live/${this.classId}/publish`, classId: String(this.classId), worklet: this.worklet });
    this.publisher = publisher;
    publisher.on("state", (state) => {
      if (this.onAir && this.state !== "ending" && (state === "live" || state === "broken")) this.set(state);
    });
    publisher.on("refused", (refusal) => (refusal === "replaced" ? this.set("replaced") : this.goAway()));
    publisher.on("unsupported", () => this.set("unsupported"));
    publisher.on("health", (health) => {
      this.health = health;
      this.tell("changed", undefined);
    });
    await publisher.start();
    publisher.show(this.stream);
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
    this.goAway();
  }

  private goAway(): void {
    this.set("over");
    location.assign(`/classes/${this.classId}`);
  }

  private async say(what: "begin" | "end"): Promise<Problem | null> {
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
    this.tell("changed", undefined);
  }
}
