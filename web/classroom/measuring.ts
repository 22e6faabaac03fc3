/** What a room measures of the pictures it shows: how late they are, and how late they had to be. Pure. */

export interface Measure {
  /** Median of the last ten seconds: how long after its capture a picture is shown, ms. */
  lagMs: number;
  /** 95 of 100 pictures of the last ten seconds are nearer than this to their time, ms. */
  skewMs: number;
  /** With this lag, 95 of 100 pictures of the last ten seconds would have been there in time, ms. */
  needMs: number;
}

const KEPT_MS = 10_000;
const MEDIAN = 0.5;
const PERCENTILE = 0.95;

export class Readout {
  private samples: { at: number; lag: number; error: number; need: number }[] = [];

  /** `lag`: how far behind the lesson; `error`: how far from where it should be; `need`: the least lag that there was anything for. */
  add(at: number, lag: number, error: number, need: number): void {
    this.samples.push({ at, lag, error: Math.abs(error), need });
    const old = this.samples.findIndex((sample) => sample.at > at - KEPT_MS);
    this.samples.splice(0, Math.max(0, old));
  }

  clear(): void {
    this.samples = [];
  }

  /** Null before there is anything. */
  get measure(): Measure | null {
    const { samples } = this;
    if (samples.length === 0) return null;
    return {
      lagMs: quantile(samples.map(({ lag }) => lag), MEDIAN),
      skewMs: quantile(samples.map(({ error }) => error), PERCENTILE),
      needMs: quantile(samples.map(({ need }) => need), PERCENTILE),
    };
  }
}

/** `values`: at least one. */
function quantile(values: number[], part: number): number {
  const sorted = values.sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}
