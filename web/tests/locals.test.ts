/** Files and their rows, in this window and in others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Locals, newCreation } from "../upload/locals.ts";
import type { Kept, Records } from "../upload/records.ts";
import { newItem, type Item, type Phase } from "../upload/store.ts";
import { Tabs } from "../upload/tabs.ts";

const ABSENT: Phase = { name: "absent", handle: false };
const print = (name: string): string => [name, 3, 5, "crc"].join("\n");
const file = (name: string): File => new File(["abc"], name, { lastModified: 5 });

function item(key: string, name: string, phase: Phase): Item {
  return { ...newItem(key, name, [], 3, [], []), phase };
}

class Noted {
  readonly records = new Map<string, Kept>();

  async all(): Promise<Kept[]> {
    return [...this.records.values()];
  }

  async put(record: Kept): Promise<void> {
    this.records.set(record.print, record);
  }

  async forget(name: string): Promise<void> {
    this.records.delete(name);
  }
}

function localsOf(...rows: [string, string][]): { locals: Locals; noted: Noted } {
  const noted = new Noted();
  const locals = new Locals(noted as unknown as Records);
  for (const [key, of] of rows) locals.set(key, { file: null, handle: null, print: of, creation: key });
  return { locals, noted };
}

test("a row that waits for its file is found though the file was renamed", () => {
  const { locals } = localsOf(["a", print("旧名.mp4")], ["b", print("旧名.mp4")]);
  const waits = item("a", "旧名.mp4", ABSENT);
  assert.equal(locals.rowOf([waits], file("新名.mp4"), print("新名.mp4")), waits);
  const sending = item("b", "旧名.mp4", { name: "uploading" });
  assert.equal(locals.rowOf([sending], file("新名.mp4"), print("新名.mp4")), undefined, "a copy of it is a file of its own");
});

test("where only the service knows it, name and size settle it", () => {
  const { locals } = localsOf(["a", ""]);
  const waits = item("a", "课.mp4", ABSENT);
  assert.equal(locals.rowOf([waits], file("课.mp4"), print("课.mp4")), waits);
  assert.equal(locals.rowOf([waits], file("别的.mp4"), print("别的.mp4")), undefined);
});

test("what is kept of a row is drawn again until the service knows of it", async () => {
  const { locals, noted } = localsOf(["a", print("课.mp4")]);
  const row = item("a", "课.mp4", { name: "queued" });
  await locals.keep(row);
  const kept = noted.records.get(print("课.mp4"));
  assert.deepEqual([kept?.waiting?.name, kept?.waiting?.size, kept?.waiting?.creation], ["课.mp4", 3, "a"]);
  await locals.keep({ ...row, upload: "/u/1" });
  assert.equal(noted.records.get(print("课.mp4"))?.waiting, null);
});

test("a renamed file leaves no second record, a removed row none", async () => {
  const { locals, noted } = localsOf(["a", print("旧名.mp4")]);
  const row = item("a", "旧名.mp4", ABSENT);
  await locals.keep(row);
  locals.set("a", { file: null, handle: null, print: print("新名.mp4"), creation: "a" });
  await locals.keep(row);
  assert.deepEqual([...noted.records.keys()], [print("新名.mp4")]);
  locals.drop(row);
  assert.equal(noted.records.size, 0);
});

test("a creation is named by as many random bits as the service asks for", () => {
  assert.match(newCreation(), /^[0-9a-f]{32}$/);
  assert.notEqual(newCreation(), newCreation());
});

test("windows tell each other what they have in hand", async () => {
  const [one, two] = [new BroadcastChannel("tabs"), new BroadcastChannel("tabs")];
  const tabs = new Tabs(one, () => ["p1", "/u/1"]);
  const other = new Tabs(two, () => []);
  assert.deepEqual([...(await other.others())], ["p1", "/u/1"]);
  assert.deepEqual([...(await tabs.others())], []);
  assert.deepEqual([...(await new Tabs(null, () => []).others())], []);
  one.close();
  two.close();
});
