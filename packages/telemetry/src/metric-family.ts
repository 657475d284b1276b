/** All series of one metric as they stand at one moment. */
export type MetricFamily = {
  readonly name: string;
  readonly help: string;
} & (
  | { readonly type: 'counter' | 'gauge'; readonly series: readonly NumberSeries[] }
  | {
      readonly type: 'histogram';
      /** Upper bounds, ascending; a value equal to one is within it. */
      readonly bounds: readonly number[];
      readonly series: readonly HistogramSeries[];
    }
);

export interface NumberSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Values within each bound and above the one before; what is above all of them is in `count` only. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

/** Where metrics are read from when they are exported. */
export type ReadMetrics = () => readonly MetricFamily[] | Promise<readonly MetricFamily[]>;
