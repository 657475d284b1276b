import type pg from 'pg';

/** A hold of one endpoint's whole backlog, or the end of one. */
export interface Hold {
  readonly subscriptionId: string;
  /** From now, in milliseconds; 0 lets it go. */
  readonly heldForMs: number;
  /** The first request after it is a probe, and the only one until it has told. */
  readonly probing: boolean;
}

/**
 * Holds backlogs back and lets others go, one row each whatever waits in it. A backlog that is held
 * for ever, since its subscription is paused, is left so; of two holds the later end counts.
 */
export async function holdEndpoints(pool: pg.Pool, holds: readonly Hold[]): Promise<void> {
  await pool.query({
    name: 'hold-endpoints',
    text: `INSERT INTO hookline.backlog AS b (subscription_id, blocked_until, probing, waiting)
      SELECT h.id, CASE WHEN h.ms > 0 THEN now() + make_interval(secs => h.ms / 1000) END, h.probing, 0
      FROM unnest($1::text[], $2::float8[], $3::boolean[]) AS h(id, ms, probing)
      ORDER BY h.id
      ON CONFLICT (subscription_id) DO UPDATE SET probing = excluded.probing,
        blocked_until = CASE WHEN b.blocked_until = 'infinity' THEN b.blocked_until
          ELSE excluded.blocked_until END`,
    values: [
      holds.map((hold) => hold.subscriptionId),
      holds.map((hold) => hold.heldForMs),
      holds.map((hold) => hold.probing),
    ],
  });
}
