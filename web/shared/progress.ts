/** What the service is doing to a work, in words. */
import { span } from "./format.ts";
import { t, type Key } from "./i18n.ts";
import { zh } from "./messages.zh.ts";
import type { Progress } from "./types.ts";

/** Which step, how far it is, how long it will take; `null` while none runs. */
export function progressText(progress: Progress | null): string {
  if (!progress) return t("state.waiting");
  const key = `step.${progress.step}`;
  const step = key in zh ? t(key as Key) : "";
  const percent = Math.floor(progress.percent);
  if (progress.eta_s === null) return t("state.step", { step, percent });
  return t("state.stepFor", { step, percent, time: span(progress.eta_s) });
}
