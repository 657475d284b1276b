import { idTimeMs, lineOf } from '@hookline/contracts';
import type pg from 'pg';

/** Events of a server that one statement looks at. */
export const EVENTS_OF_SERVER_MAX = 200;

/** What follows `dlv_` or `evt_` and tells the time. */
const timeOf = (bound: string) => bound.slice(4, 14);

/**
 * The events of a server, newest first, whose deliveries may have ids from `from` on and before
 * `before`. Events of one millisecond are not torn apart, since ids tell no finer.
 */
export async function readEventsOfServer(
  pool: pg.Pool,
  query: {
    readonly tenant: string;
    readonly subject: string;
    readonly before: string;
    readonly from?: string;
  },
): Promise<{ readonly eventIds: readonly string[]; readonly isLast: boolean }> {
  const { tenant, subject, before, from = 'dlv_' } = query;
  const { rows } = await pool.query<{ readonly event_id: string }>({
    name: 'events-of-server',
    text: `SELECT event_id FROM hookline.event_log
      WHERE kind = 'server' AND stream = $1 AND event_id < $2 AND event_id >= $3
      ORDER BY event_id DESC LIMIT $4`,
    values: [
      lineOf(tenant, subject, ''),
      `evt_${timeOf(before)}~`,
      `evt_${timeOf(from)}`,
      EVENTS_OF_SERVER_MAX + 1,
    ],
  });
  const ids = rows.map((row) => row.event_id);
  if (ids.length <= EVENTS_OF_SERVER_MAX) return { eventIds: ids, isLast: true };
  const cut = idTimeMs(ids.at(-1) as string);
  const whole = ids.filter((id) => idTimeMs(id) > cut);
  return { eventIds: whole.length > 0 ? whole : ids, isLast: false };
}
