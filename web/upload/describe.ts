/** What a row says about its state: one word, one line, one bar. */
import { bytes, span, speed } from "../shared/format.ts";
import { t } from "../shared/i18n.ts";
import { progressText } from "../shared/progress.ts";
import { audienceText, isShared } from "./audience.ts";
import { turnOf } from "./plan.ts";
import type { Item } from "./store.ts";
import type { Audience } from "./vocabulary.ts";

export interface Description {
  title: string;
  detail: string;
  tone: "plain" | "good" | "due" | "bad";
  /** 0–100; `working` is drawn over stripes: it can be watched while the rest is made. */
  bar: { percent: number; style: "sending" | "due" | "working" } | null;
}

export function describe(item: Item, items: readonly Item[], now: number, audiences: readonly Audience[]): Description {
  const { phase } = item;
  const percent = item.size ? (item.sent / item.size) * 100 : 0;
  const title = t(`upload.${phase.name}`);
  const detail = detailOf(item, items, now);
  switch (phase.name) {
    case "uploading":
    case "finishing":
      return { title, detail, tone: "good", bar: { percent, style: "sending" } };
    case "cut":
    case "absent":
      return { title, detail, tone: "due", bar: { percent, style: "due" } };
    case "checking":
      return { title, detail, tone: "good", bar: { percent: phase.progress?.percent ?? 100, style: "sending" } };
    case "playable":
    case "encoding":
      return { title, detail, tone: "good", bar: { percent: phase.name === "encoding" ? phase.progress?.percent ?? 0 : 0, style: "working" } };
    case "published":
      return { ...ready(item, audiences), tone: "good", bar: null };
    case "failed":
      return { title: phase.reason || title, detail, tone: "bad", bar: null };
    default:
      return { title, detail, tone: "plain", bar: item.kept ? { percent, style: "sending" } : null };
  }
}

function detailOf(item: Item, items: readonly Item[], now: number): string {
  const { phase } = item;
  const kept = bytes(item.kept);
  switch (phase.name) {
    case "queued":
      return queued(item, items);
    case "uploading":
      return sending(item);
    case "paused":
      return t("upload.keptOf", { kept, size: bytes(item.size) });
    case "cut":
      return t("upload.retryIn", { kept, n: item.attempt, s: Math.max(0, Math.ceil((phase.retryAt - now) / 1000)) });
    case "absent":
      if (!item.kept) return t(phase.handle ? "upload.untouchedHandle" : "upload.untouchedChoose");
      return t(phase.handle ? "upload.absentHandle" : "upload.absentChoose", { kept });
    case "checking":
    case "encoding":
      return progressText(phase.progress);
    case "failed":
      return phase.remedy;
    case "published":
      return "";
    default:
      return t(`upload.${phase.name}.detail`);
  }
}

/** What is made and seen by its author alone is ready, not published. */
function ready({ audience }: Item, audiences: readonly Audience[]): Pick<Description, "title" | "detail"> {
  const others = audienceText(audiences, audience);
  if (isShared(audiences, audience)) return { title: t("upload.published"), detail: others };
  return { title: t("state.ready"), detail: [t("upload.alone"), others].filter(Boolean).join(t("list.semicolon")) };
}

function queued(item: Item, items: readonly Item[]): string {
  const { before, seconds } = turnOf(items, item.key);
  if (!before) return t("upload.startsNow");
  return seconds === null ? t("upload.before", { n: before }) : t("upload.beforeFor", { n: before, time: span(seconds) });
}

function sending(item: Item): string {
  // Never 100 before the last byte is acknowledged.
  const percent = Math.min(99, Math.floor((item.sent / Math.max(1, item.size)) * 100));
  if (!item.rate) return `${percent}%`;
  const time = span((item.size - item.sent) / item.rate);
  return t("upload.sending", { percent, speed: speed(item.rate), time });
}
