import { derivedSpanId, derivedTraceId } from './derived-ids.ts';
import { parseTraceparent, type TraceContext, toTraceContext } from './trace-context.ts';
import type { Tracing } from './tracing.ts';

/**
 * The spans of an event's way, by name. Their ids follow from what they are about, so that a step
 * names the one before it, in another process and days later, by the event's stored `traceparent`
 * and ids that it has anyway.
 */
export const eventSpanIds = {
  /** The handling of the message that the event came in. */
  ingest: (eventId: string) => derivedSpanId(eventId, 'ingest'),
  append: (eventId: string) => derivedSpanId(eventId, 'append'),
  /** The first publish to EVENTS; the sweeper's are spans of their own. */
  send: (eventId: string) => derivedSpanId(eventId, 'send'),
  /** Matching and first attempts. */
  dispatch: (eventId: string) => derivedSpanId(eventId, 'dispatch'),
  /** Attempts of a delivery have numbers from 1, those of its replays and redrives included. */
  attempt: (deliveryId: string, number: number) => derivedSpanId(deliveryId, String(number)),
  /** The giving up after that attempt. */
  dead: (deliveryId: string, attemptNumber: number) =>
    derivedSpanId(deliveryId, 'dead', String(attemptNumber)),
} as const;

/** The trace of a replay, which is one of its own: its deliveries stay in their events' traces. */
export function replayTrace(replayId: string): TraceContext {
  return toTraceContext(derivedTraceId(replayId), derivedSpanId(replayId), true);
}

/** What is known of an event's trace without parsing more than is needed. */
export interface EventTrace {
  readonly traceId: string;
  /** The span in which the event was made: the publisher's, or that of its reception. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** The trace of an event, and whether it is sampled; undefined for an event without one. */
export function eventTrace(
  tracing: Pick<Tracing, 'isSampled'>,
  traceparent: string | undefined,
): EventTrace | undefined {
  const parsed = parseTraceparent(traceparent);
  if (parsed === undefined) return undefined;
  const { traceId, spanId } = parsed;
  return { traceId, spanId, sampled: tracing.isSampled(traceId, parsed.sampled) };
}
