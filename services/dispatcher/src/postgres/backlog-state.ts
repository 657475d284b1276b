import type pg from 'pg';

export interface BacklogState {
  readonly waiting: number;
  /** Subscriptions with a delivery that could be claimed now. */
  readonly due: number;
  readonly oldestSeconds: number;
  /** Those with the most waiting deliveries, the most first. */
  readonly tenants: readonly { readonly tenant: string; readonly waiting: number }[];
}

/** Series of tenants that are shown. */
const TENANTS_MAX = 50;

interface Totals {
  readonly waiting: number;
  readonly due: number;
  readonly oldest_s: number | null;
}

/**
 * What waits, read from the backlogs: a row for each subscription, so that a million waiting
 * deliveries cost nothing. What is due longest is the first entry of an index.
 */
export async function readBacklogState(pool: pg.Pool): Promise<BacklogState> {
  const totals = await pool.query<Totals>({
    name: 'backlog-totals',
    text: `SELECT coalesce(sum(waiting), 0)::float8 AS waiting,
        (count(*) FILTER (WHERE next_due_at IS NOT NULL
          AND greatest(next_due_at, blocked_until) <= now()))::int AS due,
        (SELECT extract(epoch FROM now() - greatest(next_due_at, blocked_until))::float8
          FROM hookline.backlog WHERE next_due_at IS NOT NULL
          ORDER BY greatest(next_due_at, blocked_until) LIMIT 1) AS oldest_s
      FROM hookline.backlog`,
  });
  const tenants = await pool.query<{ tenant: string; waiting: number }>({
    name: 'backlog-tenants',
    text: `SELECT s.tenant, sum(b.waiting)::float8 AS waiting
      FROM hookline.backlog b JOIN hookline.subscription s USING (subscription_id)
      WHERE b.waiting > 0 GROUP BY s.tenant ORDER BY 2 DESC, 1 LIMIT ${TENANTS_MAX}`,
  });
  const [row] = totals.rows;
  return {
    waiting: row?.waiting ?? 0,
    due: row?.due ?? 0,
    oldestSeconds: Math.max(0, row?.oldest_s ?? 0),
    tenants: tenants.rows,
  };
}
