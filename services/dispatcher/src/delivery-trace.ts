import {
  derivedSpanId,
  derivedTraceId,
  type EventTrace,
  eventSpanIds,
  eventTrace,
  noTracing,
  type TraceContext,
  type Tracing,
  toTraceContext,
} from '@hookline/telemetry';
import type { Delivery } from './domain/delivery.ts';

type Sampling = Pick<Tracing, 'isSampled'>;

/** The trace of a delivery's event; one made of its id for an event without, pings among them. */
export function deliveryTrace(
  { entry: { event } }: Pick<Delivery, 'entry'>,
  tracing: Sampling = noTracing,
): EventTrace {
  const known = eventTrace(tracing, event.extensions.traceparent);
  if (known !== undefined) return known;
  const traceId = derivedTraceId(event.id);
  const sampled = tracing.isSampled(traceId, undefined);
  return { traceId, spanId: derivedSpanId(event.id), sampled };
}

/** The span of one attempt, as its receiver sees it in `traceparent`. */
export function attemptContext(
  delivery: Pick<Delivery, 'id' | 'entry'>,
  number: number,
  tracing?: Sampling,
): TraceContext {
  const { traceId, sampled } = deliveryTrace(delivery, tracing);
  return toTraceContext(traceId, eventSpanIds.attempt(delivery.id, number), sampled);
}
