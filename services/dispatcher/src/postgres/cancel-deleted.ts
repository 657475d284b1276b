import type pg from 'pg';

/** Of one round, over a few subscriptions. */
const CANCELLED_PER_ROUND_MAX = 1_000;

const CANCEL = `
WITH due AS (
  SELECT subscription_id FROM hookline.backlog WHERE cancelling
  ORDER BY subscription_id LIMIT 16 FOR UPDATE SKIP LOCKED
), picked AS MATERIALIZED (
  SELECT s.delivery_id FROM due JOIN hookline.schedule s USING (subscription_id)
  WHERE s.claimed_by IS NULL LIMIT $1 FOR UPDATE OF s SKIP LOCKED
), gone AS (
  DELETE FROM hookline.schedule s USING picked p WHERE s.delivery_id = p.delivery_id RETURNING s.*
), recorded AS (
  INSERT INTO hookline.cancelled_delivery (delivery_id, subscription_id, tenant, event_id, event_type,
    event_recorded_at, line, sequence, attempts_count, attempt_number)
  SELECT delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at, line, sequence,
    attempts_count, attempt_number FROM gone
  ON CONFLICT (delivery_id) DO NOTHING
), backlogs AS (
  UPDATE hookline.backlog b SET
    waiting = b.waiting - (SELECT count(*) FROM gone g WHERE g.subscription_id = b.subscription_id),
    cancelling = EXISTS (SELECT FROM hookline.schedule s WHERE s.subscription_id = b.subscription_id
      AND s.delivery_id NOT IN (SELECT delivery_id FROM picked))
  FROM due WHERE b.subscription_id = due.subscription_id
), given_up AS (
  UPDATE hookline.dead_letter d SET state = 'open' FROM gone g
  WHERE d.delivery_id = g.delivery_id AND d.state = 'redriving'
)
SELECT count(*)::int AS cancelled FROM gone`;

/**
 * Cancels deliveries that wait for deleted subscriptions, on record, some at a time: one with 200,000
 * waiting holds up neither its deletion nor anybody else. An attempt under way is left to end; what
 * would follow from it is cancelled by a later round. True when there may be more at once.
 */
export async function cancelDeleted(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ cancelled: number }>({
    name: 'cancel-deleted',
    text: CANCEL,
    values: [CANCELLED_PER_ROUND_MAX],
  });
  return rows[0]?.cancelled === CANCELLED_PER_ROUND_MAX;
}

/** Finds what was put into the schedule around a deletion, by a dispatcher that had yet to hear of it. */
export async function findDeleted(pool: pg.Pool): Promise<void> {
  await pool.query(
    `UPDATE hookline.backlog b SET cancelling = true FROM hookline.subscription s
     WHERE s.subscription_id = b.subscription_id AND s.state = 'deleted' AND b.waiting > 0
       AND NOT b.cancelling`,
  );
}
