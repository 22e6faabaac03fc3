import assert from "node:assert/strict";
import { test } from "node:test";
import { Hung } from "../classroom/hung.ts";

const asked = (): { stats: { loading: { first: number } } } => ({ stats: { loading: { first: 0 } } });

test("a part that has not begun to come after three playlists is asked for anew, and again after three more", () => {
  const hung = new Hung();
  hung.waits(asked());
  assert.deepEqual([1, 2, 3, 4, 5, 6].map(() => hung.playlist()), [false, false, true, false, false, true]);
});

test("a part that is on its way is waited for, however long it takes", () => {
  const hung = new Hung();
  const part = asked();
  hung.waits(part);
  hung.playlist();
  part.stats.loading.first = 17;
  assert.ok([1, 2, 3, 4].every(() => !hung.playlist()));
});

test("each part is waited for anew; where none is, nothing is asked for", () => {
  const hung = new Hung();
  for (let part = 0; part < 3; part += 1) {
    hung.waits(asked());
    assert.ok(!hung.playlist() && !hung.playlist());
  }
  hung.waits();
  assert.ok([1, 2, 3, 4].every(() => !hung.playlist()));
});
