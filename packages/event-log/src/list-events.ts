import type { AcceptedEvent, EventExtensions } from '@hookline/contracts';
import { lineOf } from '@hookline/contracts';
import type pg from 'pg';

export interface EventsQuery {
  readonly tenant: string;
  readonly limit: number;
  /** Where the page before ended. */
  readonly before?: bigint;
  /** Regular expressions over types, any of which matches. */
  readonly typeExpressions?: readonly string[];
  readonly subject?: string;
  readonly source?: string;
  readonly statuses?: readonly string[];
  readonly phases?: readonly string[];
  /** Accepted at this time or later. */
  readonly from?: Date;
  /** Accepted before this time. */
  readonly to?: Date;
  readonly omitData?: boolean;
}

export interface EventsPage {
  /** The newest first. */
  readonly events: readonly AcceptedEvent[];
  /** Where the next page goes on; undefined when there is nothing more. */
  readonly next: bigint | undefined;
}

/** Payloads of one page, unless a single event has more. */
const PAGE_BYTES_MAX = 2 * 1024 * 1024;

/**
 * How many events a page looks at, in steps: a filter that matches often is done after the first, and
 * one that hardly ever matches ends its page, with a place to go on from, after the last. The largest
 * step takes some 100 ms.
 */
const SCAN_STEPS = [1_000, 9_000, 40_000];

const LAST = 2n ** 63n - 1n;

interface FoundRow {
  readonly at: bigint | null;
  readonly recorded_at: string;
  readonly bytes: number;
  readonly scanned: number;
  readonly scan_end: bigint | null;
}

/**
 * One page of a tenant's events. It reads one stretch of an index (by tenant, or by the line of a
 * server), within the partitions of the range of time, however long the log is.
 */
export async function listEvents(pool: pg.Pool, query: EventsQuery): Promise<EventsPage> {
  const found: FoundRow[] = [];
  let before: bigint | undefined = query.before ?? LAST;
  const steps = isFiltered(query) ? SCAN_STEPS : [query.limit + 1];
  for (const scan of steps) {
    const rows = await scanEvents(
      pool,
      { ...query, before, limit: query.limit + 1 - found.length },
      scan,
    );
    found.push(...rows.filter(({ at }) => at !== null));
    const [first] = rows;
    before =
      first !== undefined && first.scanned >= scan ? (first.scan_end ?? undefined) : undefined;
    if (before === undefined || found.length > query.limit) break;
  }
  const page = cut(found, query);
  const next = page.length < found.length ? page.at(-1)?.at : before;
  return { events: await readPage(pool, query, page), next: next ?? undefined };
}

function isFiltered({ typeExpressions, source, statuses, phases }: EventsQuery): boolean {
  return [typeExpressions, source, statuses, phases].some((part) => part !== undefined);
}

/** As many as were asked for, and no more payload than a page may have; at least one. */
function cut(found: readonly FoundRow[], { limit, omitData = false }: EventsQuery) {
  let bytes = 0;
  const end = found.findIndex((row, index) => {
    bytes += omitData ? 0 : row.bytes;
    return index >= limit || (index > 0 && bytes > PAGE_BYTES_MAX);
  });
  return end === -1 ? found : found.slice(0, end);
}

/** A server's events by their number, else the tenant's by their position: each has an index. */
function orderOf({ tenant, subject }: EventsQuery) {
  return subject === undefined
    ? { name: 'tenant', at: 'position', within: 'tenant = $1', key: tenant }
    : { name: 'line', at: 'version', within: 'stream = $1', key: lineOf(tenant, subject, '') };
}

async function scanEvents(pool: pg.Pool, query: EventsQuery, scan: number): Promise<FoundRow[]> {
  const { name, at, within, key } = orderOf(query);
  const { rows } = await pool.query<FoundRow>({
    name: `scan-events-of-${name}`,
    text: `WITH scanned AS MATERIALIZED (
        SELECT ${at} AS at, recorded_at, type, source, phase, status, octet_length(data) AS bytes
        FROM hookline.event_log
        WHERE kind = 'server' AND ${within} AND ${at} < $2 AND recorded_at >= $3 AND recorded_at < $4
        ORDER BY ${at} DESC LIMIT $5
      ), matching AS (
        SELECT at, recorded_at::text, bytes FROM scanned
        WHERE ($6::text[] IS NULL OR type ~ ANY($6)) AND ($7::text IS NULL OR source = $7)
          AND ($8::text[] IS NULL OR status = ANY($8)) AND ($9::text[] IS NULL OR phase = ANY($9))
        ORDER BY at DESC LIMIT $10
      )
      SELECT m.at, m.recorded_at, m.bytes, s.scanned, s.scan_end
      FROM (SELECT count(*)::integer AS scanned, min(at) AS scan_end FROM scanned) s
        LEFT JOIN matching m ON true ORDER BY m.at DESC`,
    values: [
      key,
      query.before,
      query.from ?? '-infinity',
      query.to ?? 'infinity',
      scan,
      query.typeExpressions ?? null,
      query.source ?? null,
      query.statuses ?? null,
      query.phases ?? null,
      query.limit,
    ],
  });
  return rows;
}

interface EventRow {
  readonly event_id: string;
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
}

async function readPage(
  pool: pg.Pool,
  query: EventsQuery,
  page: readonly FoundRow[],
): Promise<AcceptedEvent[]> {
  if (page.length === 0) return [];
  const { name, at, within, key } = orderOf(query);
  const { rows } = await pool.query<EventRow>({
    name: `read-events-of-${name}`,
    text: `SELECT e.event_id, e.position, e.source, e.type, e.time, e.recorded_at, e.subject, e.phase,
        e.status, e.version, e.extensions, CASE WHEN $4 THEN '' ELSE e.data END AS data
      FROM unnest($2::bigint[], $3::timestamptz[]) AS p (at, recorded_at)
        JOIN hookline.event_log e ON e.kind = 'server' AND e.recorded_at = p.recorded_at AND e.${at} = p.at
      WHERE e.${within} ORDER BY e.${at} DESC`,
    values: [
      key,
      page.map((row) => row.at),
      page.map((row) => row.recorded_at),
      query.omitData ?? false,
    ],
  });
  return rows.map((row) => toAcceptedEvent(query.tenant, row));
}

function toAcceptedEvent(tenant: string, row: EventRow): AcceptedEvent {
  const { event_id: id, position, source, type, time, phase, data } = row;
  return {
    id,
    tenant,
    position,
    source,
    type,
    time,
    recordedAt: row.recorded_at,
    ...(row.subject !== null && { subject: row.subject }),
    phase,
    ...(row.status !== null && { status: row.status }),
    sequence: row.version,
    extensions: JSON.parse(row.extensions) as EventExtensions,
    data,
  };
}
