import { monitorEventLoopDelay } from 'node:perf_hooks';
import { buildInfo } from './build-info.ts';
import type { Metrics } from './metrics.ts';
import type { ServiceContext } from './run-service.ts';

/** What every process tells of itself: what runs, memory, processor, event loop, spans. */
export function registerProcessMetrics(
  metrics: Metrics,
  { service, context }: { readonly service: string; readonly context: ServiceContext },
): void {
  const { version, build } = context.build ?? buildInfo({});
  const gauge = (name: string, help: string, collect?: () => number) =>
    metrics.gauge({ name, help, ...(collect !== undefined && { collect }) });
  gauge('hookline_build_info', 'What runs; always 1.').set(1, { service, version, build });
  const startedAt = Date.now() / 1000 - process.uptime();
  gauge('process_start_time_seconds', 'Unix time of the start.', () => startedAt);
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  metrics.counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the process.',
    collect: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000_000;
    },
  });
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  gauge(
    'hookline_event_loop_delay_seconds',
    'Longest delay of the event loop since the last read.',
    () => {
      const longest = delay.max / 1_000_000_000;
      delay.reset();
      return longest;
    },
  );
  registerSpanMetrics(metrics, context);
}

function registerSpanMetrics(metrics: Metrics, { telemetry }: ServiceContext): void {
  const counts = telemetry?.spanCounts;
  if (counts === undefined) return;
  const counter = (name: string, help: string, collect: () => number) =>
    metrics.counter({ name: `hookline_spans_${name}_total`, help, collect });
  counter('exported', 'Spans that the collector took.', () => counts.exported);
  counter('failed', 'Spans that the collector did not take.', () => counts.failed);
  counter(
    'dropped',
    'Spans dropped since too many waited for the collector.',
    () => counts.dropped,
  );
}
