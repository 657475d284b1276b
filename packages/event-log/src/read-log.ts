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

/*
 * The order is (log_epoch, transaction_id, position), and the end is the oldest transaction that
 * still runs: whatever commits from now on comes after it. By position alone a row that commits
 * late would be passed by for ever. Both bounds are row comparisons on the primary key, so that a
 * page is one stretch of its index however long the log is and however long a transaction hangs.
 */
const BELOW_RUNNING = `(log_epoch, transaction_id) <
  ((SELECT value FROM hookline.log_epoch), pg_snapshot_xmin(pg_current_snapshot()))`;
const ORDER = 'ORDER BY log_epoch, transaction_id, position';
const PAGE = `SELECT ${LOGGED_COLUMNS} FROM hookline.event_log
  WHERE (log_epoch, transaction_id, position) > ($1::int, $2::xid8, $3::bigint) AND ${BELOW_RUNNING}`;
const PAGE_UP_TO = `${PAGE}
  AND (log_epoch, transaction_id, position) <= ($5::int, $6::xid8, $7::bigint)`;

/**
 * The events after a checkpoint, of all streams, in the order of the log: each stream's events in
 * theirs. Nothing that commits later comes before what is returned.
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
  const { after, limit = PAGE_EVENTS, upTo } = query;
  const { rows } = await pool.query<LoggedRow, unknown[]>({
    name: upTo === undefined ? 'read-log' : 'read-log-up-to',
    rowMode: 'array',
    text: `${upTo === undefined ? PAGE : PAGE_UP_TO} ${ORDER} LIMIT $4`,
    values: [
      ...parseCheckpoint(after),
      limit,
      ...(upTo === undefined ? [] : parseCheckpoint(upTo)),
    ],
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
