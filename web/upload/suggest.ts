/**
 * What a file's name and its folders say about it.
 *
 * Teachers name their files well (「七年级数学上册 5.3 实际问题与一元一次方程（第2课时）.mp4」):
 * most of the form is already there. Each suggestion keeps where it was read, so that the page
 * can say so and the teacher can trust or mend it. The file's own name goes before its folders,
 * a near folder before a far one.
 */
import type { Config, FieldName } from "./vocabulary.ts";

export interface Origin {
  from: "name" | "folder" | "type" | "grade";
  /** The words it was read from. */
  text: string;
}

export interface Suggestion {
  field: FieldName;
  value: string;
  origin: Origin;
  /** False for what the teacher should look at: a camera's file name as a title, say. */
  sure: boolean;
}

interface Hit {
  value: string;
  text: string;
}

type Reader = (text: string) => Hit | null;

const DIGITS = "一二三四五六七八九";

const SUBJECTS: readonly (readonly [string, RegExp])[] = [
  ["chinese", /语文/], ["math", /数学/], ["english", /英语/], ["physics", /物理/], ["chemistry", /化学/],
  ["biology", /生物/], ["history", /历史/], ["geography", /地理/], ["politics", /道德与法治|道法|思想政治|政治|思政/],
  ["music", /音乐/], ["art", /美术/], ["pe", /体育/], ["it", /信息技术|信息科技/], ["science", /科学/],
  ["labor", /劳动/], ["psychology", /心理/],
];

const STAGES: readonly (readonly [string, RegExp])[] = [
  ["preschool", /幼儿园|学前|[小中大]班/], ["primary", /小学/], ["junior", /初中/], ["senior", /高中/],
];

/** The endings that most files of a kind have, where no word says more. */
const KIND_OF_TYPE: readonly (readonly [string, RegExp])[] = [
  ["lesson_recording", /\.(mp4|mov|mkv|avi|flv|wmv|webm|m4v|mpg|mpeg|ts|mts|m4a|mp3|wav|aac)$/i],
  ["courseware", /\.(pptx?|dps|key)$/i],
];

/** Words of documents; the first that is found decides, so the narrower stand before the wider. */
const KIND_WORDS: readonly (readonly [string, RegExp])[] = [
  ["student_evaluation", /评价|评语|成长档案|综合素质/],
  ["incentive_scheme", /激励|奖励|表彰|评优/],
  ["management_policy", /制度|规定|办法|章程|守则|职责|条例|应急预案/],
  ["activity_plan", /活动|运动会|艺术节|方案|社团|研学/],
  ["research_output", /论文|课题|研究报告|教研|结题/],
  ["teaching_case", /教案|教学设计|案例|说课|学案|导学案|教学反思/],
  ["courseware", /课件|学习单|练习|试卷|习题|作业/],
];

const EDITION = /人教版|部编版|统编版|北师大版|苏教版|湘教版|湘少版|湘美版|湘艺版|湘科版|华东?师大版|沪科版|沪教版|外研版|冀教版|鲁教版|浙教版|青岛版|西师大版|教科版|译林版|岳麓版|粤教版/;

/** A camera, a phone or a messenger named it: the name says nothing of what is inside. */
const MACHINE_NAME = /^(?:DJI|IMG|VID|MVI|DSC[NF]?|GH0|GX0|MOV|REC|mmexport|wx_camera|video|新建|未命名|录制|screen)[\s_-]*[\d_-]*|^[\d\s_.-]+$/i;

/** Everything that the name `file` and its `folders` (outermost first) say. */
export function suggest(file: string, folders: string[], vocabulary: Config["vocabulary"]): Suggestion[] {
  const stem = withoutEnding(file);
  const places: [Origin["from"], string][] = [["name", stem]];
  for (const folder of [...folders].reverse()) places.push(["folder", folder]);
  const grade = find("grade", readGrade, places);
  const found = [
    readTitle(stem), readKind(file, places), grade, readStage(places, grade),
    find("subject", (text) => firstOf(SUBJECTS, text), places), find("edition", readEdition, places),
    find("unit", readUnit, places), find("lesson", readLesson, places),
  ];
  return found.filter((one): one is Suggestion => one !== null && isKnown(one, vocabulary));
}

