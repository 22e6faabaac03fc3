/** What rows and the audience say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { audienceText, toggleAudience } from "../upload/audience.ts";
import { describe } from "../upload/describe.ts";
import { isAccepted } from "../upload/files.ts";
import { contentOf, crc32, fingerprint } from "../upload/fingerprint.ts";
import { newItem, type Item } from "../upload/store.ts";

const MIB = 1024 * 1024;
const audiences = [
  { token: "user:7", label: "只我", needs_review: false, reviewer: null },
  { token: "school:3", label: "本校", needs_review: false, reviewer: null },
  { token: "region:430102", label: "全县", needs_review: true, reviewer: "芙蓉区教育局" },
];
const base = newItem("a", "a.mp4", [], 1000 * MIB, [], []);
const say = (change: Partial<Item>): string[] => {
  const item = { ...base, ...change };
  const { title, detail } = describe(item, [item], 10_000, audiences);
  return [title, detail];
};

test("uploading says percent, speed and time left", () => {
  assert.deepEqual(say({ phase: { name: "uploading" }, sent: 630 * MIB, rate: 2.1 * MIB }), ["上传中", "63%　2.1 MB/s，还要 2 分 56 秒"]);
});

test("uploading never says 100 before the service has said so", () => {
  assert.equal(say({ phase: { name: "uploading" }, sent: 1000 * MIB })[1], "99%");
});

test("a cut line says what is safe and when it goes on", () => {
  assert.deepEqual(say({ phase: { name: "cut", retryAt: 17_500 }, kept: 437 * MIB, attempt: 3 }), ["网断了，自动续传", "已存 437 MB，第 3 次重连在 8 秒后"]);
});

test("encoding says how far and how long", () => {
  assert.deepEqual(say({ phase: { name: "encoding", progress: { step: "ladder", percent: 43.7, eta_s: 120 } } }), ["可以看了，转码中", "转各档清晰度 43%，还要 2 分钟"]);
});

test("checking says how far and how long, and that it waits", () => {
  const progress = { step: "checking", percent: 43.7, eta_s: 12 };
  assert.deepEqual(say({ phase: { name: "checking", progress } }), ["正在检查", "检查文件 43%，还要 12 秒"]);
  assert.deepEqual(say({ phase: { name: "checking", progress: null } }), ["正在检查", "在排队，轮到就开始"]);
  const item: Item = { ...base, phase: { name: "checking", progress } };
  assert.equal(describe(item, [item], 0, audiences).bar?.percent, 43.7);
});

test("every step of the work has its words", () => {
  for (const step of ["joining", "checking", "playable", "thumbnails", "thin", "ladder", "document"]) {
    assert.match(say({ phase: { name: "encoding", progress: { step, percent: 1, eta_s: null } } })[1] ?? "", /^.+ 1%$/);
  }
});

test("what had not begun says so", () => {
  assert.deepEqual(say({ phase: { name: "absent", handle: false }, kept: 0 }), ["上次没传完", "还没开始传，再选一次这个文件就行"]);
});

test("a failure says the reason and what to do, not a code", () => {
  assert.deepEqual(say({ phase: { name: "failed", reason: "录像没有写完", remedy: "请重新导出", retry: null } }), ["录像没有写完", "请重新导出"]);
});

test("what only its author sees is ready, not published", () => {
  const published = { name: "published" } as const;
  assert.deepEqual(say({ phase: published, audience: ["user:7"] }), ["做好了", "仅自己可见"]);
  assert.deepEqual(say({ phase: published, audience: ["school:3"] }), ["已发布", "本校能看到"]);
  assert.deepEqual(say({ phase: published, audience: ["region:430102"] }), ["做好了", "仅自己可见；给“全县”要经芙蓉区教育局审核，通过后才看得到"]);
});

test("only me stands alone", () => {
  assert.deepEqual(toggleAudience(["user:7"], "school:3", "user:7"), ["school:3"]);
  assert.deepEqual(toggleAudience(["school:3"], "agreement:1", "user:7"), ["school:3", "agreement:1"]);
  assert.deepEqual(toggleAudience(["school:3", "agreement:1"], "user:7", "user:7"), ["user:7"]);
  assert.deepEqual(toggleAudience(["school:3"], "school:3", "user:7"), ["user:7"]);
});

test("the audience says who sees it and who has to agree", () => {
  assert.equal(audienceText(audiences, ["school:3", "region:430102"]), "本校能看到；给“全县”要经芙蓉区教育局审核，通过后才看得到");
  assert.equal(audienceText(audiences, ["user:7"]), "");
});

test("files are taken by ending or type", () => {
  assert.ok(isAccepted("A.MP4", "", [".mp4"]));
  assert.ok(isAccepted("a", "video/quicktime", ["video/*"]));
  assert.ok(!isAccepted("a.exe", "application/x-msdownload", [".mp4", "video/*"]));
});

test("crc-32 gives its check value", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf43926);
});

test("the same file has the same fingerprint, a rewritten one another", async () => {
  const make = (text: string): File => new File([text], "a.mp4", { lastModified: 5 });
  assert.equal(await fingerprint(make("abc")), await fingerprint(make("abc")));
  assert.notEqual(await fingerprint(make("abc")), await fingerprint(make("abd")));
});

test("a renamed file has the same content", async () => {
  const make = (name: string, text: string): File => new File([text], name, { lastModified: 5 });
  const content = async (file: File): Promise<string> => contentOf(await fingerprint(file));
  assert.equal(await content(make("a.mp4", "abc")), await content(make("第一课.mp4", "abc")));
  assert.notEqual(await content(make("a.mp4", "abc")), await content(make("a.mp4", "abd")));
});
