import { splitIntoBatches } from '@hookline/contracts';
import { takeStale } from '@hookline/event-log';
import type { Nats } from '@hookline/messaging';
import { createPeriodic, type Periodic } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';
import type { EventPublisher } from './event-publisher.ts';
import { createEventsBacklog } from './events-backlog.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';

/** Events of one round; full rounds follow each other without a pause. */
const ROUND_EVENTS_MAX = 512;
/** While so many messages wait in EVENTS nothing is added: dispatchers are behind, nothing is lost. */
const BACKLOG_MESSAGES_MAX = 4_096;
/** How much later than its commit an event can have reached EVENTS, and how far clocks may differ. */
const PUBLISH_DELAY_MAX_MS = 10_000;

export interface SweeperOptions {
  readonly pool: pg.Pool;
  readonly nats: Nats;
  readonly publisher: EventPublisher;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Age from which an event that is not settled is looked at, in milliseconds. */
  readonly sweepAfterMs: number;
  readonly intervalMs: number;
}

/**
 * Publishes again what was accepted and is neither settled nor on its way: its first publish failed,
 * or the stream was wiped. Older than `sweepAfterMs` is not enough: what is younger than the oldest
 * message that waits in EVENTS is only waiting there, and a backlog is not a loss.
 */
export function createSweeper(options: SweeperOptions): Periodic {
  const { pool, nats, publisher, metrics, logger, sweepAfterMs, intervalMs } = options;
  const readBacklog = createEventsBacklog(nats, { stuckAfterMs: sweepAfterMs });

  const sweepOnce = async (): Promise<boolean> => {
    if (!nats.isConnected()) return false;
    const backlog = await readBacklog();
    if (backlog === undefined || backlog.messages >= BACKLOG_MESSAGES_MAX) return false;
    const before =
      backlog.oldest && olderBy(backlog.oldest, Math.min(sweepAfterMs, PUBLISH_DELAY_MAX_MS));
    const stale = await takeStale(pool, {
      olderThanMs: sweepAfterMs,
      ...(before !== undefined && { recordedBefore: before }),
      limit: ROUND_EVENTS_MAX,
    });
    for (const batch of splitIntoBatches(stale)) {
      await publisher.publishSwept(batch);
      metrics.swept(batch.length);
    }
    if (stale.length > 0) logger.info({ events: stale.length }, 'published events to EVENTS again');
    return stale.length === ROUND_EVENTS_MAX;
  };

  return createPeriodic({ name: 'the outbox sweeper', intervalMs, runOnce: sweepOnce, logger });
}

function olderBy(time: Date, ms: number): Date {
  return new Date(time.getTime() - ms);
}
