import type pg from 'pg';
import { LOG_START, type LogCheckpoint } from './logged-event.ts';

/** A transaction may have begun, and so dated its rows, this long before it got its number. */
const TRANSACTION_MS_MAX = 5 * 60 * 1000;

interface Place {
  readonly transactionId: bigint;
  readonly recordedAtMs: number;
}

/**
 * A checkpoint before which no event was recorded at `time` or later: reading on from it gives
 * every event since, and those of some minutes before.
 *
 * There is no index on the time; transaction ids grow with it, so it is found by halving, in about
 * thirty look-ups of the primary key.
 */
export async function checkpointBefore(pool: pg.Pool, time: Date): Promise<LogCheckpoint> {
  const beforeMs = time.getTime() - TRANSACTION_MS_MAX;
  const { rows } = await pool.query<{ value: number }>('SELECT value FROM hookline.log_epoch');
  for (let epoch = rows[0]?.value ?? 0; epoch > 0; epoch--) {
    const first = await placeFrom(pool, epoch, 0n);
    if (first === undefined || first.recordedAtMs >= beforeMs) continue;
    const transactionId = await lastBefore(pool, { epoch, first, beforeMs });
    return `${epoch}:${transactionId}:0` as LogCheckpoint;
  }
  return LOG_START;
}

/** The end of the log as it is: reading on from it gives what is committed from now on. */
export async function checkpointAtEnd(pool: pg.Pool): Promise<LogCheckpoint> {
  const { rows } = await pool.query<{ checkpoint: LogCheckpoint }>(
    `SELECT value || ':' || pg_snapshot_xmin(pg_current_snapshot()) || ':0' AS checkpoint
     FROM hookline.log_epoch`,
  );
  return rows[0]?.checkpoint ?? LOG_START;
}

async function lastBefore(
  pool: pg.Pool,
  search: { readonly epoch: number; readonly first: Place; readonly beforeMs: number },
): Promise<bigint> {
  const { epoch, first, beforeMs } = search;
  let known = first.transactionId;
  const { rows } = await pool.query<{ transaction_id: string }>({
    name: 'last-of-epoch',
    text: `SELECT transaction_id FROM hookline.event_log WHERE log_epoch = $1
      ORDER BY log_epoch DESC, transaction_id DESC, position DESC LIMIT 1`,
    values: [epoch],
  });
  let end = BigInt(rows[0]?.transaction_id ?? known) + 1n;
  // All before `known` is too old, and from `end` on there is nothing that is.
  while (end - known > 1n) {
    const middle = (known + end) / 2n;
    const place = await placeFrom(pool, epoch, middle);
    if (place === undefined || place.recordedAtMs >= beforeMs) end = middle;
    else known = place.transactionId;
  }
  return known;
}

async function placeFrom(
  pool: pg.Pool,
  epoch: number,
  transactionId: bigint,
): Promise<Place | undefined> {
  const { rows } = await pool.query<{ transaction_id: string; recorded_at: Date }>({
    name: 'place-from-transaction',
    text: `SELECT transaction_id, recorded_at FROM hookline.event_log
      WHERE log_epoch = $1 AND transaction_id >= $2::xid8
      ORDER BY log_epoch, transaction_id, position LIMIT 1`,
    values: [epoch, transactionId],
  });
  const row = rows[0];
  return (
    row && { transactionId: BigInt(row.transaction_id), recordedAtMs: row.recorded_at.getTime() }
  );
}
