import { createPeriodic, type Metrics, type Periodic } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import { readBacklogState } from './postgres/backlog-state.ts';

export interface BacklogMetricsOptions {
  readonly pool: Parameters<typeof readBacklogState>[0];
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 10_000;

/** Shows what waits in the schedule. Every dispatcher shows the same; take the greatest. */
export function createBacklogMetrics({ pool, metrics, logger }: BacklogMetricsOptions): Periodic {
  const gauge = (name: string, help: string) => metrics.gauge({ name, help });
  const waiting = gauge('hookline_deliveries_waiting', 'Deliveries in the schedule, due or not.');
  const due = gauge(
    'hookline_subscriptions_due',
    'Subscriptions of which a delivery is due, and not held back by pause or breaker.',
  );
  const oldest = gauge(
    'hookline_due_oldest_age_seconds',
    'For how long the delivery that is due longest has been due; 0 when none is.',
  );
  const byTenant = gauge(
    'hookline_tenant_deliveries_waiting',
    'Deliveries in the schedule of the tenants with the most of them.',
  );

  const runOnce = async (): Promise<void> => {
    const state = await readBacklogState(pool);
    waiting.set(state.waiting);
    due.set(state.due);
    oldest.set(state.oldestSeconds);
    byTenant.clear();
    for (const { tenant, waiting: count } of state.tenants) byTenant.set(count, { tenant });
  };

  return createPeriodic({
    name: 'looking at the backlog',
    intervalMs: LOOK_EVERY_MS,
    runOnce,
    logger,
  });
}
