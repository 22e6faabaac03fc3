/** Changed fields reach the service in the order in which they were written. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EMPTY, newItem, step, type Event, type Item, type State } from "../upload/store.ts";
import { Saver } from "../upload/sync.ts";

Object.assign(globalThis, { window: globalThis, document: { querySelector: () => null, documentElement: { lang: "zh-CN" } } });

const turn = (ms = 0): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("a save that is held up is not overtaken by the next", async () => {
  const sent: string[] = [];
  const answers: (() => void)[] = [];
  globalThis.fetch = ((_url: string, { body }: { body: string }) => {
    sent.push((JSON.parse(body) as { title: string }).title);
    return new Promise((resolve) => answers.push(() => resolve(new Response(null, { status: 204 }))));
  }) as typeof fetch;
  let state: State = EMPTY;
  const dispatch = (event: Event): void => void (state = step(state, event));
  const find = (key: string): Item | undefined => state.items.find((item) => item.key === key);
  const saver = new Saver(find, dispatch);
  const write = (title: string): void => dispatch({ type: "edited", keys: ["a"], field: "title", value: title });
  dispatch({ type: "added", items: [newItem("a", "a.mp4", [], 10, [], [])] });
  dispatch({ type: "created", key: "a", upload: "/u/1" });

  write("甲");
  void saver.now("a");
  write("甲乙");
  void saver.now("a");
  await turn();
  assert.deepEqual(sent, ["甲"]);
  answers.shift()?.();
  await turn(800);
  assert.deepEqual(sent, ["甲", "甲乙"]);
  answers.shift()?.();
  await turn();
  assert.deepEqual(find("a")?.dirty, []);
});

test("what was refused because it had just become a resource is sent to the resource", async () => {
  const sent: string[] = [];
  const answers: ((status: number) => void)[] = [];
  globalThis.fetch = ((url: string, { method }: { method: string }) => {
    sent.push(`${method} ${url}`);
    return new Promise((resolve) => answers.push((status) => resolve(new Response(null, { status }))));
  }) as typeof fetch;
  let state: State = EMPTY;
  const dispatch = (event: Event): void => void (state = step(state, event));
  const find = (key: string): Item | undefined => state.items.find((item) => item.key === key);
  const saver = new Saver(find, dispatch);
  dispatch({ type: "added", items: [newItem("a", "a.txt", [], 10, [], [])] });
  dispatch({ type: "created", key: "a", upload: "/u/1" });
  dispatch({ type: "edited", keys: ["a"], field: "summary", value: "简介" });
  void saver.now("a");
  dispatch({ type: "accepted", key: "a", resource: 7 });
  void saver.now("a");
  answers.shift()?.(409);
  await turn();
  answers.shift()?.(200);
  await turn();
  assert.deepEqual(sent, ["PUT /u/1/fields", "PATCH /api/v1/resources/7"]);
  assert.deepEqual(find("a")?.dirty, []);
});
