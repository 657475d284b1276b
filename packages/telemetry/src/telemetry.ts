import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from './logger.ts';
import type { ReadMetrics } from './metric-family.ts';
import { type OtelSettings, readOtelSettings } from './otel-variables.ts';
import type { SpanCounts } from './otlp-traces.ts';
import { noTracing, type Tracing } from './tracing.ts';

export interface TelemetryOptions {
  /** Becomes `service.name`, unless OTEL_SERVICE_NAME says otherwise. */
  readonly service: string;
  readonly version: string;
  readonly build: string;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Telemetry {
  readonly tracing: Tracing;
  /** What became of spans so far; undefined when none are exported. */
  readonly spanCounts: Readonly<SpanCounts> | undefined;
  /** Exports these metrics from now on, if they are to be exported. Called once. */
  exportMetrics(read: ReadMetrics): void;
  /**
   * Exports what is not exported yet; called last of all when a service stops. Resolves after 3 s at
   * the latest, to whether all of it was taken or given up.
   */
  stop(): Promise<boolean>;
}

const STOP_MS_MAX = 3_000;

/** Telemetry that exports nothing. */
export const noTelemetry: Telemetry = {
  tracing: noTracing,
  spanCounts: undefined,
  exportMetrics() {},
  stop: async () => true,
};

/**
 * Starts the export of traces and metrics of this process, if OTEL_EXPORTER_OTLP_ENDPOINT or that of
 * one signal is set. Otherwise OpenTelemetry's SDK is not even loaded.
 *
 * Nothing waits for the collector: what it does not take is dropped, counted, and told once in the log.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const settings = readOtelSettings(options.env, options.logger);
  if (!settings.traces && !settings.metrics) return noTelemetry;
  const resource = await resourceOf(options, settings);
  const { version, logger } = options;
  const traces = settings.traces
    ? (await import('./otlp-traces.ts')).createOtlpTraces({
        ...{ settings, resource, version },
        onChange: logChanges(logger),
      })
    : undefined;
  const otlpMetrics = settings.metrics ? await import('./otlp-metrics.ts') : undefined;
  let metrics: { stop(): Promise<void> } | undefined;
  return {
    tracing: traces?.tracing ?? noTracing,
    spanCounts: traces?.counts,
    exportMetrics(read) {
      metrics ??= otlpMetrics?.startOtlpMetrics({ settings, resource, version, read });
    },
    stop: () => endedInTime([traces?.flush(), metrics?.stop()]),
  };
}

async function resourceOf(options: TelemetryOptions, settings: OtelSettings) {
  const { resourceFromAttributes } = await import('@opentelemetry/resources');
  return resourceFromAttributes({
    'service.namespace': 'hookline',
    'service.name': options.service,
    'service.version': options.version,
    'service.instance.id': randomUUID(),
    'hookline.build': options.build,
    'host.name': hostname(),
    'process.pid': process.pid,
    ...settings.resourceAttributes,
    ...(settings.serviceName !== undefined && { 'service.name': settings.serviceName }),
  });
}

/** One line when spans begin not to be taken, and one when they are taken again. */
function logChanges(logger: Logger): (failure: string | undefined) => void {
  let failing = false;
  return (failure) => {
    if (failure === undefined && failing) logger.info('the collector takes spans again');
    if (failure !== undefined && !failing) {
      logger.warn(
        `spans are lost, the collector does not take them: ${failure}; see OTEL_EXPORTER_OTLP_ENDPOINT`,
      );
    }
    failing = failure !== undefined;
  };
}

async function endedInTime(endings: readonly (Promise<void> | undefined)[]): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, STOP_MS_MAX, false);
  });
  const ended = Promise.allSettled(endings).then(() => true);
  const inTime = await Promise.race([ended, late]);
  clearTimeout(timer);
  return inTime;
}
