import {
  type DispatchableEvent,
  EVENT_BATCH_EVENTS_MAX,
  encodeEventBatch,
  splitIntoBatches,
  subjects,
} from '@hookline/contracts';
import { createPublisher, type Nats } from '@hookline/messaging';
import { reasonOf } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import { headers } from '@nats-io/nats-core';
import { type EventSpans, nowMs } from './event-spans.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';

/** On messages of the sweeper: the dispatcher checks the outbox before it sends anything of them. */
export const SWEPT_HEADER = 'Hookline-Swept';

/** Messages that may wait for JetStream's answer; at 64 events each that is several appends. */
const MESSAGES_IN_FLIGHT_MAX = 64;
/** Events that may wait for their message; more are left to the sweeper. */
const WAITING_EVENTS_MAX = 5_000;

export interface EventPublisher {
  /**
   * Hands accepted events on, in messages of up to 64, at the next turn of the event loop. It never
   * fails: what cannot be published (NATS away, stream full or gone, too much waiting) is in the
   * outbox, and the sweeper's.
   */
  publish(events: readonly DispatchableEvent[]): void;
  /** Publishes one message of events that may have been published before. Throws PublishError. */
  publishSwept(events: readonly DispatchableEvent[]): Promise<void>;
  /** Resolves when a reader may append more: publishing keeps up. */
  room(): Promise<void>;
  /** Publishes what waits and resolves when all of it is answered. */
  stop(): Promise<void>;
}

/** Publishes accepted events to EVENTS; what comes together, by whichever way, travels together. */
export function createEventPublisher(options: {
  readonly nats: Nats;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly spans: EventSpans;
}): EventPublisher {
  const { nats, logger, metrics, spans } = options;
  const publisher = createPublisher({ nats, inFlightMax: MESSAGES_IN_FLIGHT_MAX });
  let waiting: DispatchableEvent[] = [];
  let inFlight = 0;
  let scheduled = false;
  let failing = false;
  let freed = Promise.withResolvers<void>();

  const settle = (): void => {
    inFlight -= 1;
    const { resolve } = freed;
    freed = Promise.withResolvers<void>();
    resolve();
    if (waiting.length > 0) schedule();
  };

  const send = async (batch: readonly DispatchableEvent[]): Promise<void> => {
    inFlight += 1;
    const startedMs = nowMs();
    try {
      await publisher.publish(subjects.events, encodeEventBatch(batch));
      spans.sent(batch, { startedMs, endedMs: nowMs() });
      metrics.published(batch.length);
      failing = false;
    } catch (error) {
      metrics.leftToSweeper(batch.length);
      // One span for an outage, as one line of it: every event of it would be thousands.
      const told = failing ? [] : batch.slice(0, 1);
      spans.sent(told, { startedMs, endedMs: nowMs() }, { error: reasonOf(error) });
      // One line for an outage, not one for each message of it.
      if (!failing) logger.warn(`events are left to the sweeper: ${reasonOf(error)}`);
      failing = true;
    } finally {
      settle();
    }
  };

  const flush = (): void => {
    scheduled = false;
    if (inFlight >= MESSAGES_IN_FLIGHT_MAX) return;
    const count = (MESSAGES_IN_FLIGHT_MAX - inFlight) * EVENT_BATCH_EVENTS_MAX;
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    for (const batch of splitIntoBatches(taken)) void send(batch);
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  return {
    publish(events) {
      if (events.length === 0) return;
      if (waiting.length + events.length > WAITING_EVENTS_MAX) {
        metrics.leftToSweeper(events.length);
        return;
      }
      waiting = waiting.length === 0 ? [...events] : waiting.concat(events);
      schedule();
    },
    async publishSwept(events) {
      const marked = headers();
      marked.set(SWEPT_HEADER, '1');
      const startedMs = nowMs();
      await publisher.publish(subjects.events, encodeEventBatch(events), { headers: marked });
      spans.sent(events, { startedMs, endedMs: nowMs() }, { swept: true });
    },
    async room() {
      while (inFlight >= MESSAGES_IN_FLIGHT_MAX / 2) await freed.promise;
    },
    async stop() {
      while (waiting.length > 0 || inFlight > 0) {
        if (inFlight === 0) flush();
        else await freed.promise;
      }
      await publisher.stop();
    },
  };
}
