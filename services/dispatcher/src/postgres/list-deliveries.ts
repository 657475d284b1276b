import { idTimeMs } from '@hookline/contracts';
import type pg from 'pg';
import { idBound } from '../domain/id-bound.ts';
import { chooseSources, eachEvent, SOURCES } from './delivery-sources.ts';
import { EVENTS_OF_SERVER_MAX, readEventsOfServer } from './events-of-server.ts';

/** A delivery as its last attempt and its row in the schedule, if any, show it. */
export interface DeliveryRow {
  readonly delivery_id: string;
  readonly subscription_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly subject: string | null;
  readonly sequence: bigint;
  readonly state: string;
  readonly attempts_count: number;
  readonly next_attempt_at: Date | null;
  readonly last_attempt_id: string | null;
  readonly updated_at: Date;
}

export interface DeliveryQuery {
  readonly tenant: string;
  readonly limit: number;
  /** Only deliveries whose id sorts below this one: ids sort by the time of their event. */
  readonly before?: string;
  /** Only deliveries whose id sorts at or above this one. */
  readonly from?: string;
  readonly subscriptionId?: string;
  readonly eventId?: string;
  readonly deliveryId?: string;
  readonly subject?: string;
  readonly states?: readonly string[];
  readonly outcomes?: readonly string[];
  /** Regular expressions over event types, any of which matches. */
  readonly typePatterns?: readonly string[];
}

export interface DeliveryPage {
  readonly rows: readonly DeliveryRow[];
  /** Where the next page begins, as `before`; undefined on the last one. */
  readonly next: string | undefined;
}

/** Deliveries looked at for one page. A page may hold fewer than asked for, and there are more. */
const LOOKED_AT_MAX = 2_000;
/** Of the events of a server that one statement looks at. */
const DELIVERIES_OF_EVENTS_MAX = 100_000;

/** A row, with how many candidates there were and which was the last; without one, there was none. */
type FoundRow = (DeliveryRow | { readonly delivery_id: null }) & {
  readonly looked: number;
  readonly last: string | null;
};

/** After every id. */
const END = 'dlv_~';

/**
 * One page of a tenant's deliveries, the newest events first.
 *
 * Candidates come in order from the indexes of those tables that can hold what is asked for; what
 * those cannot tell (types, servers) is tried on each, up to a bound, so that a page costs the same
 * however many millions there are.
 */
export async function listDeliveries(pool: pg.Pool, query: DeliveryQuery): Promise<DeliveryPage> {
  const { subject, eventId, deliveryId } = query;
  if (subject !== undefined && eventId === undefined && deliveryId === undefined) {
    return await listOfServer(pool, { ...query, subject });
  }
  const rows: DeliveryRow[] = [];
  let before = query.before ?? END;
  let lookAt = query.limit + 1;
  for (let looked = 0; looked < LOOKED_AT_MAX; ) {
    const statement = listStatement({ ...query, before }, lookAt);
    const found = await pool.query<FoundRow>(statement);
    for (const { looked: _, last: __, ...row } of found.rows) {
      if (row.delivery_id === null) continue;
      if (rows.length === query.limit) return { rows, next: rows.at(-1)?.delivery_id };
      rows.push(row);
    }
    const [first] = found.rows;
    if (first === undefined || first.last === null || first.looked < lookAt) {
      return { rows, next: undefined };
    }
    before = first.last;
    looked += lookAt;
    lookAt = Math.min(LOOKED_AT_MAX - looked, 4 * lookAt);
  }
  return { rows, next: before };
}

/** A page of one server's deliveries, by way of its events: among millions of others they would not be found. */
async function listOfServer(
  pool: pg.Pool,
  query: DeliveryQuery & { readonly subject: string },
): Promise<DeliveryPage> {
  const rows: DeliveryRow[] = [];
  let before = query.before ?? END;
  for (let looked = 0; looked < LOOKED_AT_MAX; looked += EVENTS_OF_SERVER_MAX) {
    const events = await readEventsOfServer(pool, { ...query, before });
    const last = events.eventIds.at(-1);
    if (last === undefined) return { rows, next: undefined };
    const statement = listStatement({ ...query, before, ...events }, DELIVERIES_OF_EVENTS_MAX);
    const found = await pool.query<FoundRow>(statement);
    for (const { looked: _, last: __, ...row } of found.rows) {
      if (row.delivery_id === null) continue;
      if (rows.length === query.limit) return { rows, next: rows.at(-1)?.delivery_id };
      rows.push(row);
    }
    if (events.isLast) return { rows, next: undefined };
    before = idBound('dlv', idTimeMs(last));
  }
  return { rows, next: before };
}

/** One delivery; undefined when the tenant has none of this id. */
export async function findDelivery(
  pool: pg.Pool,
  { tenant, deliveryId }: { readonly tenant: string; readonly deliveryId: string },
): Promise<DeliveryRow | undefined> {
  const { rows } = await listDeliveries(pool, { tenant, deliveryId, limit: 1 });
  return rows[0];
}

