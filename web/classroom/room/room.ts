/**
 * A classroom's screen, which nobody has to touch: it waits for the next lesson, takes part in it,
 * and waits again. What it shows it asks of the service each time, so a reload loses nothing.
 */
import { fill } from "../../shared/dom.ts";
import { stayAwake } from "../awake.ts";
import { Checks } from "./checks.ts";
import { ClassScreen } from "./class_screen.ts";
import type { RoomNames } from "./head.ts";
import { Standby, type ClassNext, type RoomNow } from "./standby.ts";
import { Waiting } from "./waiting.ts";

const TICK_MS = 1000;
const HOUR_MS = 3_600_000;
const LEFT_MS = 60_000;
/** A screen that stays on for years takes a new version, and a new session, in the night. */
const OLD_MS = 20 * HOUR_MS;
const NIGHT_HOUR = 3;

class RoomPage {
  private readonly root: HTMLElement;
  private readonly names: RoomNames;
  private readonly probe: string;
  private readonly standby = new Standby();
  private readonly checks: Checks;
  private readonly waiting: Waiting;
  private screen: ClassScreen | null = null;
  private left = { id: 0, at: -Infinity };
  private readonly openedAt = Date.now();

  constructor(root: HTMLElement) {
    this.root = root;
    const { room = "", school = "", probe = "" } = root.dataset;
    this.names = { room, school };
    this.probe = probe;
    this.checks = new Checks(probe);
    this.waiting = new Waiting(room, school, () => void this.checks.run(true));
    this.waiting.follow(this.checks);
    this.standby.on("now", (now) => this.onNow(now));
    this.standby.on("silent", () => this.waiting.lost());
    this.standby.on("out", () => location.assign("/room/in"));
  }

  start(): void {
    stayAwake();
    this.wait();
    this.standby.start();
    void this.checks.run(false);
    window.setInterval(() => this.tick(), TICK_MS);
  }

  private onNow(now: RoomNow): void {
    this.waiting.show(now);
    const { next } = now;
    if (this.screen) this.onNowInClass(this.screen, next);
    else if (next?.may_join && !this.hasLeft(next)) this.enter(next);
  }

  /** Left as over a moment ago: the timetable may not know it yet. */
  private hasLeft({ id }: ClassNext): boolean {
    return id === this.left.id && Date.now() - this.left.at < LEFT_MS;
  }

  private onNowInClass(screen: ClassScreen, next: ClassNext | null): void {
    if (next?.id === screen.id) screen.invite(next);
    else screen.finish();
  }

  /** Take the seat, so that the lead sees that the room is there; it shows once the class runs. */
  private enter(next: ClassNext): void {
    const screen = new ClassScreen(next, this.names, this.probe);
    this.screen = screen;
    screen.on("begun", () => this.show(screen));
    screen.on("over", () => this.leave(screen));
    screen.open();
    if (next.moment === "doors-open") void this.checks.run(true);
  }

  private show(screen: ClassScreen): void {
    if (screen.element.isConnected || this.screen !== screen) return;
    this.checks.stop();
    this.waiting.letGo();
    fill(this.root, screen.element);
  }

  private leave(screen: ClassScreen): void {
    this.left = { id: screen.id, at: Date.now() };
    screen.close();
    this.screen = null;
    this.wait();
    // The camera was the lesson's: what is said of it, and its picture, are of now again.
    void this.checks.run(false);
  }

  private wait(): void {
    fill(this.root, this.waiting.element);
    this.tick();
  }

  private tick(): void {
    const clock = this.standby.clock;
    if (this.waiting.element.isConnected) this.waiting.tick(clock);
    if (this.screen) return;
    if (Date.now() - this.openedAt > OLD_MS && new Date(clock).getHours() === NIGHT_HOUR) location.reload();
  }
}

const root = document.getElementById("room");
if (root) new RoomPage(root).start();
