/** A class's line that was closed for good: a classroom's screen is on for days, and nothing of it may go on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LineClock } from "../classroom/clock.ts";
import { Line } from "../classroom/line.ts";
import { Overlay } from "../classroom/room/overlay.ts";

const window = Object.assign(new EventTarget(), { setTimeout, clearTimeout, devicePixelRatio: 1 });
const listening = new Map<string, number>();
for (const [name, by] of [["addEventListener", 1], ["removeEventListener", -1]] as const) {
  const real = window[name].bind(window);
  window[name] = (kind: string, act: never) => {
    listening.set(kind, (listening.get(kind) ?? 0) + by);
    real(kind, act);
  };
}

class Socket {
  static last: Socket;
  static count = 0;
  bufferedAmount = 0;
  readonly said: unknown[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    Socket.last = this;
    Socket.count += 1;
  }

  send(said: string): void {
    this.said.push(JSON.parse(said));
  }

  close(): void {
    return;
  }
}

Object.assign(globalThis, { window, location: { href: "http://tongke.test/" }, WebSocket: Socket });

test("a closed line's clock asks no more, and listens to nothing", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(window, { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout });
  const line = new Line("/live/12/socket");
  new LineClock(line);
  line.open();
  const { last } = Socket;
  last.onopen?.();
  context.mock.timers.tick(200);
  assert.equal(last.said.length, 2);
  assert.equal(listening.get("online"), 2, "the line's own, and the clock's");
  line.close();
  let asked = 0;
  line.send = () => ((asked += 1), false);
  context.mock.timers.tick(60_000);
  window.dispatchEvent(new Event("online"));
  assert.deepEqual([asked, listening.get("online")], [0, 0]);
});

test("a closed overlay does not draw when the window's size changes", () => {
  Object.assign(globalThis, { document: { createElement: () => ({ clientWidth: 0, clientHeight: 0, getContext: () => null }) } });
  const overlay = new Overlay(() => "");
  assert.equal(listening.get("resize"), 1);
  overlay.close();
  assert.equal(listening.get("resize"), 0);
});

test("who failed a few times looks whether the service is there, and then opens the line", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(window, { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout });
  const asked: string[] = [];
  const answers = ["none", "502", "200"];
  globalThis.fetch = ((url: URL) => {
    asked.push(url.href);
    const answer = answers.shift();
    return answer === "none" ? Promise.reject(new Error("no line")) : Promise.resolve({ status: Number(answer) });
  }) as typeof fetch;
  const line = new Line("/live/12/socket");
  const before = Socket.count;
  line.open();
  for (let time = 0; time < 3; time += 1) {
    Socket.last.onclose?.({ code: 1006 });
    context.mock.timers.tick(1100);
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual([Socket.count - before, asked], [3, ["http://tongke.test/healthz"]]);
  context.mock.timers.tick(1100);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([Socket.count - before, asked.length], [3, 2]);
  context.mock.timers.tick(1100);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual([Socket.count - before, asked.length], [4, 3]);
  line.close();
});
