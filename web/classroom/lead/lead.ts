/**
 * The lead classroom: mounts at `#lead` with the class of `#lead-config`.
 *
 * What the rooms see is composed here (composer.ts), sent by the publisher (lesson.ts), and what
 * the teacher does goes over the class's own line (classroom.ts). The panels only show and ask.
 */
import { Problem, request } from "../../shared/api.ts";
import { toast } from "../../shared/toast.ts";
import { stayAwake } from "../awake.ts";
import { Session } from "../session.ts";
import { forgetClass } from "../shelf.ts";
import { LeadTalk } from "../talk/lead.ts";
import { Classroom } from "./classroom.ts";
import { closed, obstacle, refusedWords } from "./closed.ts";
import { Composer } from "./composer.ts";
import { readConfig, type Config } from "./config.ts";
import { TEACHER, type Desk } from "./desk.ts";
import { Devices } from "./devices.ts";
import { Lesson } from "./lesson.ts";
import { LessonPicture } from "./lesson_picture.ts";
import { Mix } from "./mix.ts";
import { LeadPage } from "./page.ts";
import { Pen } from "./pen.ts";
import { RoomStills } from "./room_stills.ts";
import { Roster } from "./roster.ts";
import { say } from "./say.ts";
import { Screen } from "./screen.ts";
import { SCREEN, SECOND, Slides } from "./slides.ts";
import { Turning } from "./turning.ts";

const root = document.getElementById("lead");
if (root) open(root, readConfig());

function open(root: HTMLElement, config: Config): void {
  const why = obstacle();
  // Where an appliance gives the picture, this browser need not.
  if (why && !config.appliance) {
    root.replaceChildren(closed(config, why, `${why}Why`, `${why}Do`));
    return;
  }
  const session = new Session(`/live/${config.id}/socket`);
  const classroom = new Classroom(session, new Roster(config.rooms));
  const slides = new Slides(config.id);
  const turning = new Turning(classroom, slides, toast);
  const devices = new Devices();
  const mix = new Mix((name) => name === TEACHER || config.recording.rooms_heard);
  const screen = new Screen(() => turning.leave(SCREEN));
  const composer = new Composer(classroom.stage, {
    teacher: () => teacher(),
    slide: (page) => (page.deck === SCREEN ? screen.picture() : page.deck === SECOND ? devices.picture("second") : slides.picture(page)),
    slideSize: (page) => slides.size(page),
    rooms: () => classroom.roster.rooms,
    pictures: { picture: (room) => (config.recording.rooms_seen ? talk.picture(room) : null) },
    words: { teacher: config.teacher, noSlide: say("still.noSlide"), loading: say("still.loading"), noRoom: say("still.noRoom") },
  });
  const picture = new MediaStream([composer.start(root.dataset.ticker ?? "")]);
  const talk = new LeadTalk(session, mix, picture, () => lesson.answersRooms);
  const stream = new MediaStream([...picture.getVideoTracks(), ...mix.stream.getAudioTracks()]);
  const lesson = new Lesson(config, classroom, stream, root.dataset.worklet ?? "");
  lesson.on("changed", () => talk.follow());
  const own = new LessonPicture(config.id, classroom, lesson);
  // Rooms in the talk hear the teacher at once: the picture that fits is the camera's, where there is one.
  const teacher = (): HTMLVideoElement | null => {
    const camera = devices.picture("camera");
    return lesson.state !== "appliance" || (camera && classroom.lesson === "interactive") ? camera : own.picture;
  };
  const desk: Desk = { config, classroom, lesson, devices, mix, slides, turning, composer, pen: new Pen(classroom, composer), pictures: talk, stills: new RoomStills(session) };
  devices.on("sound", (sound) => mix.add(TEACHER, sound));
  devices.on("without", (part) => {
    if (part === "microphone") mix.remove(TEACHER);
    if (part === "second") turning.leave(SECOND);
  });
  classroom.on("refused", toast);
  const page = new LeadPage(root, desk, screen);
  talk.on("changed", () => page.drawSoon());
  begin(root, desk, page);
}

function begin(root: HTMLElement, { classroom, lesson, config, devices }: Desk, page: LeadPage): void {
  const { session } = classroom;
  session.on("refused", (refusal) => {
    if (refusal === "class-ended") void forgetClass(String(config.id));
    root.replaceChildren(closed(config, ...refusedWords(refusal)));
  });
  // Whether the page was opened in a class that ran. One that is begun elsewhere is not taken from there.
  let comesBack: boolean | null = null;
  session.on("hello", ({ state }) => {
    page.drawSoon();
    comesBack ??= state.phase === "running";
    // The page was left in a class and is back: so is its picture, also where the service was away just now.
    if (comesBack && state.phase === "running" && lesson.state === "before") void lesson.begin();
    // It was begun while the line was away.
    if (state.phase === "running" && config.phone_code === null) void fetchPhoneCode(config);
  });
  session.on("event", ({ kind }) => {
    if (kind === "begin") void fetchPhoneCode(config);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!lesson.onAir) return;
    event.preventDefault();
    // Chromium before 119 asks by this alone.
    event.returnValue = true;
  });
  stayAwake();
  session.open();
  void devices.open();
}

/** It is made when the class begins. */
async function fetchPhoneCode(config: Config): Promise<void> {
  try {
    config.phone_code = (await request<Config>(`/api/v1/classes/${config.id}/lead`)).phone_code;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    toast(error.detail);
  }
}
