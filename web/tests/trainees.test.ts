/** Teachers at desks of their own, as the lead's page knows them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Trainees } from "../classroom/lead/trainees.ts";

function training(): { trainees: Trainees; hear(kind: string, body?: object, at?: number): void; up(): string[] } {
  const trainees = new Trainees();
  const hear = (kind: string, body: object = {}, at = 0): void =>
    trainees.apply({ seq: 1, at, media_ms: at, kind, by: { role: "server", room: "" }, ...body });
  for (const [trainee, name] of [["7", "向雨禾"], ["8", "谭望舒"]]) hear("arrive", { trainee, name, school: "桐木溪中学" });
  return { trainees, hear, up: () => trainees.hands.map(({ name }) => name) };
}

test("who raised a hand first comes first, until it is put down", () => {
  const { hear, up } = training();
  hear("hand_up", { trainee: "8" }, 100);
  hear("hand_up", { trainee: "7" }, 200);
  assert.deepEqual(up(), ["谭望舒", "向雨禾"]);
  hear("hand_down", { trainee: "8" });
  assert.deepEqual(up(), ["向雨禾"]);
  hear("end");
  assert.deepEqual(up(), []);
});

test("a hand is not seen while its teacher is away, and is up when she is back", () => {
  const { trainees, hear, up } = training();
  hear("hand_up", { trainee: "7" }, 100);
  hear("depart", { trainee: "7", dropped: true });
  assert.deepEqual([up(), trainees.present.length], [[], 1]);
  hear("arrive", { trainee: "7", name: "向雨禾", school: "桐木溪中学" });
  assert.deepEqual([up(), trainees.present.length], [["向雨禾"], 2]);
});

test("a new line brings the whole state, and a lesson has none", () => {
  const { trainees, up } = training();
  trainees.restore([{ id: "9", name: "田小满", school: "雁回路中学", present: true, hand_ms: 5 }]);
  assert.deepEqual([up(), trainees.hasCome], [["田小满"], true]);
  trainees.restore([]);
  assert.equal(trainees.hasCome, false);
});
