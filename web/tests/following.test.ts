/** A receiving room between the lesson and the talk: what it draws when, its past, what it says of itself. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { KeptPlace } from "../classroom/kept_place.ts";
import { Lesson } from "../classroom/room/lesson.ts";
import { LineGone } from "../classroom/room/line_gone.ts";
import { LookingBack } from "../classroom/room/looking_back.ts";
import { Own } from "../classroom/room/own.ts";
import { isPageBefore, overPicture, stepOf, whoSees as said, type Situation } from "../classroom/room/situation.ts";
import { inStep, past } from "../classroom/room/sync_line.ts";
import type { ReceiverState } from "../classroom/receiver.ts";
import type { Session } from "../classroom/session.ts";
import type { Level, StageState } from "../classroom/vocabulary.ts";

Object.assign(globalThis, { window: globalThis });

const STAGE: StageState = { layout: "slides", page: null, ink: [], spotlight: null, timer: null, speaking: [], quiz: null };
const RULE = { rooms_seen: true, rooms_heard: true, also_for: [] };
const BOTH = { camera: true, microphone: true };

/** A lesson whose line has said what the class is; what it says then comes by `tell`. */
function lessonOf(): { lesson: Lesson; tell(message: object): void } {
  const video = Object.assign(new EventTarget(), { play: () => Promise.resolve(), seekable: { length: 0 }, currentTime: 100 });
  const lesson = new Lesson("12", video as unknown as HTMLVideoElement);
  const { line, clock } = lesson.session as Session & { line: { tell(name: string, content: object): void } };
  clock.core.answered({ asked: 0, received: 2, at: 1e6 });
  // The picture of the lesson is another test's.
  lesson.start = () => Promise.resolve();
  const tell = (message: object): void => line.tell("message", message);
  tell({ hello: { role: "room", seat: "2", delay_ms: 1500, seq: 1, state: { phase: "running", lesson: "interactive", media_ms: 0, stage: STAGE } } });
  return { lesson, tell };
}

const slide = (lesson: Lesson): object =>
  ({ event: { seq: 2, kind: "slide", media_ms: lesson.session.clock.now() + 40, by: { role: "lead", room: "" }, page: { deck: "31", number: 2 } } });

describe("the screen of a room", () => {
  it("is drawn at once in the talk, and with the picture in the lesson", () => {
    for (const isTalking of [true, false]) {
      const { lesson, tell } = lessonOf();
      lesson.isTalking = isTalking;
      tell(slide(lesson));
      assert.equal(lesson.stage.page?.number, isTalking ? 2 : undefined);
    }
  });
});

/** Looks for a room's past when the test says so. */
function backOf(state: ReceiverState, beginning = 0): { back: LookingBack; lesson: Lesson; receiver: { state: ReceiverState; following: boolean; lateMs: number }; behind: (number | null)[]; look(): void } {
  let look = (): void => undefined;
  Object.assign(globalThis, { setInterval: (act: () => void) => void (look = act) });
  const { lesson } = lessonOf();
  lesson.isTalking = true;
  lesson.session.clock.now = () => 1e6;
  // A player at second 100 shows what should be shown, but for what it is late.
  const receiver = { state, following: true, lateMs: 0, get moment() { return 1e6 - lesson.delayMs - this.lateMs + (lesson.video.currentTime - 100) * 1000; }, beginning, close: () => undefined };
  const back = new LookingBack(lesson);
  const behind: (number | null)[] = [];
  back.on("behind", (seconds) => {
    behind.push(seconds === null ? null : Math.round(seconds));
    // As the classroom's screen does: the talk is left for the past.
    if (seconds !== null && lesson.isTalking) Object.assign(lesson, { isTalking: false, receiver });
  });
  return { back, lesson, receiver, behind, look: () => look() };
}

describe("looking back", () => {
  const real = globalThis.setInterval;

  it("leaves the talk, and goes back once the lesson's own picture plays", () => {
    const { back, lesson, receiver, behind, look } = backOf("waiting");
    back.back();
    assert.deepEqual([behind, back.isBack], [[0], true]);
    look();
    assert.equal(receiver.following, true, "there is no picture to go back in yet");
    receiver.state = "catching-up";
    look();
    assert.deepEqual([receiver.following, lesson.video.currentTime], [false, 90]);
    back.toNow();
    assert.deepEqual([back.isBack, receiver.following, behind[behind.length - 1]], [false, true, null]);
    globalThis.setInterval = real;
  });

  it("waits until a new player has found its place, and goes back from what should be shown", () => {
    const { back, lesson, receiver, look } = backOf("catching-up");
    receiver.lateMs = 111_000;
    back.back();
    look();
    assert.deepEqual([receiver.following, back.isComing, lesson.video.currentTime], [true, true, 100], "it stands where its playlist begins");
    receiver.lateMs = 1500;
    look();
    assert.deepEqual([receiver.following, back.isComing, lesson.video.currentTime], [false, false, 91.5]);
    globalThis.setInterval = real;
  });

  it("goes back to where the lesson's media begin, and never before", () => {
    const { back, lesson, look } = backOf("in-step", 97);
    back.back();
    look();
    assert.equal(lesson.video.currentTime, 97.1);
    globalThis.setInterval = real;
  });

  it("ends when the room is called up meanwhile", () => {
    const { back, lesson, behind, look } = backOf("waiting");
    back.back();
    Object.assign(lesson, { isTalking: true, receiver: null });
    look();
    assert.deepEqual([back.isBack, behind], [false, [0, null]]);
    globalThis.setInterval = real;
  });
});

