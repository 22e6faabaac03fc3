/** How times, lengths and sizes are shown; the pages' own formats (services/web) agree with these. */
import { t, type Language, pageLanguage } from "./i18n.ts";

const MINUTE_S = 60;
const HOUR_S = 3600;

/** A place in a recording, or its length: `05:03`, and from an hour on `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const hours = Math.floor(whole / HOUR_S);
  const minutes = Math.floor((whole % HOUR_S) / MINUTE_S);
  const tail = `${pad(minutes)}:${pad(whole % MINUTE_S)}`;
  return hours ? `${hours}:${tail}` : tail;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/**
 * A time still to wait, in the words a person would use: `40 秒`, `4 分 10 秒`, `23 分钟`,
 * `1 小时 5 分钟`. Seconds are dropped above ten minutes, where they are only noise.
 */
export function span(seconds: number, language: Language = pageLanguage()): string {
  const whole = Math.max(1, Math.round(seconds));
  const minutes = Math.floor(whole / MINUTE_S);
  if (whole < MINUTE_S) return t("span.seconds", { s: whole }, language);
  if (minutes < 10 && whole % MINUTE_S) {
    return t("span.minutesSeconds", { m: minutes, s: whole % MINUTE_S }, language);
  }
  const rounded = Math.round(whole / MINUTE_S);
  if (rounded < 60) return t("span.minutes", { m: rounded }, language);
  const rest = rounded % 60;
  return t(rest ? "span.hoursMinutes" : "span.hours", { h: Math.floor(rounded / 60), m: rest }, language);
}

const KIB = 1024;

/** A size as a file manager says it, in units of 1024: `180 KB`, `6.2 MB`, `437 MB`, `1.42 GB`. */
export function bytes(count: number): string {
  if (count >= KIB ** 3) return `${(count / KIB ** 3).toFixed(2)} GB`;
  const megabytes = count / KIB ** 2;
  if (megabytes >= 1) return `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
  return `${count ? Math.max(1, Math.round(count / KIB)) : 0} KB`;
}

/** A size per second. */
export function speed(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** A file's name shortened in its middle, so that its number and its ending both stay readable. */
export function shorten(name: string, most: number): string {
  const letters = [...name];
  if (letters.length <= most) return name;
  const tail = Math.min(Math.floor(most / 2), 10);
  return `${letters.slice(0, most - tail - 1).join("")}…${letters.slice(-tail).join("")}`;
}
