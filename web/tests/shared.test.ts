/** Words, numbers and errors that all scripts share. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../shared/api.ts";
import { backoff } from "../shared/backoff.ts";
import { bytes, clock, shorten, span } from "../shared/format.ts";
import { en } from "../shared/messages.en.ts";
import { zh, type Key } from "../shared/messages.zh.ts";
import { stateDetail } from "../shared/states.ts";
import { isPassing } from "../upload/transfer.ts";

test("both languages name the same values", () => {
  const names = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort();
  for (const key of Object.keys(zh) as Key[]) assert.deepEqual(names(en[key]), names(zh[key]), key);
});

test("no line of Chinese uses the brackets of design papers or half-width marks", () => {
  for (const [key, text] of Object.entries(zh)) assert.doesNotMatch(text, /[「」]|[\u4e00-\u9fff][,;?!]/, key);
});

test("moments", () => {
  assert.deepEqual([0, 59.9, 1025, 3723, NaN, -3].map(clock), ["00:00", "00:59", "17:05", "1:02:03", "00:00", "00:00"]);
});

test("waits are said as a person says them", () => {
  assert.deepEqual([0.2, 40, 250, 120, 1380, 3600, 3900, 59.6].map((s) => span(s, "zh")), ["1 秒", "40 秒", "4 分 10 秒", "2 分钟", "23 分钟", "1 小时", "1 小时 5 分钟", "1 分钟"]);
});

test("sizes", () => {
  assert.deepEqual([0, 900, 184_320, 6_500_000, 437 * 1024 ** 2, 1.42 * 1024 ** 3].map(bytes), ["0 KB", "1 KB", "180 KB", "6.2 MB", "437 MB", "1.42 GB"]);
});

test("a long name keeps its head and its ending", () => {
  assert.equal(shorten("5.3 实际问题与一元一次方程（第2课时）.mp4", 18), "5.3 实际问题…第2课时）.mp4");
  assert.equal(shorten("短.mp4", 18), "短.mp4");
});

test("the wait doubles to half a minute and stays there", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 50].map(backoff), [2, 4, 8, 16, 30, 30]);
});

test("a refusal says its detail and its fields; what came from something between says plain words", () => {
  const problem = problemOf(422, JSON.stringify({ code: "invalid", detail: "有几处填得不对", errors: { title: "请写题目" } }));
  assert.deepEqual([problem.code, problem.detail, problem.fields], ["invalid", "有几处填得不对", { title: "请写题目" }]);
  const told = problemOf(413, JSON.stringify({ code: "c", title: "文件太大", detail: "请先压缩" }));
  assert.deepEqual([told.title, told.detail], ["文件太大", "请先压缩"]);
  assert.equal(problemOf(502, "<html>Bad Gateway</html>").detail, zh["error.server"]);
  assert.equal(problemOf(500, "null").code, "unknown");
});

test("a busy server, a lock and a lost line pass; a refusal does not", () => {
  assert.ok([502, 503, 429, 423, 409].every((status) => isPassing(problemOf(status, ""))));
  assert.ok(isPassing(null));
  assert.ok(![401, 403, 413, 422].some((status) => isPassing(problemOf(status, ""))));
});

test("a work in progress says its step, and one that waits says so", () => {
  const resource = { id: 1, title: "", state: "encoding", viewable: true, poster: null, failure: null, job_id: 1 } as const;
  assert.equal(stateDetail({ ...resource, progress: { step: "ladder", percent: 43, eta_s: 120 } }), "转各档清晰度 43%，还要 2 分钟");
  assert.equal(stateDetail({ ...resource, progress: null }), "在排队，轮到就开始");
});
