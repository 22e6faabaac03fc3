/** Uploads of an earlier visit come back as rows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { restored } from "../upload/unfinished.ts";

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
  const kept = { print: "p", upload: "/api/v1/uploads/u1", resource: null, folders: ["数学"], handle, at: 0 };
  const { items, locals } = restored([held], [kept]);
  assert.deepEqual(items[0]?.phase, { name: "absent", handle: true });
  assert.deepEqual(items[0]?.folders, ["数学"]);
  assert.equal(locals.get(items[0]?.key ?? "")?.print, "p");
});

test("with every byte there only the finishing is missing, and what is a resource is no row", () => {
  const { items } = restored([{ ...held, offset: 100 }, { ...held, id: "u2", resource_id: 9 }], []);
  assert.deepEqual(items.map(({ phase }) => phase.name), ["finishing"]);
});