function listStatement(
  query: DeliveryQuery & { readonly eventIds?: readonly string[] },
  lookAt: number,
): pg.QueryConfig {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const tenant = parameter(query.tenant);
  const limit = parameter(lookAt);
  const conditions = [
    `t.tenant = ${tenant}`,
    `t.delivery_id < ${parameter(query.before ?? END)}`,
    `t.delivery_id >= ${parameter(query.from ?? '')}`,
    ...only('t.subscription_id', query.subscriptionId),
    ...only('t.delivery_id', query.deliveryId),
    ...ofEvent(query.eventId),
  ];
  function only(column: string, value: string | undefined): string[] {
    return value === undefined ? [] : [`${column} = ${parameter(value)}`];
  }
  /** The id of a delivery begins with the time of its event, to the millisecond. */
  function ofEvent(eventId: string | undefined): string[] {
    if (eventId === undefined) return [];
    const bound = idBound('dlv', idTimeMs(eventId));
    return [
      `t.event_id = ${parameter(eventId)}`,
      `t.delivery_id >= ${parameter(bound)}`,
      `t.delivery_id < ${parameter(`${bound}~`)}`,
    ];
  }
  const { eventIds } = query;
  const each =
    eventIds &&
    eachEvent([parameter(eventIds), parameter(eventIds.map((id) => idBound('dlv', idTimeMs(id))))]);
  if (each !== undefined) conditions.push(each.condition);
  const sources = chooseSources(query).map((name) => {
    const source = SOURCES[name](conditions.join(' AND '), limit);
    return each === undefined ? source : each.wrap(source);
  });
  const chosen = [
    ...only('c.subject', query.subject),
    ...anyOf('c.event_type ~', query.typePatterns),
  ];
  const wanted = [...anyOf('d.state =', query.states), ...anyOf('d.outcome =', query.outcomes)];
  function anyOf(comparison: string, list: readonly string[] | undefined): string[] {
    return list === undefined ? [] : [`${comparison} ANY(${parameter(list)}::text[])`];
  }
  return { text: textOf({ sources, tenant, limit, chosen, wanted }), values };
}

function textOf(parts: {
  readonly sources: readonly string[];
  readonly tenant: string;
  readonly limit: string;
  readonly chosen: readonly string[];
  readonly wanted: readonly string[];
}): string {
  const { sources, tenant, limit } = parts;
  const all = (conditions: readonly string[]) => ['true', ...conditions].join(' AND ');
  return `
WITH candidates AS MATERIALIZED (
  SELECT delivery_id, min(recorded_at) AS recorded_at, min(event_type) AS event_type, min(subject) AS subject FROM (${sources.join(' UNION ALL ')}) u
  GROUP BY delivery_id ORDER BY delivery_id DESC LIMIT ${limit}
), d AS (
  SELECT c.delivery_id, coalesce(a.subscription_id, s.subscription_id, x.subscription_id, l.subscription_id) AS subscription_id,
    coalesce(a.event_id, s.event_id, x.event_id, l.event_id) AS event_id,
    c.event_type,
    c.subject,
    coalesce(a.sequence, s.sequence, x.sequence, l.sequence) AS sequence,
    CASE WHEN s.delivery_id IS NOT NULL THEN
        CASE WHEN s.claimed_by IS NOT NULL AND s.attempt_number = 0 THEN 'pending' ELSE 'scheduled' END
      WHEN a.delivery_state <> 'scheduled' THEN a.delivery_state
      WHEN l.cause = 'expired' THEN 'expired'
      WHEN x.delivery_id IS NOT NULL OR l.cause = 'skipped' THEN 'cancelled'
      WHEN l.delivery_id IS NOT NULL THEN 'dead'
      ELSE a.delivery_state END AS state,
    coalesce(a.number, 0) AS attempts_count,
    CASE WHEN s.held OR b.blocked_until = 'infinity' THEN NULL
      ELSE greatest(s.due_at, b.blocked_until) END AS next_attempt_at,
    a.attempt_id AS last_attempt_id, a.outcome,
    greatest(a.recorded_at, s.created_at, x.cancelled_at, CASE WHEN l.state <> 'delivered' THEN l.died_at END) AS updated_at
  FROM candidates c
  LEFT JOIN LATERAL (
    SELECT * FROM hookline.attempt_log a
    WHERE a.tenant = ${tenant} AND a.delivery_id = c.delivery_id AND a.recorded_at >= c.recorded_at - interval '1 hour'
    ORDER BY a.number DESC LIMIT 1) a ON true
  LEFT JOIN hookline.schedule s ON s.delivery_id = c.delivery_id
  LEFT JOIN hookline.cancelled_delivery x ON x.delivery_id = c.delivery_id
  LEFT JOIN hookline.dead_letter l ON l.delivery_id = c.delivery_id
  LEFT JOIN hookline.backlog b ON b.subscription_id = s.subscription_id
  WHERE ${all(parts.chosen)}
)
SELECT r.looked, r.last, d.delivery_id, d.subscription_id, d.event_id, d.event_type, d.subject, d.sequence, d.state,
  d.attempts_count, d.next_attempt_at, d.last_attempt_id, d.updated_at
FROM (SELECT count(*)::int AS looked, min(delivery_id) AS last FROM candidates) r LEFT JOIN d ON ${all(parts.wanted)}
ORDER BY d.delivery_id DESC`;
}
