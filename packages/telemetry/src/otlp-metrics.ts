import { type HrTime, ValueType } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { MetricFamily, ReadMetrics } from './metric-family.ts';
import type { OtelSettings } from './otel-variables.ts';

export interface OtlpMetrics {
  /** Exports once more and ends. */
  stop(): Promise<void>;
}

/**
 * Exports the registry that `/metrics` shows over OTLP as well: the same names, the same numbers,
 * cumulative since the start of the process.
 */
export function startOtlpMetrics(options: {
  readonly settings: OtelSettings;
  readonly resource: Resource;
  readonly version: string;
  readonly read: ReadMetrics;
}): OtlpMetrics {
  const { settings, resource, read } = options;
  const startTime = toHrTime(Date.now());
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: settings.metricIntervalMs,
    exportTimeoutMillis: Math.min(settings.metricTimeoutMs, settings.metricIntervalMs),
  });
  reader.setMetricProducer({
    async collect() {
      const span = { startTime, endTime: toHrTime(Date.now()) };
      const metrics = (await read()).map((family) => toMetricData(family, span));
      const scope = { name: 'hookline', version: options.version };
      return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] }, errors: [] };
    },
  });
  return { stop: () => reader.shutdown() };
}

interface TimeSpan {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function toMetricData(family: MetricFamily, span: TimeSpan): MetricData {
  const { name, help, type } = family;
  const common = {
    descriptor: { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (type === 'histogram') {
    const dataPoints = family.series.map(({ labels, counts, sum, count }) => {
      const above = count - counts.reduce((total, each) => total + each, 0);
      const buckets = { boundaries: [...family.bounds], counts: [...counts, above] };
      return { ...span, attributes: labels, value: { buckets, sum, count } };
    });
    return { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = family.series.map(({ labels, value }) => ({
    ...span,
    attributes: labels,
    value,
  }));
  return type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** As UCUM writes it; the names of ours end in their unit. */
function unitOf(name: string): string {
  if (name.endsWith('_seconds')) return 's';
  return name.endsWith('_bytes') ? 'By' : '1';
}

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)];
}
