import type pg from 'pg';
import { DEAD_AFTER_MS } from './claims.ts';

/** Says that this dispatcher lives, by Postgres's clock. */
export async function beat(pool: pg.Pool, dispatcherId: string): Promise<void> {
  await pool.query({
    name: 'dispatcher-beat',
    text: `INSERT INTO hookline.dispatcher (dispatcher_id) VALUES ($1)
      ON CONFLICT (dispatcher_id) DO UPDATE SET heartbeat_at = now()`,
    values: [dispatcherId],
  });
}

/**
 * Until when another dispatcher may have begun events: the last sign of the last one that did not
 * leave, and the time to the next that never came. undefined: there is no such dispatcher.
 */
export async function othersUntil(
  pool: pg.Pool,
  { dispatcherId, beatEveryMs }: { readonly dispatcherId: string; readonly beatEveryMs: number },
): Promise<Date | undefined> {
  const { rows } = await pool.query<{ until: Date | null }>({
    name: 'others-until',
    text: `SELECT max(heartbeat_at) + make_interval(secs => $2::float8 / 1000) AS until
      FROM hookline.dispatcher WHERE dispatcher_id <> $1`,
    values: [dispatcherId, beatEveryMs],
  });
  return rows[0]?.until ?? undefined;
}

/** How many dispatchers live. */
export async function countLiving(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ readonly living: number }>({
    name: 'count-living',
    text: `SELECT count(*)::int AS living FROM hookline.dispatcher
      WHERE heartbeat_at > now() - make_interval(secs => $1::float8 / 1000)`,
    values: [DEAD_AFTER_MS],
  });
  return rows[0]?.living ?? 0;
}

/** Forgets dispatchers that ended long ago without a word, and left no event that they may have begun. */
export async function forgetGone(pool: pg.Pool): Promise<void> {
  await pool.query(
    `DELETE FROM hookline.dispatcher d WHERE heartbeat_at < now() - interval '1 hour'
       AND NOT EXISTS (SELECT FROM hookline.outbox o
         WHERE o.recorded_at < d.heartbeat_at + interval '1 minute')`,
  );
}

/** Gives back every claim this dispatcher still has, untried, and takes its name off the list. */
export async function leave(pool: pg.Pool, dispatcherId: string): Promise<void> {
  await pool.query(
    `WITH freed AS (
       UPDATE hookline.schedule SET claimed_by = NULL, claimed_at = NULL WHERE claimed_by = $1
       RETURNING subscription_id, due_at
     ), backlogs AS (
       UPDATE hookline.backlog b SET next_due_at = least(b.next_due_at, f.due_at)
       FROM (SELECT subscription_id, min(due_at) AS due_at FROM freed GROUP BY subscription_id) f
       WHERE b.subscription_id = f.subscription_id
     )
     DELETE FROM hookline.dispatcher WHERE dispatcher_id = $1`,
    [dispatcherId],
  );
}
