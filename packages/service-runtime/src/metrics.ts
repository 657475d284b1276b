import type { MetricFamily } from '@hookline/telemetry';
import { type HistogramValue, histogramSeries, observe, secondsBuckets } from './histogram.ts';
import { prometheusText } from './prometheus-text.ts';

/** Label values of one series, e.g. `{outcome: 'succeeded'}`. Never an id: series are bounded. */
export type Labels = Readonly<Record<string, string>>;

export interface MetricOptions {
  /** `hookline_…`, with the unit last: `_total` for counters, `_seconds`, `_bytes`. */
  readonly name: string;
  readonly help: string;
}

export interface Counter {
  add(amount?: number, labels?: Labels): void;
}

export interface Gauge {
  set(value: number, labels?: Labels): void;
  /** Forgets the series of labels that are in use no more. */
  clear(): void;
}

export interface Histogram {
  /** Records one value, in the unit of the metric's name. */
  observe(value: number, labels?: Labels): void;
}

export interface Metrics {
  /** With `collect` the value, a sum kept elsewhere, is asked for whenever the metrics are read. */
  counter(options: MetricOptions & { readonly collect?: () => number }): Counter;
  /** With `collect` the value is asked for whenever the metrics are read. */
  gauge(options: MetricOptions & { readonly collect?: () => number }): Gauge;
  histogram(options: MetricOptions & { readonly buckets?: readonly number[] }): Histogram;
  /** All metrics as they stand, for an exporter. */
  families(): MetricFamily[];
  /** All metrics in the Prometheus text format, version 0.0.4. */
  text(): string;
}

const seriesMax = 1_000;

/** A map of series that takes no more than 1,000; values of further label sets are left out. */
function createSeries<T>(make: () => T) {
  const series = new Map<string, { readonly labels: Labels; readonly value: T }>();
  return {
    series,
    of(labels: Labels | undefined): T | undefined {
      const key = labels === undefined ? '' : JSON.stringify(labels);
      let one = series.get(key);
      if (one === undefined && series.size < seriesMax) {
        one = { labels: labels ?? {}, value: make() };
        series.set(key, one);
      }
      return one?.value;
    },
  };
}

/**
 * The metrics of one process: counters, gauges and histograms. Recording is a map lookup and an
 * addition. Two metrics of one name are a mistake and throw.
 */
export function createMetrics(): Metrics {
  const readers = new Map<string, () => MetricFamily>();
  const families = (): MetricFamily[] => [...readers.values()].map((read) => read());

  const register = ({ name }: MetricOptions, read: () => MetricFamily): void => {
    if (!/^[a-z][a-z0-9_]*$/.test(name) || readers.has(name)) {
      throw new Error(`a metric named ${name} cannot be registered, or is already`);
    }
    readers.set(name, read);
  };

  const numbers = (
    type: 'counter' | 'gauge',
    { name, help, collect }: MetricOptions & { readonly collect?: () => number },
  ) => {
    const made = createSeries(() => ({ number: 0 }));
    register({ name, help }, () => {
      const own = [...made.series.values()].map((one) => ({
        labels: one.labels,
        value: one.value.number,
      }));
      const collected = collect === undefined ? [] : [{ labels: {}, value: collect() }];
      return { name, help, type, series: [...collected, ...own] };
    });
    return made;
  };

  return {
    counter(options) {
      const { of } = numbers('counter', options);
      return {
        add(amount = 1, labels) {
          const target = of(labels);
          if (target !== undefined) target.number += amount;
        },
      };
    },
    gauge(options) {
      const { of, series } = numbers('gauge', options);
      return {
        set(value, labels) {
          const target = of(labels);
          if (target !== undefined) target.number = value;
        },
        clear: () => series.clear(),
      };
    },
    histogram({ name, help, buckets: bounds = secondsBuckets }) {
      const { series, of } = createSeries<HistogramValue>(() => ({
        ...{ counts: bounds.map(() => 0), sum: 0, count: 0 },
      }));
      register({ name, help }, () => {
        const all = [...series.values()].map((one) => histogramSeries(one.labels, one.value));
        return { name, help, type: 'histogram', bounds, series: all };
      });
      return {
        observe(value, labels) {
          const target = of(labels);
          if (target !== undefined) observe(target, bounds, value);
        },
      };
    },
    families,
    text: () => prometheusText(families()),
  };
}
