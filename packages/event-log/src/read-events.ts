import type { DispatchableEvent, EventExtensions } from '@hookline/contracts';
import { idTimeMs } from '@hookline/contracts';
import type pg from 'pg';

/** How far the clock that made an event's id may be from Postgres's, for finding its partition. */
const CLOCK_TOLERANCE_MS = 24 * 60 * 60 * 1000;

interface EventRow {
  readonly event_id: string;
  readonly tenant: string;
  readonly position: bigint;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly recorded_at: Date;
  readonly subject: string | null;
  readonly phase: 'pre' | 'post';
  readonly status: 'success' | 'fail' | null;
  readonly version: bigint;
  readonly extensions: string;
  readonly data: string;
  readonly stream: string;
  readonly subscription_epoch: bigint | null;
}

const COLUMNS = `e.event_id, e.tenant, e.position, e.source, e.type, e.time, e.recorded_at, e.subject,
  e.phase, e.status, e.version, e.extensions, e.data, e.stream`;

/**
 * Reads server events by their ids, at most a few hundred at a time. An event whose partition has
 * been dropped, or that never was, is missing from the answer.
 *
 * `subscriptionEpoch` is that of the outbox row, and 0 once the event is settled.
 */
export async function readEvents(
  pool: pg.Pool,
  query: { readonly eventIds: readonly string[]; readonly tenant?: string },
): Promise<Map<string, DispatchableEvent>> {
  if (query.eventIds.length === 0) return new Map();
  const times = query.eventIds.map(idTimeMs);
  const { rows } = await pool.query<EventRow>({
    name: 'read-events-by-id',
    text: `SELECT ${COLUMNS}, o.subscription_epoch
      FROM hookline.event_log e LEFT JOIN hookline.outbox o ON o.position = e.position
      WHERE e.kind = 'server' AND e.event_id = ANY($1::text[]) AND e.recorded_at >= $2 AND e.recorded_at < $3
        AND ($4::text IS NULL OR e.tenant = $4)`,
    values: [
      query.eventIds,
      new Date(Math.min(...times) - CLOCK_TOLERANCE_MS),
      new Date(Math.max(...times) + CLOCK_TOLERANCE_MS),
      query.tenant ?? null,
    ],
  });
  return new Map(rows.map((row) => [row.event_id, toDispatchable(row)]));
}

function toDispatchable(row: EventRow): DispatchableEvent {
  return {
    event: {
      id: row.event_id,
      tenant: row.tenant,
      position: row.position,
      source: row.source,
      type: row.type,
      time: row.time,
      recordedAt: row.recorded_at,
      ...(row.subject !== null && { subject: row.subject }),
      phase: row.phase,
      ...(row.status !== null && { status: row.status }),
      sequence: row.version,
      extensions: JSON.parse(row.extensions) as EventExtensions,
      data: row.data,
    },
    subscriptionEpoch: Number(row.subscription_epoch ?? 0n),
    line: row.stream,
  };
}
