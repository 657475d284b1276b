import { type DispatchableEvent, PING_TYPE, subjects } from '@hookline/contracts';
import {
  type EventTrace,
  eventSpanIds,
  replayTrace,
  type SpanAttributes,
  type TraceContext,
  type Tracing,
  toTraceContext,
} from '@hookline/telemetry';
import { deliveryTrace } from './delivery-trace.ts';
import type { AttemptRecord, Decision } from './domain/delivery.ts';
import type { DecidedAttempt } from './domain/dispatch-record.ts';

/** The matching of one event, and its first attempts. */
export interface Dispatched {
  readonly entry: DispatchableEvent;
  readonly startedMs: number;
  readonly endedMs: number;
  /** Deliveries made of it. */
  readonly deliveries: number;
  /** Whether one of the attempts that ended meanwhile failed. */
  readonly failed: boolean;
}

export interface DispatchSpans {
  dispatched(dispatched: Dispatched): void;
  /** An attempt that is on record, and its dead letter if that is what came of it. */
  attempted(decided: DecidedAttempt): void;
}

/** Records spans of dispatching: those of sampled traces, every failed attempt and every dead letter. */
export function createDispatchSpans(tracing: Tracing): DispatchSpans {
  if (!tracing.enabled) return { dispatched() {}, attempted() {} };
  return {
    dispatched(dispatched) {
      const trace = deliveryTrace(dispatched, tracing);
      // A failed attempt is recorded in any case, and should have its parent.
      if (trace.sampled || dispatched.failed) tracing.record(dispatchSpan(dispatched, trace));
    },
    attempted(decided) {
      const { attempt, decision } = decided;
      const trace = deliveryTrace(attempt.delivery, tracing);
      if (trace.sampled || attempt.result.outcome !== 'succeeded') {
        tracing.record(attemptSpan(decided, trace));
      }
      const isPing = attempt.delivery.entry.event.type === PING_TYPE;
      if (decision.kind === 'dead' && !isPing) {
        tracing.record(deadLetterSpan(attempt, decision.cause, trace));
      }
    },
  };
}

function dispatchSpan(dispatched: Dispatched, trace: EventTrace) {
  const { entry, startedMs, endedMs, deliveries } = dispatched;
  const { event } = entry;
  return {
    name: `process ${subjects.events}`,
    kind: 'consumer',
    context: contextOf(trace, eventSpanIds.dispatch(event.id)),
    parentSpanId: eventSpanIds.append(event.id),
    links: [
      { traceId: trace.traceId, spanId: trace.spanId },
      { traceId: trace.traceId, spanId: eventSpanIds.send(event.id) },
    ],
    startedMs,
    endedMs,
    attributes: {
      'messaging.system.name': 'nats',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': subjects.events,
      'messaging.consumer.group.name': 'dispatcher',
      'messaging.message.id': event.id,
      'hookline.tenant': event.tenant,
      'hookline.event.id': event.id,
      'hookline.event.type': event.type,
      'hookline.deliveries': deliveries,
    },
  } as const;
}

function attemptSpan({ attempt, decision }: DecidedAttempt, trace: EventTrace) {
  const { delivery, number, result } = attempt;
  const { traceId } = trace;
  const startedMs = attempt.startedAt.getTime();
  const previous = { traceId, spanId: eventSpanIds.attempt(delivery.id, number - 1) };
  const { sentMs, firstByteMs } = result;
  return {
    name: 'POST',
    kind: 'client',
    context: contextOf(trace, eventSpanIds.attempt(delivery.id, number)),
    parentSpanId: eventSpanIds.dispatch(delivery.entry.event.id),
    links: [
      { traceId, spanId: trace.spanId },
      ...(number > 1 ? [previous] : []),
      ...(delivery.replayId === undefined ? [] : [replayTrace(delivery.replayId)]),
    ],
    startedMs,
    endedMs: startedMs + result.durationMs,
    attributes: {
      ...httpAttributes(attempt),
      ...deliveryAttributes(attempt),
      ...followed(decision),
    },
    events: [
      ...(sentMs === undefined ? [] : [{ name: 'connected', atMs: startedMs + sentMs }]),
      ...(firstByteMs === undefined ? [] : [{ name: 'first byte', atMs: startedMs + firstByteMs }]),
    ],
    error: result.outcome === 'succeeded' ? undefined : (result.error ?? result.outcome),
  } as const;
}

/** After the conventions for HTTP clients. What follows the host may be a credential and is left out. */
function httpAttributes({ url: text, number, result }: AttemptRecord): SpanAttributes {
  const url = URL.parse(text);
  const port = url?.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url?.port);
  const { outcome, httpStatus } = result;
  return {
    'http.request.method': 'POST',
    'url.full': url === null ? undefined : `${url.origin}/REDACTED`,
    'server.address': url?.hostname,
    'server.port': url === null ? undefined : port,
    'http.response.status_code': httpStatus,
    'http.request.resend_count': number > 1 ? number - 1 : undefined,
    'error.type': outcome === 'succeeded' ? undefined : errorType(outcome, httpStatus),
  };
}

function errorType(outcome: string, httpStatus: number | undefined): string {
  const isOfStatus = httpStatus !== undefined && httpStatus >= 300;
  return isOfStatus ? String(httpStatus) : outcome;
}

function deliveryAttributes({
  attemptId,
  delivery,
  number,
  result,
}: AttemptRecord): SpanAttributes {
  const { event } = delivery.entry;
  return {
    'hookline.tenant': event.tenant,
    'hookline.event.id': event.id,
    'hookline.event.type': event.type,
    'hookline.delivery.id': delivery.id,
    'hookline.subscription.id': delivery.subscription.id,
    'hookline.attempt.id': attemptId,
    'hookline.attempt.number': number,
    'hookline.outcome': result.outcome,
    'hookline.replay.id': delivery.replayId,
    'hookline.attempt.connect_ms': result.sentMs,
    'hookline.attempt.first_byte_ms': result.firstByteMs,
    'hookline.attempt.total_ms': result.durationMs,
  };
}

function followed(decision: Decision): SpanAttributes {
  return {
    'hookline.decision': decision.kind,
    'hookline.next_attempt_at':
      decision.kind === 'retry' ? decision.dueAt.toISOString() : undefined,
  };
}

function deadLetterSpan(attempt: AttemptRecord, cause: string, trace: EventTrace) {
  const { delivery, number, result } = attempt;
  const atMs = attempt.startedAt.getTime() + result.durationMs;
  return {
    name: `send ${subjects.deadLettered}`,
    kind: 'producer',
    context: contextOf(trace, eventSpanIds.dead(delivery.id, number)),
    parentSpanId: eventSpanIds.attempt(delivery.id, number),
    startedMs: atMs,
    endedMs: atMs,
    attributes: {
      'messaging.system.name': 'nats',
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': subjects.deadLettered,
      'messaging.message.id': delivery.id,
      'error.type': cause,
      ...deliveryAttributes(attempt),
    },
    error: `given up after attempt ${number}: ${result.error ?? cause}`,
  } as const;
}

function contextOf({ traceId, sampled }: EventTrace, spanId: string): TraceContext {
  return toTraceContext(traceId, spanId, sampled);
}