function find(field: FieldName, read: Reader, places: readonly [Origin["from"], string][]): Suggestion | null {
  for (const [from, text] of places) {
    const hit = read(text);
    if (hit) return { field, value: hit.value, origin: { from, text: from === "folder" ? text : hit.text }, sure: true };
  }
  return null;
}

/** A field with a fixed list takes nothing that is not on it. */
function isKnown({ field, value }: Suggestion, vocabulary: Config["vocabulary"]): boolean {
  const options = field === "edition" ? undefined : vocabulary[field];
  return options === undefined || options.some((option) => option.value === value);
}

function firstOf(table: readonly (readonly [string, RegExp])[], text: string): Hit | null {
  for (const [value, pattern] of table) {
    const match = pattern.exec(text);
    if (match) return { value, text: match[0] };
  }
  return null;
}

function readKind(file: string, places: readonly [Origin["from"], string][]): Suggestion | null {
  const type = firstOf(KIND_OF_TYPE, file);
  if (type) return { field: "kind", value: type.value, origin: { from: "type", text: type.text }, sure: true };
  return find("kind", (text) => firstOf(KIND_WORDS, text), places);
}

const GRADE_PATTERNS: readonly (readonly [RegExp, (match: RegExpExecArray) => number])[] = [
  [/([一二三四五六七八九1-9])年级/, (match) => numberOf(match[1] ?? "")],
  [/初([一二三123])/, (match) => 6 + numberOf(match[1] ?? "")],
  [/高([一二三123])(?!中)/, (match) => 9 + numberOf(match[1] ?? "")],
  // 「八上」, set apart: in running text it may be anything.
  [/(?:^|[\s_-])([一二三四五六七八九])[上下](?=册|[\s_\-\d]|$)/, (match) => numberOf(match[1] ?? "")],
];

function readGrade(text: string): Hit | null {
  for (const [pattern, grade] of GRADE_PATTERNS) {
    const match = pattern.exec(text);
    if (match) return { value: String(grade(match)), text: match[0].trim() };
  }
  return null;
}

function readStage(places: readonly [Origin["from"], string][], grade: Suggestion | null): Suggestion | null {
  if (!grade) return find("stage", (text) => firstOf(STAGES, text), places);
  return { field: "stage", value: stageOf(grade.value), origin: { from: "grade", text: grade.origin.text }, sure: true };
}

/** The stage that a grade ("1" to "12") belongs to. */
export function stageOf(grade: string): string {
  const number = Number(grade);
  return number <= 6 ? "primary" : number <= 9 ? "junior" : "senior";
}

function readEdition(text: string): Hit | null {
  const match = EDITION.exec(text);
  return match && { value: match[0], text: match[0] };
}

const ORDINAL = "(?:[一二三四五六七八九十]{1,3}|\\d{1,2})";
const NAMED_UNIT = new RegExp(`第\\s*(${ORDINAL})\\s*(单元|章)`);
const NAMED_LESSON = new RegExp(`第\\s*(${ORDINAL})\\s*(课|节)(?!时)`);
/** 「5.3」 and 「1.2.4」, but no date, no version and no decimal in a sentence. */
const SECTION = /(?:^|[\s\u3000_\-册版）)])(\d{1,2})\.(\d{1,2})(?:\.(\d{1,2}))?(?![.\d%％])/;
const VOLUME = /(?:年级|[一二三四五六七八九]|语文|数学|英语|物理|化学|生物|历史|地理|科学|\s|^)([上下]|全一)册/;
const SHORT_VOLUME = /(?:^|[\s_-])[一二三四五六七八九]([上下])(?=[\s_\-\d]|$)/;
/** More chapters than any textbook has: then it is a date. */
const MOST_CHAPTERS = 20;

function readUnit(text: string): Hit | null {
  const volume = VOLUME.exec(text) ?? SHORT_VOLUME.exec(text);
  const named = NAMED_UNIT.exec(text);
  const section = sectionOf(text);
  const unit = named ? `第${ordinal(named[1] ?? "")}${named[2]}` : section ? `第${ordinal(section[1] ?? "")}章` : "";
  const value = [volume && `${volume[1]}册`, unit].filter(Boolean).join(" ");
  const read = named?.[0] ?? (section ? section[0].trim().replace(/^[^\d]/, "") : volume?.[0].trim());
  return value && read ? { value, text: read } : null;
}