describe("the place of who looks back", () => {
  const video = (paused: boolean): HTMLVideoElement => {
    const player = { currentTime: 40, playbackRate: 1.25, paused, play: () => Promise.resolve(void (player.paused = false)) };
    return player as unknown as HTMLVideoElement;
  };
  /** What a browser does with another source. */
  const lose = (lost: HTMLVideoElement): void => void Object.assign(lost, { currentTime: 0, playbackRate: 1, paused: true });

  it("is found again by a player that was made anew, however often, and stands still only where a person made it", () => {
    for (const paused of [false, true]) {
      const player = video(paused);
      const kept = new KeptPlace(player);
      kept.keep(5000);
      lose(player);
      kept.keep(9000);
      assert.deepEqual([kept.isKept, kept.moment], [true, 5000]);
      kept.comeBack(31);
      const { currentTime, playbackRate } = player;
      assert.deepEqual([currentTime, playbackRate, player.paused, kept.isKept], [31, 1.25, paused, false]);
    }
  });
});

function situation(more: Partial<Situation> = {}): Situation {
  const own = new Own();
  own.phase = "running";
  const { lesson } = lessonOf();
  return { own, lesson, level: "full", asked: null, isBack: false, isLineGone: false, isDone: false, isShut: false, has: BOTH, recording: RULE, ...more };
}

