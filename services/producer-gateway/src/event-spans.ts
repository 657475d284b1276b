import { type DispatchableEvent, subjects } from '@hookline/contracts';
import type { EventToAppend } from '@hookline/event-log';
import {
  type EventTrace,
  eventSpanIds,
  eventTrace,
  newTraceparent,
  type TraceContext,
  type Tracing,
  toTraceContext,
} from '@hookline/telemetry';

/** From when to when, Unix time in milliseconds. */
export interface TimeSpan {
  readonly startedMs: number;
  readonly endedMs: number;
}

/** Unix time in milliseconds, with fractions, by the clock that never goes back. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/** The spans that an event makes in the gateway after it was received. */
export interface EventSpans {
  /** One append of a batch. `parentOf` names the span an event was received in; by default its maker's. */
  appended(
    events: readonly EventToAppend[],
    when: TimeSpan,
    parentOf?: (event: EventToAppend, trace: EventTrace) => string,
  ): void;
  /** One message for EVENTS; failures are recorded whatever the sampler says. */
  sent(batch: readonly DispatchableEvent[], when: TimeSpan, how?: Sending): void;
}

export interface Sending {
  readonly error?: string;
  /** By the sweeper, once more. */
  readonly swept?: boolean;
}

/** Records the spans of events that are sampled; of the others it looks at the flag alone. */
export function createEventSpans(tracing: Tracing): EventSpans {
  if (!tracing.enabled) return { appended() {}, sent() {} };

  const recordAppend = (event: EventToAppend, trace: EventTrace, append: Append): void => {
    const { size } = append;
    tracing.record({
      name: `${size > 1 ? 'BATCH INSERT' : 'INSERT'} hookline.event_log`,
      kind: 'client',
      context: contextOf(trace, eventSpanIds.append(event.eventId)),
      parentSpanId: append.parentOf?.(event, trace) ?? trace.spanId,
      startedMs: append.startedMs,
      endedMs: append.endedMs,
      attributes: {
        'db.system.name': 'postgresql',
        'db.collection.name': 'hookline.event_log',
        'db.operation.name': size > 1 ? 'BATCH INSERT' : 'INSERT',
        'db.operation.batch.size': size > 1 ? size : undefined,
        ...eventAttributes({ id: event.eventId, ...event }),
      },
    });
  };

  return {
    appended(events, when, parentOf) {
      for (const event of events) {
        const trace = eventTrace(tracing, event.extensions.traceparent);
        if (trace?.sampled !== true) continue;
        recordAppend(event, trace, { ...when, size: events.length, parentOf });
      }
    },
    sent(batch, { startedMs, endedMs }, { error, swept = false } = {}) {
      for (const { event } of batch) {
        const trace = eventTrace(tracing, event.extensions.traceparent);
        if (trace === undefined || (!trace.sampled && error === undefined)) continue;
        const spanId = swept ? newTraceparent().spanId : eventSpanIds.send(event.id);
        tracing.record({
          name: `send ${subjects.events}`,
          kind: 'producer',
          context: contextOf(trace, spanId),
          parentSpanId: eventSpanIds.append(event.id),
          startedMs,
          endedMs,
          attributes: {
            'messaging.system.name': 'nats',
            'messaging.operation.name': 'send',
            'messaging.operation.type': 'send',
            'messaging.destination.name': subjects.events,
            'messaging.batch.message_count': batch.length,
            'hookline.swept': swept ? true : undefined,
            'error.type': error === undefined ? undefined : 'publish_failed',
            ...eventAttributes(event),
          },
          error,
        });
      }
    },
  };
}

interface Append extends TimeSpan {
  readonly size: number;
  readonly parentOf: Parameters<EventSpans['appended']>[2];
}

export function contextOf({ traceId, sampled }: EventTrace, spanId: string): TraceContext {
  return toTraceContext(traceId, spanId, sampled);
}

/** By what an operator finds an event. */
export function eventAttributes(event: {
  readonly id: string;
  readonly tenant: string;
  readonly type: string;
}) {
  return {
    'hookline.tenant': event.tenant,
    'hookline.event.id': event.id,
    'hookline.event.type': event.type,
  };
}
