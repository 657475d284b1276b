import { createPeriodic, type Metrics, type Periodic } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';

export interface StateMetricsOptions {
  readonly pool: pg.Pool;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 30_000;

interface StateRow {
  readonly what: 'dead_letter' | 'subscription';
  readonly state: string;
  readonly count: number;
}

/**
 * Shows dead letters by what became of them, subscriptions by state, and how long dead letters wait to
 * be handled. Every monitor shows the same; take the greatest.
 */
export function createStateMetrics({ pool, metrics, logger }: StateMetricsOptions): Periodic {
  const gauge = (name: string, help: string) => metrics.gauge({ name, help });
  const deadLetters = gauge('hookline_dead_letters', 'Dead letters, by what became of them.');
  const subscriptions = gauge('hookline_subscriptions', 'Subscriptions, by state.');
  const oldest = gauge(
    'hookline_dead_letters_unhandled_age_seconds',
    'Age of the oldest dead letter that the monitor has not handled; 0 without.',
  );

  const runOnce = async (): Promise<void> => {
    const states = await pool.query<StateRow>({
      name: 'state-counts',
      text: `SELECT 'dead_letter' AS what, state, count(*)::float8 AS count
          FROM hookline.dead_letter GROUP BY state
        UNION ALL SELECT 'subscription', state, count(*)::float8
          FROM hookline.subscription GROUP BY state`,
    });
    deadLetters.clear();
    subscriptions.clear();
    for (const { what, state, count } of states.rows) {
      (what === 'dead_letter' ? deadLetters : subscriptions).set(count, { state });
    }
    const unhandled = await pool.query<{ age_s: number }>({
      name: 'unhandled-age',
      text: `SELECT extract(epoch FROM now() - died_at)::float8 AS age_s FROM hookline.dead_letter
        WHERE handled_at IS NULL ORDER BY died_at LIMIT 1`,
    });
    oldest.set(Math.max(0, unhandled.rows[0]?.age_s ?? 0));
  };

  return createPeriodic({
    name: 'counting dead letters',
    intervalMs: LOOK_EVERY_MS,
    runOnce,
    logger,
  });
}
