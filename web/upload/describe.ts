/** What a row says about its state: one word, one line, one bar. */
import { bytes, span, speed } from "../shared/format.ts";
import { t } from "../shared/i18n.ts";
import { turnOf } from "./plan.ts";
import type { Item, Phase } from "./store.ts";

export interface Description {
  title: string;
  detail: string;
  tone: "plain" | "good" | "due" | "bad";
  /** 0–100; `working` is drawn over stripes: it can be watched while the rest is made. */
  bar: { percent: number; style: "sending" | "due" | "working" } | null;
}

export function describe(item: Item, items: readonly Item[], now: number): Description {
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
      return { title, detail, tone: "good", bar: { percent: 100, style: "sending" } };
    case "playable":
    case "encoding":
      return { title, detail, tone: "good", bar: { percent: phase.name === "encoding" ? phase.percent : 0, style: "working" } };
    case "published":
      return { title, detail, tone: "good", bar: null };
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
      return t(phase.handle ? "upload.absentHandle" : "upload.absentChoose", { kept });
    case "encoding":
      return encoding(phase);
    case "failed":
      return phase.remedy;
    default:
      return t(`upload.${phase.name}.detail`);
  }
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

function encoding({ percent, etaS }: Extract<Phase, { name: "encoding" }>): string {
  const done = Math.floor(percent);
  return etaS === null ? t("upload.encodingAt", { percent: done }) : t("upload.encodingFor", { percent: done, time: span(etaS) });
}
