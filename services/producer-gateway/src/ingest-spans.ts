import {
  type EventTrace,
  eventSpanIds,
  eventTrace,
  newTraceparent,
  type TraceContext,
  type Tracing,
  toTraceContext,
} from '@hookline/telemetry';
import { contextOf, type EventSpans, eventAttributes, type TimeSpan } from './event-spans.ts';
import type { Answer, PreparedBatch } from './ingest-batch.ts';

const TEMPLATE = 'hv.{tenant}.{host}.{type}';

/** What happened to a batch of messages, and when. */
export interface HandledBatch extends TimeSpan {
  readonly prepared: PreparedBatch;
  readonly answers: readonly Answer[];
  readonly append: TimeSpan;
}

export interface IngestSpans {
  /** A trace for an event whose publisher has none. */
  newTrace(): TraceContext;
  /** Records how the events of a batch that are sampled were received and appended. */
  handled(batch: HandledBatch): void;
}

/**
 * The spans of messages of INGEST: `process` for each event, below its publisher's span, and the
 * append below it. An event whose publisher has no trace gets `receive` as the root of a new one,
 * which lasts from when JetStream stored the message, so that waiting in INGEST shows.
 */
export function createIngestSpans(tracing: Tracing, spans: EventSpans): IngestSpans {
  const newTrace = (): TraceContext => {
    const made = newTraceparent();
    if (!tracing.isSampled(made.traceId, undefined)) return made;
    return toTraceContext(made.traceId, made.spanId, true);
  };

  const record = (entry: PreparedBatch['entries'][number], batch: Recorded): void => {
    const { message, normalised, begun } = entry;
    if (normalised.kind !== 'accepted') return;
    const { event } = normalised;
    const trace = eventTrace(tracing, event.extensions.traceparent);
    if (trace?.sampled !== true) return;
    const { startedMs, endedMs, outcome, size } = batch;
    const attributes = {
      'messaging.system.name': 'nats',
      'messaging.destination.name': message.subject,
      'messaging.destination.template': TEMPLATE,
      'messaging.message.id': normalised.sourceId,
      'messaging.message.body.size': message.data.length,
      'messaging.batch.message_count': size,
      'hookline.outcome': outcome.kind,
      ...eventAttributes({ ...event, id: event.eventId }),
    };
    const error = outcome.kind === 'rejected' ? outcome.reason : undefined;
    const errorType = outcome.kind === 'rejected' ? outcome.code : undefined;
    if (begun?.spanId === trace.spanId) {
      const receive = {
        'messaging.operation.name': 'receive',
        'messaging.operation.type': 'receive',
      };
      tracing.record({
        name: `receive ${TEMPLATE}`,
        kind: 'consumer',
        context: begun,
        startedMs: Math.min(message.streamCreatedAt.getTime(), startedMs),
        endedMs,
        attributes: { ...attributes, ...receive },
      });
    }
    const process = {
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
    };
    tracing.record({
      name: `process ${TEMPLATE}`,
      kind: 'consumer',
      context: contextOf(trace, eventSpanIds.ingest(event.eventId)),
      parentSpanId: trace.spanId,
      startedMs,
      endedMs,
      attributes: { ...attributes, ...process, 'error.type': errorType },
      error,
    });
  };

  return {
    newTrace,
    handled({ prepared, answers, append, ...when }) {
      if (!tracing.enabled) return;
      const size = prepared.entries.length;
      for (const [index, entry] of prepared.entries.entries()) {
        const outcome = answers[index]?.outcome;
        if (outcome !== undefined) record(entry, { ...when, outcome, size });
      }
      const parentOf = ({ eventId }: { eventId: string }, _trace: EventTrace) =>
        eventSpanIds.ingest(eventId);
      spans.appended(prepared.events, append, parentOf);
    },
  };
}

interface Recorded extends TimeSpan {
  readonly outcome: Answer['outcome'];
  readonly size: number;
}
