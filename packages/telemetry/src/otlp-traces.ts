import {
  type Attributes,
  type HrTime,
  type Link,
  SpanKind as OtelKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtelSettings } from './otel-variables.ts';
import { createSampling } from './sampling.ts';
import type { FinishedSpan, SpanKind, Tracing } from './tracing.ts';

export interface SpanCounts {
  exported: number;
  failed: number;
  dropped: number;
}

export interface OtlpTraces {
  readonly tracing: Tracing;
  readonly counts: Readonly<SpanCounts>;
  /** Exports what waits. */
  flush(): Promise<void>;
}

export interface OtlpTracesOptions {
  readonly settings: OtelSettings;
  readonly resource: Resource;
  readonly version: string;
  /** Hears when spans begin not to be taken, with the reason, and when they are taken again. */
  readonly onChange: (failure: string | undefined) => void;
  /** In place of OpenTelemetry's exporter over OTLP, for tests. */
  readonly exporter?: SpanExporter;
}

const LINKS_MAX = 128;
const VALUE_LENGTH_MAX = 1_024;
const kinds: Readonly<Record<SpanKind, OtelKind>> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

/**
 * Spans over OTLP, in batches, by OpenTelemetry's processor and exporter.
 *
 * Spans arrive finished and with ids of our choosing, which its tracer does not allow for: the ids of
 * an attempt are sent to the receiver before anybody knows whether the attempt fails and is exported
 * although its trace is not sampled. It is also several times cheaper than its span objects.
 *
 * Of a collector that is away, slow or refusing nothing is felt but this: when as many spans wait as
 * OTEL_BSP_MAX_QUEUE_SIZE says, and a batch is under way, further ones are dropped before they are made.
 */
export function createOtlpTraces(options: OtlpTracesOptions): OtlpTraces {
  const { settings, resource } = options;
  const counts: SpanCounts = { exported: 0, failed: 0, dropped: 0 };
  const scope = { name: 'hookline', version: options.version };
  let unfinished = 0;
  const exporter = counting(options.exporter ?? new OTLPTraceExporter(), (count, failure) => {
    unfinished -= count;
    if (failure === undefined) counts.exported += count;
    else counts.failed += count;
    options.onChange(failure);
  });
  const { queueMax, batchMax, delayMs, exportTimeoutMs } = settings.batch;
  const processor = new BatchSpanProcessor({
    exporter,
    maxQueueSize: queueMax + batchMax,
    maxExportBatchSize: batchMax,
    scheduledDelayMillis: delayMs,
    exportTimeoutMillis: exportTimeoutMs,
  });
  return {
    counts,
    tracing: {
      enabled: true,
      isSampled: createSampling(settings),
      record(span) {
        if (unfinished >= queueMax + batchMax) {
          counts.dropped += 1;
          return;
        }
        unfinished += 1;
        processor.onEnd({ ...toReadable(span), resource, instrumentationScope: scope });
      },
    },
    flush: () => processor.shutdown(),
  };
}

/** The exporter, with every batch's end told once. */
function counting(
  exporter: SpanExporter,
  told: (count: number, failure: string | undefined) => void,
): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        told(spans.length, failed ? (result.error?.message ?? 'no reason was given') : undefined);
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

function toReadable(span: FinishedSpan): Omit<ReadableSpan, 'resource' | 'instrumentationScope'> {
  const { traceId, spanId } = span.context;
  const links = span.links ?? [];
  const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  return {
    name: span.name,
    kind: kinds[span.kind],
    spanContext: () => context,
    ...(span.parentSpanId !== undefined && {
      parentSpanContext: { traceId, spanId: span.parentSpanId, traceFlags: TraceFlags.SAMPLED },
    }),
    startTime: toHrTime(span.startedMs),
    endTime: toHrTime(span.endedMs),
    duration: toHrTime(Math.max(0, span.endedMs - span.startedMs)),
    ended: true,
    status:
      span.error === undefined
        ? { code: SpanStatusCode.UNSET }
        : { code: SpanStatusCode.ERROR, message: span.error.slice(0, VALUE_LENGTH_MAX) },
    attributes: toAttributes(span.attributes),
    links: links.slice(0, LINKS_MAX).map(toLink),
    events: (span.events ?? []).map(({ name, atMs }) => ({ name, time: toHrTime(atMs) })),
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: Math.max(0, links.length - LINKS_MAX),
  };
}

function toLink({ traceId, spanId }: { traceId: string; spanId: string }): Link {
  return { context: { traceId, spanId, traceFlags: TraceFlags.SAMPLED } };
}

function toAttributes(given: FinishedSpan['attributes']): Attributes {
  const attributes: Attributes = {};
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    attributes[name] = typeof value === 'string' ? value.slice(0, VALUE_LENGTH_MAX) : copied(value);
  }
  return attributes;
}

function copied(value: number | boolean | readonly string[]): number | boolean | string[] {
  return typeof value === 'object' ? [...value] : value;
}

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1_000_000)];
}
