import type pg from 'pg';
import {
  checkpointOf,
  LOGGED_COLUMNS,
  type LogCheckpoint,
  type LoggedRow,
  parseCheckpoint,
  toLoggedEvent,
} from './logged-event.ts';
import type { LogPage } from './read-log.ts';

/**
 * The events of aggregates after a checkpoint, at most `limit`, in the order of the log and without
 * gaps: as readLog(), of the partition of aggregates alone, so that servers' events cost nothing. A
 * short page means that there is no more for now.
 */
export async function readAggregates(
  pool: Pick<pg.Pool, 'query'>,
  { after, limit }: { readonly after: LogCheckpoint; readonly limit: number },
): Promise<LogPage> {
  const { rows } = await pool.query<LoggedRow, unknown[]>({
    name: 'read-aggregates',
    rowMode: 'array',
    text: `SELECT ${LOGGED_COLUMNS} FROM hookline.read_aggregates($1, $2::xid8, $3, $4)`,
    values: [...parseCheckpoint(after), limit],
  });
  const events = rows.map(toLoggedEvent);
  const last = events.at(-1);
  return { events, checkpoint: last === undefined ? after : checkpointOf(last) };
}
