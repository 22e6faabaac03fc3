/**
 * The words of the page scripts, in the language of the page (`<html lang>`).
 *
 * Chinese is the source: `messages.en.ts` is typed by it, so a string that lacks its English
 * does not pass the check.
 */
import { en } from "./messages.en.ts";
import { zh, type Key } from "./messages.zh.ts";

export type Language = "zh" | "en";
export type Values = Record<string, string | number>;

export function pageLanguage(): Language {
  const lang = typeof document === "undefined" ? "zh" : document.documentElement.lang;
  return lang.toLowerCase().startsWith("en") ? "en" : "zh";
}

/** The message `key`, its `{names}` filled from `values`. */
export function t(key: Key, values: Values = {}, language: Language = pageLanguage()): string {
  const message: string = (language === "en" ? en : zh)[key];
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export type { Key };
