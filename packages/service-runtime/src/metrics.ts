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
}

export interface Histogram {
  /** Records one value, in the unit of the metric's name. */
  observe(value: number, labels?: Labels): void;
}

export interface Metrics {
  counter(options: MetricOptions): Counter;
  /** With `collect` the value is asked for whenever the metrics are read. */
  gauge(options: MetricOptions & { readonly collect?: () => number }): Gauge;
  histogram(options: MetricOptions & { readonly buckets?: readonly number[] }): Histogram;
  /** All metrics in the Prometheus text format, version 0.0.4. */
  text(): string;
}

const seriesMax = 1_000;
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
}

function seriesKey(labels: Labels | undefined): string {
  if (labels === undefined) return '';
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeText(value)}"`)
    .join(',');
}

/** A map of series that takes no more than 1,000; values of further label sets are left out. */
function createSeries<T>(make: () => T) {
  const series = new Map<string, T>();
  return {
    series,
    of(labels: Labels | undefined): T | undefined {
      const key = seriesKey(labels);
      let value = series.get(key);
      if (value === undefined && series.size < seriesMax) {
        value = make();
        series.set(key, value);
      }
      return value;
    },
  };
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${Number.isNaN(value) ? 'NaN' : value}`;
}

interface HistogramSeries {
  readonly counts: number[];
  sum: number;
  count: number;
}

function histogramLines(
  name: string,
  bounds: readonly number[],
  labels: string,
  series: HistogramSeries,
) {
  const prefix = labels === '' ? '' : `${labels},`;
  let below = 0;
  const lines = bounds.map((bound, index) => {
    below += series.counts[index] ?? 0;
    return line(`${name}_bucket`, `${prefix}le="${bound}"`, below);
  });
  return [
    ...lines,
    line(`${name}_bucket`, `${prefix}le="+Inf"`, series.count),
    line(`${name}_sum`, labels, series.sum),
    line(`${name}_count`, labels, series.count),
  ];
}

/**
 * The metrics of one process: counters, gauges and histograms, and the Prometheus text of them.
 * Recording is a map lookup and an addition. Two metrics of one name are a mistake and throw.
 */
export function createMetrics(): Metrics {
  const writers = new Map<string, () => string[]>();

  const register = (type: string, { name, help }: MetricOptions, lines: () => string[]): void => {
    if (!/^[a-z][a-z0-9_]*$/.test(name) || writers.has(name)) {
      throw new Error(`a metric named ${name} cannot be registered, or is already`);
    }
    const head = [`# HELP ${name} ${help.replaceAll('\n', ' ')}`, `# TYPE ${name} ${type}`];
    writers.set(name, () => [...head, ...lines()]);
  };

  return {
    counter(options) {
      const { series, of } = createSeries(() => ({ value: 0 }));
      register('counter', options, () =>
        [...series].map(([key, { value }]) => line(options.name, key, value)),
      );
      return {
        add(amount = 1, labels) {
          const target = of(labels);
          if (target !== undefined) target.value += amount;
        },
      };
    },
    gauge(options) {
      const { series, of } = createSeries(() => ({ value: 0 }));
      register('gauge', options, () => [
        ...(options.collect === undefined ? [] : [line(options.name, '', options.collect())]),
        ...[...series].map(([key, { value }]) => line(options.name, key, value)),
      ]);
      return {
        set(value, labels) {
          const target = of(labels);
          if (target !== undefined) target.value = value;
        },
      };
    },
    histogram(options) {
      const bounds = options.buckets ?? secondsBuckets;
      const { series, of } = createSeries<HistogramSeries>(() => ({
        counts: bounds.map(() => 0),
        sum: 0,
        count: 0,
      }));
      register('histogram', options, () =>
        [...series].flatMap(([key, one]) => histogramLines(options.name, bounds, key, one)),
      );
      return {
        observe(value, labels) {
          const target = of(labels);
          if (target === undefined) return;
          target.sum += value;
          target.count += 1;
          const index = bounds.findIndex((bound) => value <= bound);
          if (index >= 0) target.counts[index] = (target.counts[index] ?? 0) + 1;
        },
      };
    },
    text: () => `${[...writers.values()].flatMap((write) => write()).join('\n')}\n`,
  };
}