function readLesson(text: string): Hit | null {
  const section = sectionOf(text);
  if (section) {
    const value = section.slice(1).filter(Boolean).join(".");
    return { value, text: value };
  }
  const named = NAMED_LESSON.exec(text);
  return named && { value: named[0].replace(/\s/g, ""), text: named[0] };
}

function sectionOf(text: string): RegExpExecArray | null {
  const match = SECTION.exec(text);
  const chapter = Number(match?.[1]);
  return match && chapter >= 1 && chapter <= MOST_CHAPTERS ? match : null;
}

/** What the service takes (tongke/library/fields.py). */
const TITLE_MAX = 200;
/** What a program put there for itself: an ending has a letter, which the 3 of 「5.3」 has not. */
const ENDING = /\.(?=[a-z\d]*[a-z])[a-z\d]{1,5}$/i;
/** A second download or a copy. 「有理数的加法(2)」, without a space, is the second of two lessons. */
const COPY = /(?:\s+\(\d{1,2}\)|\s*-\s*(?:副本|copy))$/i;
/** The order in a folder: 「01 」, 「02-」, 「3、」, 「4.」; the number of a section (5.3) is of the title. */
const ORDER = /^(?:0\d{1,2}[\s\-—、.．]+(?!\d)|\d{1,2}[、．]\s*|\d{1,2}\.\s*(?![\d\s]))/;

function withoutEnding(name: string): string {
  return name.replace(ENDING, "");
}

/** As tongke/library/titles.py reads it: no endings, no underscores, no number of a folder's order. */
function tidied(stem: string): string {
  // 「课件.pptx.pdf」 was exported from another.
  const spaced = withoutEnding(stem).replace(/[_\t\n ]+/g, " ").replace(/^ | $/g, "");
  const whole = spaced.replace(COPY, "").replace(/^[ .]+|[ .]+$/g, "");
  return whole.replace(ORDER, "").trim() || whole;
}

/** A title is the name without what the other fields already say at its head. */
function readTitle(stem: string): Suggestion | null {
  const tidy = tidied(stem);
  const title = [...withoutHead(tidy)].slice(0, TITLE_MAX).join("");
  if (!title) return null;
  return { field: "title", value: title, origin: { from: "name", text: stem }, sure: !MACHINE_NAME.test(tidy) };
}

const HEAD_WORDS = [
  EDITION, /(?:[一二三四五六七八九1-9]年级|初[一二三]|高[一二三])/, /[（(]?(?:[上下]|全一)册[）)]?/,
  ...SUBJECTS.map(([, pattern]) => pattern),
].map((pattern) => pattern.source);
const HEAD = new RegExp(`^(?:(?:${HEAD_WORDS.join("|")})\\s*)+`);

/**
 * 「七年级数学上册 5.3 …」 loses its head; 「数学文化节活动方案」 and 「三年级语文期末评价」 keep
 * theirs, because there the words go on into the title.
 */
function withoutHead(title: string): string {
  const head = HEAD.exec(title)?.[0] ?? "";
  const rest = title.slice(head.length).replace(/^[\s\-—：:]+/, "");
  const setApart = /[\s\-—：:]$/.test(head) || /^[\s\-—：:\d第]/.test(title.slice(head.length));
  return rest && setApart ? rest : title;
}

function numberOf(digit: string): number {
  return /\d/.test(digit) ? Number(digit) : DIGITS.indexOf(digit) + 1;
}

/** 5 → 五, 12 → 十二; what is Chinese already stays. */
function ordinal(number: string): string {
  if (!/^\d+$/.test(number)) return number;
  const value = Number(number);
  const tens = value < 10 ? "" : value < 20 ? "十" : `${DIGITS[Math.floor(value / 10) - 1]}十`;
  return value === 0 ? "零" : tens + (value % 10 ? DIGITS[(value % 10) - 1] : "");
}
