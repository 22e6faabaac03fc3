/** Somebody's part in a class, over lines that break. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Session, type Hello } from "../classroom/session.ts";

let reloads = 0;
Object.assign(globalThis, { window: globalThis, location: { reload: () => (reloads += 1) } });

const OBSERVER: Hello = { role: "observer", seat: "", delay_ms: 1300, seq: 1, state: { phase: "running", lesson: "broadcast" } };

/** What the page of an observer was told, and how often it was loaded anew, after one more line. */
function comesAgain(as: Partial<Hello>): [told: Hello["role"][], reloads: number] {
  const session = new Session("/live/12/socket");
  const told: Hello["role"][] = [];
  session.on("hello", ({ role }) => told.push(role));
  const { line } = session as unknown as { line: { tell(name: "message", content: object): void } };
  reloads = 0;
  line.tell("message", { hello: OBSERVER });
  line.tell("message", { hello: { ...OBSERVER, ...as } });
  return [told, reloads];
}

test("who comes back as somebody else has another page", () => {
  assert.deepEqual(comesAgain({}), [["observer", "observer"], 0]);
  assert.deepEqual(comesAgain({ role: "teacher", seat: "2" }), [["observer"], 1]);
});

test("so has a teacher who was named to another room", () => {
  assert.deepEqual(comesAgain({ seat: "3" }), [["observer"], 1]);
});

test("what is asked for before the lesson's time is known says no time", () => {
  const session = new Session("/live/12/socket");
  const { line } = session as unknown as { line: { tell(name: "message", content: object): void; send(said: object): boolean } };
  const sent: object[] = [];
  line.send = (said) => sent.push(said) > 0;
  line.tell("message", { hello: OBSERVER });
  void session.command("begin");
  assert.deepEqual(sent, [{ command: "begin", ref: 1 }]);
});
