import { subjects } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import {
  continueTrace,
  type EventTrace,
  eventSpanIds,
  type Tracing,
  toTraceContext,
} from '@hookline/telemetry';
import type { DeadDelivery } from './domain/disabling.ts';
import type { UnhandledGroup } from './postgres/dead-letters.ts';
import { findDeathTraces } from './postgres/death-traces.ts';

/** As many dead letters of a group are linked to. */
const LINKS_MAX = 32;

/**
 * Handles the dead letters of one subscription in a span of their traces: below the first one's dead
 * letter, linked to the others'. What is handled is told the context, to send it on.
 */
export async function traceHandling(
  {
    database,
    tracing,
    group,
    dead,
  }: {
    readonly database: Pick<Database, 'pool'>;
    readonly tracing: Tracing;
    readonly group: UnhandledGroup;
    readonly dead: readonly DeadDelivery[];
  },
  handle: (traceparent: string | undefined) => Promise<void>,
): Promise<void> {
  if (!tracing.enabled) return await handle(undefined);
  const deliveryIds = dead.slice(0, LINKS_MAX).map(({ deliveryId }) => deliveryId);
  const { tenant } = group;
  // Without its links it is a trace of its own; that is no reason not to handle anything.
  const found = await findDeathTraces(database.pool, { tenant, deliveryIds }).catch(() => []);
  const links = found.map(({ traceId, deliveryId, number }): EventTrace => {
    return { traceId, spanId: eventSpanIds.dead(deliveryId, number), sampled: true };
  });
  const [first] = links;
  const parent = first && toTraceContext(first.traceId, first.spanId, true);
  const { context, parentSpanId } = continueTrace(tracing, parent);
  const startedMs = performance.timeOrigin + performance.now();
  let error: string | undefined;
  try {
    await handle(context.traceparent);
  } catch (failure) {
    error = reasonOf(failure);
    throw failure;
  } finally {
    tracing.record({
      ...{ name: `process ${subjects.deadLettered}`, kind: 'consumer', context, parentSpanId },
      ...{ links, startedMs, endedMs: performance.timeOrigin + performance.now(), error },
      attributes: {
        'messaging.system.name': 'nats',
        'messaging.operation.name': 'process',
        'messaging.operation.type': 'process',
        'messaging.destination.name': subjects.deadLettered,
        'messaging.batch.message_count': dead.length,
        'error.type': error === undefined ? undefined : 'handling_failed',
        'hookline.tenant': tenant,
        'hookline.subscription.id': group.subscriptionId,
      },
    });
  }
}
