import type { HistogramSeries } from '@hookline/telemetry';

export const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** One series of a histogram: a count for each bucket, and for what is above all of them `count`. */
export interface HistogramValue {
  readonly counts: number[];
  sum: number;
  count: number;
}

export function observe(target: HistogramValue, bounds: readonly number[], value: number): void {
  target.sum += value;
  target.count += 1;
  const index = bounds.findIndex((bound) => value <= bound);
  if (index >= 0) target.counts[index] = (target.counts[index] ?? 0) + 1;
}

/** The series as it stands; a copy, since it goes on changing while it is exported. */
export function histogramSeries(
  labels: Readonly<Record<string, string>>,
  { counts, sum, count }: HistogramValue,
): HistogramSeries {
  return { labels, counts: [...counts], sum, count };
}
