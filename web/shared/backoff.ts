/** When to try a failed request again. */

/** The first wait is short, for a line that blinked. */
const FIRST_S = 2;
/** Half a minute is the longest that a person should look at a countdown. */
const LONGEST_S = 30;

/** Seconds to wait before attempt `attempt` (1, 2, …): 2, 4, 8, 16, 30, 30, … without an end. */
export function backoff(attempt: number): number {
  return Math.min(LONGEST_S, FIRST_S * 2 ** Math.max(0, attempt - 1));
}
