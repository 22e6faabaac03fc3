/** Choosing who may see. */

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
