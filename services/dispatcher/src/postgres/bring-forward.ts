import type { Statements } from '@hookline/event-log';

const BRING_FORWARD = `
WITH found AS MATERIALIZED (
  SELECT delivery_id, claimed_by, held, due_at FROM hookline.schedule
  WHERE delivery_id = $1 AND tenant = $2 FOR UPDATE
), moved AS (
  UPDATE hookline.schedule s SET due_at = now(), held = false FROM found f
  WHERE s.delivery_id = f.delivery_id AND f.claimed_by IS NULL AND (NOT f.held OR f.due_at = 'infinity')
  RETURNING s.subscription_id
), due AS (
  UPDATE hookline.backlog b SET next_due_at = least(b.next_due_at, now()) FROM moved m
  WHERE b.subscription_id = m.subscription_id
)
SELECT count(*)::int AS found, (SELECT count(*)::int FROM moved) AS moved FROM found`;

/**
 * Makes a delivery that waits in the schedule due now, a blocked head of a line included. One that is
 * being attempted, or has others of its line before it, stays as it is; one that does not wait is absent.
 */
export async function bringForward(
  db: Statements,
  { tenant, deliveryId }: { readonly tenant: string; readonly deliveryId: string },
): Promise<'moved' | 'stays' | 'absent'> {
  const { rows } = await db.query<{ readonly found: number; readonly moved: number }>({
    name: 'bring-forward',
    text: BRING_FORWARD,
    values: [deliveryId, tenant],
  });
  if (rows[0]?.moved === 1) return 'moved';
  return rows[0]?.found === 1 ? 'stays' : 'absent';
}

/** How many attempts of a delivery are on record, and how many of them count for its retry policy. */
export async function countAttempts(
  db: Statements,
  { tenant, deliveryId }: { readonly tenant: string; readonly deliveryId: string },
): Promise<{ readonly number: number; readonly counted: number }> {
  const { rows } = await db.query<{ readonly number: number; readonly counted: number }>({
    name: 'count-attempts',
    text: `SELECT coalesce(max(number), 0) AS number, count(*) FILTER (WHERE outcome <> 'unknown')::int AS counted
      FROM hookline.attempt_log WHERE tenant = $1 AND delivery_id = $2`,
    values: [tenant, deliveryId],
  });
  return rows[0] ?? { number: 0, counted: 0 };
}
