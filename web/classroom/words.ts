/** The words of one part of the classroom, in the language of the page; Chinese is the source. */
import { pageLanguage, type Values } from "../shared/i18n.ts";

export function words<K extends string>(zh: Record<K, string>, en: Record<K, string>): (key: K, values?: Values) => string {
  return (key, values = {}) => (pageLanguage() === "en" ? en : zh)[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