describe("what a room says of itself", () => {
  it("that speaks is who sees and hears it, which the school's rule may make the lead alone", () => {
    const { own, lesson } = situation();
    own.id = "2";
    lesson.stage.layout = "all_rooms";
    const whoSees = (more: Pick<Situation, "has" | "recording">): string => said({ own, lesson, level: "full", ...more });
    assert.equal(whoSees({ has: BOTH, recording: RULE }), "主讲和各教室都看得见、听得见你们");
    const kept = { ...RULE, rooms_seen: false, rooms_heard: false };
    assert.equal(whoSees({ has: BOTH, recording: kept }), "主讲看得见、听得见你们");
    assert.equal(whoSees({ has: { camera: true, microphone: false }, recording: RULE }), "主讲和各教室都看得见你们；没有麦克风，听不见你们");
    assert.equal(whoSees({ has: { camera: false, microphone: false }, recording: kept }), "没有摄像头和麦克风，看不见也听不见你们");
    own.interactive = true;
    assert.equal(whoSees({ has: BOTH, recording: kept }), "主讲看得见你们；主讲和各教室都听得见你们");
    own.change({ muted: true });
    assert.equal(whoSees({ has: BOTH, recording: RULE }), "主讲和各教室都看得见你们；主讲把你们静音了");
  });

  it("that speaks on a line for sound alone is that nobody sees it", () => {
    const { own, lesson } = situation();
    own.interactive = true;
    const whoSees = (level: Level, camera = true): string => said({ own, lesson, level, has: { ...BOTH, camera }, recording: RULE });
    assert.equal(whoSees("slides_and_sound"), "主讲看得见你们；主讲和各教室都听得见你们");
    assert.equal(whoSees("sound_only"), "现在只传声音，看不见你们；主讲和各教室都听得见你们");
    assert.equal(whoSees("sound_only", false), "没有摄像头，看不见你们；主讲和各教室都听得见你们");
  });

  it("that speaks is seen by the other rooms only where the lesson's picture has it", () => {
    const { own, lesson } = situation();
    const { stage } = lesson;
    own.id = "2";
    const isSeen = (): boolean => said({ own, lesson, level: "full", has: BOTH, recording: RULE }) === "主讲和各教室都看得见、听得见你们";
    for (const layout of ["slides", "both", "teacher", "board"] as const) {
      stage.layout = layout;
      assert.equal(said({ own, lesson, level: "full", has: BOTH, recording: RULE }), "主讲看得见你们；主讲和各教室都听得见你们");
    }
    // In the corner stands who was called up last.
    Object.assign(stage, { layout: "room_in_corner", speaking: ["3", "2"] });
    assert.ok(isSeen());
    stage.speaking = ["2", "3"];
    assert.ok(!isSeen());
    stage.layout = "all_rooms";
    assert.ok(isSeen());
  });

  it("that speaks is seen and heard by the lead alone while an appliance gives the lesson, except in the talk", () => {
    const { own, lesson } = situation();
    own.id = "2";
    lesson.stage.layout = "all_rooms";
    lesson.pictureSource = "appliance";
    const whoSees = (): string => said({ own, lesson, level: "full", has: BOTH, recording: RULE });
    assert.equal(whoSees(), "主讲看得见、听得见你们");
    own.interactive = true;
    assert.equal(whoSees(), "主讲和各教室都看得见、听得见你们");
  });

  it("at the end is for whom the recording is, and nothing where none was made", () => {
    const { own } = situation();
    own.phase = "ended";
    assert.deepEqual(overPicture(situation({ own, isDone: true })), ["下课了", "录像只给参加的老师和主讲学校的管理员看"]);
    own.phase = "waiting";
    assert.deepEqual(overPicture(situation({ own, isDone: true })), ["下课了", ""]);
  });

  it("in the talk is whether the lead hears it", () => {
    const here = situation();
    here.lesson.isTalking = true;
    assert.equal(stepOf(here), "talking");
    assert.equal(stepOf({ ...here, has: { camera: true, microphone: false } }), "unheard");
    here.own.change({ muted: true });
    assert.equal(stepOf(here), "muted");
  });

  it("on a slow line is so in the talk too", () => {
    const here = situation({ level: "sound_only" });
    here.lesson.isTalking = true;
    assert.deepEqual(overPicture(here), ["现在只听声音", ""]);
  });

  it("of a slide that stands in place of the picture is that the lead does not show it any more", () => {
    const here = situation({ level: "slides_and_sound" });
    const { stage } = here.lesson;
    stage.page = { deck: "31", number: 2 };
    const told = (["slides", "both", "board", "teacher", "room_in_corner", "all_rooms"] as const).filter((layout) => {
      stage.layout = layout;
      return isPageBefore(here);
    });
    assert.deepEqual(told, ["teacher", "room_in_corner", "all_rooms"]);
    assert.ok(!isPageBefore({ ...here, level: "full" }) && !isPageBefore({ ...here, isBack: true }));
    stage.page = null;
    assert.ok(!isPageBefore(here), "there is none");
  });

  it("where the line carries sound alone is nothing over the slide that a question is about", () => {
    const page = { deck: "31", number: 2 };
    assert.equal(overPicture(situation({ level: "sound_only", asked: page })), null);
    // A shared screen has no picture of its own.
    const shared = situation({ level: "sound_only", asked: { deck: "screen", number: 1 } });
    assert.deepEqual(overPicture(shared), ["现在只听声音", ""]);
  });

  it("of being in step is what the figures say", () => {
    const measure = { lagMs: 22_140, skewMs: 12, needMs: null };
    const said = (spreadMs: number | null, skewMs = 12): string[] => {
      const { mark, word, detail } = inStep({ ...measure, skewMs }, spreadMs);
      return [mark, word, detail];
    };
    assert.deepEqual(said(100), ["good", "同步", "各教室 ±100 毫秒\n比主讲晚 22.1 秒"]);
    assert.deepEqual(said(4320), ["lowered", "没有对齐", "各教室相差 8.6 秒\n比主讲晚 22.1 秒"]);
    assert.deepEqual(said(null), ["good", "同步", "本班 ±12 毫秒\n比主讲晚 22.1 秒"]);
    assert.deepEqual(said(null, 1400), ["lowered", "没有对齐", "本班差 1.4 秒\n比主讲晚 22.1 秒"]);
  });

  it("looking back is how old the picture is, once there is one", () => {
    assert.deepEqual([past(null).detail, past(9.6).detail], ["正在取画面", "画面是 10 秒前的"]);
  });

  it("at an end that is none of the class's is not that the class is over", () => {
    assert.equal(overPicture(situation({ isDone: true }))?.[0], "下课了");
    const shut = situation({ isDone: true, isShut: true });
    assert.deepEqual([overPicture(shut)?.[0], stepOf(shut)], ["进不了这节课", "shut"]);
  });
});

describe("a line that is gone", () => {
  it("is told after a while, however often it breaks before the class says hello", (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const line = new LineGone();
    line.breaks();
    context.mock.timers.tick(1000);
    line.breaks();
    context.mock.timers.tick(1000);
    assert.equal(line.isGone, false);
    line.comes();
    context.mock.timers.tick(5000);
    assert.equal(line.isGone, false, "the first break is forgotten too");
    line.breaks();
    context.mock.timers.tick(1500);
    assert.equal(line.isGone, true);
  });
});
