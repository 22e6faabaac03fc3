/** Uploads of an earlier visit come back as rows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kept } from "../upload/records.ts";
import { NO_FIELDS } from "../upload/vocabulary.ts";
import { unfinishedItems, type Held, type Restored } from "../upload/unfinished.ts";

const restored = (held: Held[], kept: Kept[], ...elsewhere: string[]): Restored => unfinishedItems(held, kept, new Set(elsewhere));
const held = { id: "u1", filename: "5.3 课.mp4", length: 100, offset: 60, fields: { title: "5.3", audience: "school:3 agreement:1" }, resource_id: null };

test("an unfinished upload waits for its file at the byte where it stopped", () => {
  const { items, locals } = restored([held], []);
  assert.equal(items.length, 1);
  const [item] = items;
  assert.deepEqual(item?.phase, { name: "absent", handle: false });
  assert.deepEqual([item?.kept, item?.size, item?.upload, item?.fields.title], [60, 100, "/api/v1/uploads/u1", "5.3"]);
  assert.deepEqual(item?.audience, ["school:3", "agreement:1"]);
  assert.equal(locals.get(item?.key ?? "")?.print, "");
});

test("what this browser kept of it is joined by the address", () => {
  const handle = {} as FileSystemFileHandle;
  const kept = { print: "p", upload: "/api/v1/uploads/u1", resource: null, folders: ["数学"], handle, waiting: null, at: 0 };
  const { items, locals } = restored([held], [kept]);
  assert.deepEqual(items[0]?.phase, { name: "absent", handle: true });
  assert.deepEqual(items[0]?.folders, ["数学"]);
  assert.equal(locals.get(items[0]?.key ?? "")?.print, "p");
});

test("with every byte there only the finishing is missing, and what is a resource is no row", () => {
  const { items } = restored([{ ...held, offset: 100 }, { ...held, id: "u2", resource_id: 9 }], []);
  assert.deepEqual(items.map(({ phase }) => phase.name), ["finishing"]);
});

const said = { ...NO_FIELDS, title: "改过的题目", summary: "很长的简介" };
const waiting: Kept = {
  print: "p", upload: null, resource: null, folders: ["数学"], handle: null, at: 0,
  waiting: { name: "5.3 课.mp4", size: 100, creation: "c", fields: said, audience: ["school:3"] },
};

test("a row that had not begun when the page was closed comes back with what was said of it", () => {
  const { items, locals } = restored([], [waiting]);
  const [item] = items;
  assert.equal(items.length, 1);
  assert.deepEqual(item?.phase, { name: "absent", handle: false });
  assert.deepEqual([item?.name, item?.size, item?.kept, item?.upload, item?.folders], ["5.3 课.mp4", 100, 0, null, ["数学"]]);
  assert.deepEqual([item?.fields.title, item?.audience], ["改过的题目", ["school:3"]]);
  assert.deepEqual(locals.get(item?.key ?? ""), { file: null, handle: null, print: "p", creation: "c" });
});

test("one whose answer never came is one row, and what was said of it since is still to be sent", () => {
  const { items, locals } = restored([held], [waiting]);
  assert.equal(items.length, 1);
  const [item] = items;
  assert.deepEqual([item?.upload, item?.kept, item?.fields.summary], ["/api/v1/uploads/u1", 60, "很长的简介"]);
  assert.deepEqual(item?.dirty, ["title", "summary", "audience"]);
  assert.equal(locals.get(item?.key ?? "")?.print, "p");
});

test("of two files of one name and size each has its own row", () => {
  const { items } = restored([held], [waiting, { ...waiting, print: "q" }]);
  assert.deepEqual(items.map(({ upload }) => upload), ["/api/v1/uploads/u1", null]);
});

test("what another window has in hand is no row here", () => {
  assert.deepEqual(restored([held], [], "/api/v1/uploads/u1").items, []);
  assert.deepEqual(restored([], [waiting], "p").items, []);
});
