import type pg from 'pg';
import { isLockTimeout } from './partitions.ts';

/** A day of one of the partitioned tables. */
export interface ExpiredPartition {
  readonly parent: 'event_log_server' | 'attempt_log' | 'idempotency_key';
  /** `2026-05-01`, UTC. */
  readonly day: string;
  /** The retention that it is older than, in days. */
  readonly keepDays: number;
}

export interface Retention {
  /** Days that events and attempts are kept, HOOKLINE_RETENTION_DAYS. */
  readonly retentionDays: number;
  /** Days that idempotency keys are kept, HOOKLINE_DEDUPE_DAYS. */
  readonly dedupeDays: number;
}

/**
 * What became of a drop. `busy`: others used the table, so it gave way. `waiting`: deliveries of that
 * day are under way or more have to expire first. After both: try again later. `gone`: no such day.
 */
export type DropResult = 'dropped' | 'busy' | 'waiting' | 'gone';

/** An append that began yesterday still looks at the keys of a day more. */
const DEDUPE_SPARE_DAYS = 1;

/** Deliveries and events that expire in one transaction. */
const EXPIRE_ROWS_MAX = 2_000;

/**
 * The partitions all of whose rows are older than their retention, the oldest first, and events
 * before the attempts of the same day.
 */
export async function findExpiredPartitions(
  pool: pg.Pool,
  { retentionDays, dedupeDays }: Retention,
): Promise<ExpiredPartition[]> {
  const { rows } = await pool.query<ExpiredPartition>(
    `SELECT parent, to_char(day, 'YYYY-MM-DD') AS day, keep AS "keepDays"
     FROM hookline.list_partitions() p
     CROSS JOIN LATERAL (SELECT CASE WHEN p.parent = 'idempotency_key' THEN $2::int ELSE $1::int END AS keep) k
     WHERE day < current_date - keep ORDER BY day, parent DESC`,
    [retentionDays, dedupeDays + DEDUPE_SPARE_DAYS],
  );
  return rows;
}

/**
 * Drops one partition, after everything that waits on it, and on days before it, has become a dead
 * letter of cause `expired`: a batch a transaction, the last one in that of the drop. Postgres checks
 * the age again, and keeps what it did in `hookline.maintenance_log`.
 */
export async function dropPartition(
  pool: pg.Pool,
  { parent, day, keepDays }: ExpiredPartition,
): Promise<DropResult> {
  try {
    if (parent !== 'idempotency_key') {
      await expireAll(pool, 'expire_events', { day, keepDays });
      await expireAll(pool, 'expire_deliveries', { day, keepDays });
    }
    const { rows } = await pool.query<{ result: DropResult }>(
      'SELECT hookline.drop_partition($1, $2::date, $3) AS result',
      [parent, day, keepDays],
    );
    return rows[0]?.result ?? 'gone';
  } catch (error) {
    if (isLockTimeout(error)) return 'busy';
    throw error;
  }
}

async function expireAll(
  pool: pg.Pool,
  name: 'expire_events' | 'expire_deliveries',
  { day, keepDays }: { readonly day: string; readonly keepDays: number },
): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ expired: number }>(
      `SELECT hookline.${name}($1::date, $2, $3) AS expired`,
      [day, keepDays, EXPIRE_ROWS_MAX],
    );
    if ((rows[0]?.expired ?? 0) < EXPIRE_ROWS_MAX) return;
  }
}

/**
 * Server events before this time, and their attempts, have been dropped; undefined while none have.
 * An attempt of an event a little older may still be there, if it was made later.
 */
export async function findRetentionBoundary(pool: pg.Pool): Promise<Date | undefined> {
  const { rows } = await pool.query<{ boundary: Date | null }>({
    name: 'retention-boundary',
    text: `SELECT (max(day) + 1)::timestamptz AS boundary FROM hookline.maintenance_log
      WHERE action = 'dropped' AND parent = 'event_log_server'`,
  });
  return rows[0]?.boundary ?? undefined;
}
