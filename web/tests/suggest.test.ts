/** What teachers' file names say: names as they are found in schools. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { suggest } from "../upload/suggest.ts";
import type { Config } from "../upload/vocabulary.ts";

const option = (value: string) => ({ value, label: value });
const VOCABULARY: Config["vocabulary"] = {
  kind: ["lesson_recording", "teaching_case", "management_policy", "student_evaluation", "incentive_scheme", "activity_plan", "courseware", "research_output"].map(option),
  stage: ["preschool", "primary", "junior", "senior"].map(option),
  grade: Array.from({ length: 12 }, (_, index) => option(String(index + 1))),
  subject: ["chinese", "math", "english", "physics", "politics", "pe"].map(option),
};

function values(file: string, folders: string[] = []): Record<string, string> {
  return Object.fromEntries(suggest(file, folders, VOCABULARY).map(({ field, value }) => [field, value]));
}

test("a lesson's full name fills the whole form", () => {
  assert.deepEqual(values("七年级数学上册 5.3 实际问题与一元一次方程（第2课时）.mp4"), {
    title: "5.3 实际问题与一元一次方程（第2课时）",
    kind: "lesson_recording",
    grade: "7",
    stage: "junior",
    subject: "math",
    unit: "上册 第五章",
    lesson: "5.3",
  });
});

test("folders say what the name leaves out, the nearest first", () => {
  const found = suggest("1.2.4 绝对值.mp4", ["2026 秋", "高中备课", "人教版七年级上册", "数学"], VOCABULARY);
  const by = Object.fromEntries(found.map((one) => [one.field, one]));
  assert.equal(by.subject?.value, "math");
  assert.deepEqual(by.subject?.origin, { from: "folder", text: "数学" });
  assert.equal(by.grade?.value, "7");
  assert.deepEqual(by.grade?.origin, { from: "folder", text: "人教版七年级上册" });
  assert.equal(by.edition?.value, "人教版");
  assert.equal(by.stage?.value, "junior", "the grade goes before a folder further out");
  assert.equal(by.lesson?.value, "1.2.4");
});

const KINDS: [string, string | undefined][] = [
  ["桐木溪中学考勤管理制度（修订）.docx", "management_policy"],
  ["学生综合素质评价实施办法.pdf", "student_evaluation"],
  ["教师奖励办法.docx", "incentive_scheme"],
  ["2026 年秋季运动会方案.docx", "activity_plan"],
  ["《背影》教学设计.docx", "teaching_case"],
  ["农村初中数学分层作业的课题研究报告.pdf", "research_output"],
  ["5.3 第2课时 课件.pptx", "courseware"],
  ["5.3 学习单（学生用）.docx", "courseware"],
  ["通知.docx", undefined],
];
for (const [name, kind] of KINDS) {
  test(`kind of ${name}`, () => assert.equal(values(name).kind, kind));
}

const TITLES: [string, string][] = [
  ["数学文化节活动方案.docx", "数学文化节活动方案"],
  ["三年级语文期末评价方案.docx", "三年级语文期末评价方案"],
  ["人教版八年级物理上册第三章 物态变化.pptx", "第三章 物态变化"],
  ["高一英语 Unit 3 Reading.mp4", "Unit 3 Reading"],
  ["背影_第一课时.mp4", "背影 第一课时"],
  ["考勤制度 (1).docx", "考勤制度"],
  ["有理数的加法(2).mp4", "有理数的加法(2)"],
  ["有理数的加法（2）.mp4", "有理数的加法（2）"],
  ["考勤制度 - 副本.docx", "考勤制度"],
  ["01_有理数的加法.mp4", "有理数的加法"],
  ["02-绝对值.mp4", "绝对值"],
  ["3、绝对值.mp4", "绝对值"],
  ["1.观潮.mp4", "观潮"],
  ["01.mp4", "01"],
  ["3 的倍数.mp4", "3 的倍数"],
  ["2026 年秋季运动会方案.docx", "2026 年秋季运动会方案"],
  ["整章课件.pptx.pdf", "整章课件"],
  ["01 七年级数学 1.2 有理数.mp4", "1.2 有理数"],
  ["第1.2节 有理数", "第1.2节 有理数"],
  ["数学.pptx", "数学"],
];
for (const [name, title] of TITLES) {
  test(`title of ${name}`, () => assert.equal(values(name).title, title));
}

const GRADES: [string, string | undefined][] = [
  ["初二物理 浮力.mp4", "8"], ["高三复习.pptx", "12"], ["八上 第二课.mp4", "8"], ["6年级体育.mp4", "6"],
  ["高中语文.pptx", undefined], ["第三节 生产.mp4", undefined], ["三上三下.txt", undefined],
];
for (const [name, grade] of GRADES) {
  test(`grade of ${name}`, () => assert.equal(values(name).grade, grade));
}

test("dates, versions and decimals are no lessons", () => {
  for (const name of ["2025.11.24 教研.mp4", "录课v1.2.mp4", "圆周率3.14.mp4", "12.5% 的含义.mp4", "校历 2026.9.docx"]) {
    assert.equal(values(name).lesson, undefined, name);
  }
});

test("a unit is written as the textbook writes it", () => {
  assert.equal(values("第3单元 测量.pptx").unit, "第三单元");
  assert.equal(values("12.1 全等三角形.mp4").unit, "第十二章");
  assert.equal(values("第 2 课 背影.mp4").lesson, "第2课");
  assert.equal(values("第2课时.mp4").lesson, undefined, "a period is not a lesson");
});

test("a name is cut to what a title may have", () => {
  assert.equal(values(`${"长".repeat(240)}.mp4`).title?.length, 200);
});

test("a camera's name is kept as a title but not trusted", () => {
  for (const name of ["DJI_0231.MOV", "VID_20251123_101500.mp4", "20251124.mp4", "mmexport1700000000.mp4"]) {
    const title = suggest(name, [], VOCABULARY).find(({ field }) => field === "title");
    assert.equal(title?.sure, false, name);
  }
});

test("what is on no list of the service is not suggested", () => {
  assert.equal(values("八年级生物 细胞.mp4").subject, undefined);
});

test("any name gives suggestions or none, never an error", () => {
  const pieces = ["七年级", "数学", "5.3", "（", "）", " ", "_", ".", "第", "课时", "章", "上册", "é", "😀", "1", "-", "副本", ""];
  let seed = 7;
  const next = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let run = 0; run < 2000; run += 1) {
    const name = Array.from({ length: next(8) }, () => pieces[next(pieces.length)]).join("");
    const found = suggest(name, [name], VOCABULARY);
    assert.ok(found.every(({ value }) => value.length > 0), name);
    assert.equal(new Set(found.map(({ field }) => field)).size, found.length, name);
  }
});
