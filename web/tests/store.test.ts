/** The upload page as a state machine. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { plan, totals, turnOf } from "../upload/plan.ts";
import { EMPTY, isPending, newItem, step, takesDescription, type Event, type Item, type State } from "../upload/store.ts";
import { metadataOf } from "../upload/transfer.ts";
import type { Resource } from "../shared/types.ts";

const MIB = 1024 * 1024;

function item(key: string, size = 10 * MIB): Item {
  return newItem(key, `${key}.mp4`, [], size, [], ["user:7"]);
}

function run(state: State, ...events: Event[]): State {
  return events.reduce(step, state);
}

function resource(id: number, change: Partial<Resource>): Resource {
  return { id, title: "", state: "checking", viewable: false, poster: null, failure: null, progress: null, job_id: 5, ...change };
}

const added = (...items: Item[]): Event => ({ type: "added", items });
const only = (state: State): Item => state.items[0] as Item;

test("a file goes its way to published", () => {
  let state = run(EMPTY, added(item("a")), { type: "started", key: "a" }, { type: "created", key: "a", upload: "/u/1" });
  assert.equal(only(state).phase.name, "uploading");
  state = run(state, { type: "progressed", key: "a", sent: 5 * MIB, at: 0 }, { type: "kept", key: "a", bytes: 5 * MIB }, { type: "arrived", key: "a" });
  assert.equal(only(state).phase.name, "finishing");
  assert.equal(only(state).kept, 10 * MIB);
  state = step(state, { type: "accepted", key: "a", resource: 12 });
  assert.equal(only(state).phase.name, "checking");
  state = step(state, { type: "seen", resource: resource(12, { state: "encoding", progress: { step: "ladder", percent: 43, eta_s: 120 } }) });
  assert.deepEqual(only(state).phase, { name: "encoding", progress: { step: "ladder", percent: 43, eta_s: 120 } });
  state = step(state, { type: "seen", resource: resource(12, { state: "published" }) });
  assert.equal(only(state).phase.name, "published");
});

test("a cut line shows what the service has, waits longer each time, and starts over when bytes arrive", () => {
  let state = run(EMPTY, added(item("a")), { type: "started", key: "a" }, { type: "kept", key: "a", bytes: 3 * MIB }, { type: "progressed", key: "a", sent: 7 * MIB, at: 0 }, { type: "cut", key: "a", at: 1000 });
  assert.deepEqual(only(state).phase, { name: "cut", retryAt: 3000 });
  assert.equal(only(state).sent, 3 * MIB);
  const again = (at: number): Event[] => [{ type: "resumed", key: "a" }, { type: "started", key: "a" }, { type: "cut", key: "a", at }];
  state = run(state, ...again(0));
  assert.deepEqual(only(state).phase, { name: "cut", retryAt: 4000 });
  for (let attempt = 0; attempt < 20; attempt += 1) state = run(state, ...again(0));
  assert.deepEqual(only(state).phase, { name: "cut", retryAt: 30_000 }, "half a minute at most, and it never gives up");
  state = run(state, { type: "resumed", key: "a" }, { type: "started", key: "a" }, { type: "kept", key: "a", bytes: 4 * MIB }, { type: "cut", key: "a", at: 0 });
  assert.deepEqual(only(state).phase, { name: "cut", retryAt: 2000 });
});

test("what is too long for the creation is sent as soon as the upload is there", () => {
  const state = run(EMPTY, added({ ...item("a"), fields: { ...item("a").fields, title: "课", summary: "简介" } }), { type: "started", key: "a" });
  assert.deepEqual(metadataOf(only(state)), { filename: "a.mp4", title: "课", audience: "user:7" });
  assert.deepEqual(only(step(state, { type: "created", key: "a", upload: "/u/1" })).dirty, ["summary"]);
});

test("a file that its handle opens no more is asked for", () => {
  const state = run(EMPTY, added({ ...item("a"), phase: { name: "absent", handle: true } }), { type: "handleLost", key: "a" });
  assert.deepEqual(only(state).phase, { name: "absent", handle: false });
});

test("speed follows the line and is nothing while nothing moves", () => {
  let state = run(EMPTY, added(item("a")), { type: "started", key: "a" });
  for (let second = 0; second <= 20; second += 1) state = step(state, { type: "progressed", key: "a", sent: second * 100_000, at: second * 1000 });
  assert.ok(Math.abs(only(state).rate - 100_000) < 1);
  assert.equal(only(step(state, { type: "paused", key: "a" })).rate, 0);
});

test("two at a time, in the order of the list", () => {
  const state = run(EMPTY, added(item("a"), item("b"), item("c")));
  assert.deepEqual(plan(state.items), { start: ["a", "b"], stop: [] });
});

test("「先传这个」 takes a place at once; the one that loses it keeps its bytes", () => {
  let state = run(EMPTY, added(item("a"), item("b"), item("c")), { type: "started", key: "a" }, { type: "started", key: "b" }, { type: "kept", key: "b", bytes: MIB }, { type: "first", key: "c" });
  assert.deepEqual(plan(state.items), { start: ["c"], stop: ["b"] });
  state = step(state, { type: "stopped", key: "b" });
  const b = state.items.find(({ key }) => key === "b");
  assert.deepEqual([b?.phase.name, b?.kept], ["queued", MIB]);
});

test("what is paused gives its place to the next", () => {
  const state = run(EMPTY, added(item("a"), item("b"), item("c")), { type: "started", key: "a" }, { type: "paused", key: "a" });
  assert.deepEqual(plan(state.items).start, ["b", "c"]);
});

test("an upload that the service lost goes again from its first byte", () => {
  const state = run(EMPTY, added(item("a")), { type: "started", key: "a" }, { type: "created", key: "a", upload: "/u/1" }, { type: "kept", key: "a", bytes: MIB }, { type: "lost", key: "a" });
  assert.deepEqual([only(state).phase.name, only(state).kept, only(state).upload], ["queued", 0, null]);
});

test("retrying a refused upload goes on at its byte, retrying a job does not send again", () => {
  const sent = run(EMPTY, added(item("a")), { type: "started", key: "a" }, { type: "created", key: "a", upload: "/u/1" }, { type: "kept", key: "a", bytes: MIB });
  const upload = run(sent, { type: "refused", key: "a", reason: "x", remedy: "", retry: "upload" }, { type: "again", key: "a" });
  assert.deepEqual([only(upload).phase.name, only(upload).kept, only(upload).upload], ["queued", MIB, "/u/1"]);
  const failure = { code: "c", message: "m", remedy: "r", may_retry: true };
  const job = run(sent, { type: "accepted", key: "a", resource: 1 }, { type: "seen", resource: resource(1, { state: "failed", failure }) });
  assert.deepEqual(only(job).phase, { name: "failed", reason: "m", remedy: "r", retry: "job" });
  assert.equal(only(step(job, { type: "again", key: "a" })).phase.name, "checking");
});

test("an edit applies to all that are named, drops the origin, and waits to be saved", () => {
  const suggested = newItem("a", "a.mp4", [], 1, [{ field: "grade", value: "7", origin: { from: "name", text: "七年级" }, sure: true }], []);
  let state = run(EMPTY, added(suggested, item("b")), { type: "edited", keys: ["a", "b"], field: "grade", value: "8" });
  for (const one of state.items) assert.deepEqual([one.fields.grade, one.origins.grade, one.dirty], ["8", undefined, ["grade"]]);
  state = step(state, { type: "saved", key: "a", fields: ["grade"], errors: {} });
  assert.deepEqual(only(state).dirty, []);
});

test("totals leave out what was refused and time what is paused out", () => {
  const state = run(EMPTY, added(item("a"), item("b"), item("c")), { type: "refused", key: "c", reason: "", remedy: "", retry: null },
    { type: "paused", key: "b" }, { type: "started", key: "a" }, { type: "progressed", key: "a", sent: 0, at: 0 }, { type: "progressed", key: "a", sent: 2 * MIB, at: 2000 });
  const sums = totals(state.items);
  assert.deepEqual([sums.files, sums.size, sums.sent], [2, 20 * MIB, 2 * MIB]);
  assert.equal(sums.left, 8);
});

test("one that waits is told its turn", () => {
  const state = run(EMPTY, added(item("a"), item("b"), item("c")), { type: "started", key: "a" }, { type: "progressed", key: "a", sent: 0, at: 0 }, { type: "progressed", key: "a", sent: MIB, at: 1000 });
  assert.deepEqual(turnOf(state.items, "c"), { before: 2, seconds: 19 });
});

test("whatever happens in whatever order, the rules hold", () => {
  let seed = 42;
  const next = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const keys = ["a", "b", "c", "d"];
  const simple = ["started", "stopped", "paused", "resumed", "first", "arrived", "again", "reconnected", "lost"] as const;
  for (let game = 0; game < 200; game += 1) {
    let state = run(EMPTY, added(...keys.map((key) => item(key, 1000))));
    for (let turn = 0; turn < 60; turn += 1) {
      const key = keys[next(keys.length)] as string;
      const before = state.items.find((one) => one.key === key) as Item;
      const events: Event[] = [
        ...simple.map((type): Event => ({ type, key })),
        { type: "created", key, upload: "/u" }, { type: "progressed", key, sent: next(1001), at: turn * 500 },
        { type: "kept", key, bytes: Math.max(before.kept, next(1001)) }, { type: "cut", key, at: turn },
        { type: "accepted", key, resource: 1 }, { type: "refused", key, reason: "", remedy: "", retry: "upload" },
      ];
      const event = events[next(events.length)] as Event;
      state = step(state, event);
      const { start, stop } = plan(state.items);
      const sending = state.items.filter(({ phase, key: one }) => phase.name === "uploading" && !stop.includes(one)).length;
      assert.ok(sending + start.length <= 2, event.type);
      assert.deepEqual(state.items.map((one) => one.key).sort(), keys);
      const after = state.items.find((one) => one.key === key) as Item;
      assert.ok(after.kept >= 0 && after.kept <= after.size && after.sent <= after.size, event.type);
      if (isPending(after) && after.phase.name !== "uploading" && isPending(before)) assert.ok(after.sent === after.kept || before.sent === after.sent, event.type);
      if (!["lost", "again"].includes(event.type)) assert.ok(after.kept >= before.kept, `${event.type} lost bytes`);
    }
  }
});

test("what was refused or is there already is neither selected nor described", () => {
  const refused: Item = { ...item("a"), phase: { name: "failed", reason: "空的", remedy: "", retry: null } };
  const known: Item = { ...item("b"), phase: { name: "known", resource: 3 } };
  const state = run(EMPTY, added(refused), added(known), added(item("c")));
  assert.deepEqual(state.selected, ["c"]);
  assert.deepEqual(state.items.map(takesDescription), [false, false, true]);
});
