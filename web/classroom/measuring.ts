/** What a room measures of the pictures it shows: how late they are, and how late they had to be. Pure. */

import type { OwnLag } from "./vocabulary.ts";

export interface Measure {
  /** Median of the last ten seconds: how long after its capture a picture is shown, ms. */
  lagMs: number;
  /** 95 of 100 pictures of the last ten seconds are nearer than this to their time, ms. */
  skewMs: number;
  /**
   * With this lag, 95 of 100 pictures of the last ten seconds would have been there in time, ms. Null
   * where it is not known yet: just after a standstill, what was held up comes all at once, and says
   * nothing of the line.
   */
  needMs: number | null;
}

const KEPT_MS = 10_000;
/** So long after a standstill nothing is said of the line's need, and then only by so much more. */
const SETTLES_MS = 2000;
const LEAST_MS = 1000;
const MEDIAN = 0.5;
const PERCENTILE = 0.95;

export class Readout {
  private samples: { at: number; lag: number; error: number; need: number }[] = [];
  /** When the first picture was shown since the last standstill. */
  private since: number | null = null;

  /** `lag`: how far behind the lesson; `error`: how far from where it should be; `need`: the least lag that there was anything for. */
  add(at: number, lag: number, error: number, need: number): void {
    this.since ??= at;
    this.samples.push({ at, lag, error: Math.abs(error), need });
    const old = this.samples.findIndex((sample) => sample.at > at - KEPT_MS);
    this.samples.splice(0, Math.max(0, old));
  }

  clear(): void {
    this.samples = [];
    this.since = null;
  }

  /** Null before there is anything. */
  get measure(): Measure | null {
    const { samples } = this;
    if (samples.length === 0) return null;
    return {
      lagMs: quantile(samples.map(({ lag }) => lag), MEDIAN),
      skewMs: quantile(samples.map(({ error }) => error), PERCENTILE),
      needMs: this.needMs,
    };
  }

  private get needMs(): number | null {
    const settled = (this.since ?? 0) + SETTLES_MS;
    const needs = this.samples.filter(({ at }) => at >= settled);
    const [first, last] = [needs[0], needs[needs.length - 1]];
    if (!first || !last || last.at - first.at < LEAST_MS) return null;
    return quantile(needs.map(({ need }) => need), PERCENTILE);
  }
}

/** What a room tells the class of it. */
export function toldOf({ lagMs, skewMs, needMs }: Measure): OwnLag {
  const lag = { lag_ms: Math.round(lagMs), skew_ms: Math.round(skewMs) };
  return needMs === null ? lag : { ...lag, need_ms: Math.max(0, Math.round(needMs)) };
}

/** `values`: at least one. */
function quantile(values: number[], part: number): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
