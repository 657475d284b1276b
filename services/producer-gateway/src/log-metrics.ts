import { createPeriodic, type Metrics, type Periodic } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';

export interface LogMetricsOptions {
  readonly pool: pg.Pool;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly intervalMs: number;
}

/** Counting stops there: whether it is a hundred thousand or a million makes no difference. */
const COUNTED_MAX = 100_000;

interface LogState {
  readonly outbox: number;
  readonly oldest_s: number | null;
  readonly xmin: string;
  readonly xmax: string;
}

const LOG_STATE = `
SELECT (SELECT count(*)::int FROM (SELECT FROM hookline.outbox LIMIT ${COUNTED_MAX}) o) AS outbox,
  (SELECT extract(epoch FROM now() - recorded_at)::float8 FROM hookline.outbox ORDER BY position LIMIT 1) AS oldest_s,
  pg_snapshot_xmin(s)::text AS xmin, pg_snapshot_xmax(s)::text AS xmax
FROM pg_current_snapshot() s`;

/**
 * Shows how the log fares: what is accepted and not settled, and how long the oldest running
 * transaction has held readers of the log back. Every gateway shows the same; take the greatest.
 */
export function createLogMetrics({
  pool,
  metrics,
  logger,
  intervalMs,
}: LogMetricsOptions): Periodic {
  const gauge = (name: string, help: string) => metrics.gauge({ name, help });
  const outbox = gauge(
    'hookline_outbox_events',
    `Events that are accepted and not settled, counted up to ${COUNTED_MAX}.`,
  );
  const oldest = gauge(
    'hookline_outbox_oldest_age_seconds',
    'Age of the oldest of them; 0 without.',
  );
  const held = gauge(
    'hookline_log_xmin_age_seconds',
    'For how long the oldest running transaction has been the same; what it and later ones append is not read yet.',
  );
  let oldestTransaction = { id: '', since: 0 };

  const ageOfXmin = ({ xmin, xmax }: LogState): number => {
    if (xmin === xmax) oldestTransaction = { id: '', since: 0 };
    else if (oldestTransaction.id !== xmin)
      oldestTransaction = { id: xmin, since: performance.now() };
    return oldestTransaction.id === '' ? 0 : (performance.now() - oldestTransaction.since) / 1000;
  };

  const runOnce = async (): Promise<void> => {
    const { rows } = await pool.query<LogState>({ name: 'log-state', text: LOG_STATE });
    const [state] = rows;
    if (state === undefined) return;
    outbox.set(state.outbox);
    oldest.set(Math.max(0, state.oldest_s ?? 0));
    held.set(ageOfXmin(state));
  };

  return createPeriodic({ name: 'looking at the log', intervalMs, runOnce, logger });
}
