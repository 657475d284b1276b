import type pg from 'pg';

const WAITING = 200_000;

/** Due deliveries of one subscription, of events that are in the log. */
const INSERT_COMING_BACK = `
WITH events AS (
  SELECT event_id, event_type, tenant, recorded_at, row_number() OVER () AS n FROM (
    SELECT * FROM hookline.attempt_log WHERE outcome = 'succeeded' LIMIT 1000) a
), target AS (
  SELECT subscription_id FROM hookline.subscription WHERE document LIKE '%"bench.endpoint_0"%' LIMIT 1
), rows AS (
  INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
    line, sequence, due_at, attempts_count, attempt_number)
  SELECT 'dlv_back_' || g.n, t.subscription_id, e.tenant, e.event_id, e.event_type, e.recorded_at, 'bench', g.n, now(), 1, 1
  FROM target t CROSS JOIN generate_series(1, $1::int) AS g(n) JOIN events e ON e.n = 1 + g.n % (SELECT count(*) FROM events)
  RETURNING subscription_id
)
INSERT INTO hookline.backlog AS b (subscription_id, next_due_at, blocked_until, waiting)
SELECT subscription_id, now(), 'infinity', count(*) FROM rows GROUP BY subscription_id
ON CONFLICT (subscription_id) DO UPDATE
SET next_due_at = now(), blocked_until = 'infinity', waiting = b.waiting + excluded.waiting`;

const FREE = `UPDATE hookline.backlog SET blocked_until = NULL WHERE blocked_until = 'infinity'`;

const REMOVE = `
WITH gone AS (DELETE FROM hookline.schedule WHERE delivery_id LIKE 'dlv_back_%' RETURNING subscription_id)
UPDATE hookline.backlog b SET waiting = b.waiting - g.count FROM (
  SELECT subscription_id, count(*) FROM gone GROUP BY subscription_id) g
WHERE b.subscription_id = g.subscription_id`;

/**
 * The first endpoint comes back to 200,000 deliveries that wait for it. They have been there for a
 * while: what is measured is their draining, not Postgres tidying up behind such an insertion.
 */
export async function comeBack(pool: pg.Pool): Promise<void> {
  const { rowCount } = await pool.query(INSERT_COMING_BACK, [WAITING]);
  if (rowCount === 0) throw new Error('nothing was made to wait');
  await pool.query('VACUUM (ANALYZE) hookline.schedule, hookline.backlog');
  await pool.query(FREE);
}

/** Removes what still waits; answers how many came to the endpoint by then. */
export async function removeWaiting(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ left: number }>(
    `SELECT count(*)::int AS left FROM hookline.schedule WHERE delivery_id LIKE 'dlv_back_%'`,
  );
  await pool.query(REMOVE);
  return WAITING - (rows[0]?.left ?? 0);
}
