import type { DispatchableEvent } from '@hookline/contracts';
import type pg from 'pg';
import { readEvents } from './read-events.ts';

export interface StaleQuery {
  /** Only rows at least this old, in milliseconds by Postgres's clock. */
  readonly olderThanMs: number;
  /** Only events recorded before this: the oldest message of EVENTS, since a backlog is not a loss. */
  readonly recordedBefore?: Date;
  readonly limit: number;
}

/**
 * Takes events that should have been settled by now and marks them as swept, oldest first. A row
 * comes again after `olderThanMs` if it is still there; two sweepers never get the same row.
 */
export async function takeStale(pool: pg.Pool, query: StaleQuery): Promise<DispatchableEvent[]> {
  const { rows } = await pool.query<{ event_id: string }>({
    name: 'take-stale',
    text: `UPDATE hookline.outbox SET swept_at = now() WHERE position IN (
        SELECT position FROM hookline.outbox
        WHERE recorded_at < now() - make_interval(secs => $1::float8 / 1000)
          AND ($2::timestamptz IS NULL OR recorded_at < $2)
          AND (swept_at IS NULL OR swept_at < now() - make_interval(secs => $1::float8 / 1000))
        ORDER BY position LIMIT $3 FOR UPDATE SKIP LOCKED)
      RETURNING event_id`,
    values: [query.olderThanMs, query.recordedBefore ?? null, query.limit],
  });
  const events = await readEvents(pool, { eventIds: rows.map((row) => row.event_id) });
  return [...events.values()].sort((a, b) => (a.event.position < b.event.position ? -1 : 1));
}

/** Which of these events are not settled yet. */
export async function findUnsettled(
  pool: pg.Pool,
  positions: readonly bigint[],
): Promise<Set<bigint>> {
  const { rows } = await pool.query<{ position: bigint }>({
    name: 'find-unsettled',
    text: 'SELECT position FROM hookline.outbox WHERE position = ANY($1::bigint[])',
    values: [positions],
  });
  return new Set(rows.map((row) => row.position));
}
