import type pg from 'pg';
import {
  checkpointOf,
  LOGGED_COLUMNS,
  type LogCheckpoint,
  type LoggedEvent,
  type LoggedRow,
  parseCheckpoint,
  toLoggedEvent,
} from './logged-event.ts';

/** Rows of 650 bytes: about 1.3 MB a page. A half of it was a sixth slower. */
export const PAGE_EVENTS = 2000;

/** Some events of the log, in its order, and where to go on. */
export interface LogPage {
  readonly events: readonly LoggedEvent[];
  /** Of the last event; of the question, if there is none. */
  readonly checkpoint: LogCheckpoint;
}

/** After whatever there will ever be. */
const LOG_END = '2147483647:18446744073709551615:9223372036854775807' as LogCheckpoint;

/**
 * The events after a checkpoint, of all streams, in the order of the log: each stream's events in
 * theirs.
 *
 * The order is (log_epoch, transaction_id, position), and the end is the oldest transaction that
 * still runs, in any database of the cluster: whatever commits from now on comes after it. By
 * position alone, a row that commits late would be passed by for ever. Both bounds are comparisons
 * on the primary key, so a page is one stretch of its index, however long the log is.
 *
 * A short page (fewer than `limit`) means that there is no more for now. `upTo` ends it at a
 * checkpoint, which is included.
 */
export async function readLog(
  pool: Pick<pg.Pool, 'query'>,
  query: {
    readonly after: LogCheckpoint;
    readonly limit?: number;
    readonly upTo?: LogCheckpoint;
  },
): Promise<LogPage> {
  const { after, limit = PAGE_EVENTS, upTo = LOG_END } = query;
  const { rows } = await pool.query<LoggedRow, unknown[]>({
    name: 'read-log',
    rowMode: 'array',
    text: `SELECT ${LOGGED_COLUMNS} FROM hookline.read_log($1, $2::xid8, $3, $4, $5::xid8, $6, $7)`,
    values: [...parseCheckpoint(after), ...parseCheckpoint(upTo), limit],
  });
  const events = rows.map(toLoggedEvent);
  const last = events.at(-1);
  return { events, checkpoint: last === undefined ? after : checkpointOf(last) };
}

/** The events of one stream (an aggregate's, or a server's line) after a version, oldest first. */
export async function readStreamEvents(
  pool: Pick<pg.Pool, 'query'>,
  query: { readonly stream: string; readonly afterVersion?: bigint; readonly limit?: number },
): Promise<LoggedEvent[]> {
  const { rows } = await pool.query<LoggedRow, unknown[]>({
    name: 'read-stream-events',
    rowMode: 'array',
    text: `SELECT ${LOGGED_COLUMNS} FROM hookline.event_log
      WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3`,
    values: [query.stream, query.afterVersion ?? 0n, query.limit ?? PAGE_EVENTS],
  });
  return rows.map(toLoggedEvent);
}
