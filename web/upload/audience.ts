/** Choosing who may see, and saying who does. */
import { t } from "../shared/i18n.ts";
import type { Audience } from "./vocabulary.ts";

/**
 * The audience after `token` is pressed. `own` (only me) stands alone; any other joins or leaves
 * the rest, and when nothing is left it is only me again.
 */
export function toggleAudience(audience: readonly string[], token: string, own: string): string[] {
  if (token === own) return [own];
  const others = audience.filter((one) => one !== own && one !== token);
  const next = audience.includes(token) ? others : [...others, token];
  return next.length ? next : [own];
}

/** In words: who else sees it, and what has to happen first; empty when nobody is to. */
export function audienceText(audiences: readonly Audience[], chosen: readonly string[]): string {
  const others = othersOf(audiences, chosen);
  const free = others.filter((one) => !one.needs_review).map(({ label }) => label);
  const parts = free.length ? [t("upload.seenBy", { who: free.join(t("list.comma")) })] : [];
  for (const { label, reviewer } of others.filter((one) => one.needs_review)) {
    parts.push(t("upload.needsReview", { who: label, reviewer: reviewer ?? t("upload.officer") }));
  }
  return parts.join(t("list.semicolon"));
}

/** Whether anybody but the author sees it now: what waits for an officer is seen by nobody yet. */
export function isShared(audiences: readonly Audience[], chosen: readonly string[]): boolean {
  return othersOf(audiences, chosen).some((one) => !one.needs_review);
}

function othersOf(audiences: readonly Audience[], chosen: readonly string[]): Audience[] {
  return audiences.filter(({ token }) => chosen.includes(token) && !token.startsWith("user:"));
}
