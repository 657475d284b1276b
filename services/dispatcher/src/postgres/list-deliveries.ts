import { idTimeMs } from '@hookline/contracts';
import type pg from 'pg';
import { idBound } from '../domain/id-bound.ts';
import { chooseSources, SOURCES } from './delivery-sources.ts';

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
const LOOKED_AT_MAX = 5_000;
const LOOKED_AT_FIRST = 200;

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
  const rows: DeliveryRow[] = [];
  let before = query.before ?? END;
  let lookAt = Math.max(LOOKED_AT_FIRST, query.limit + 1);
  for (let looked = 0; looked < LOOKED_AT_MAX; ) {
    const statement = listStatement({ ...query, before }, lookAt);
    const found = await pool.query<DeliveryRow & { readonly wanted: boolean }>(statement);
    for (const { wanted, ...row } of found.rows) {
      if (!wanted) continue;
      if (rows.length === query.limit) return { rows, next: rows.at(-1)?.delivery_id };
      rows.push(row);
    }
    const last = found.rows.at(-1);
    if (found.rows.length < lookAt || last === undefined) return { rows, next: undefined };
    before = last.delivery_id;
    looked += lookAt;
    lookAt = Math.min(2_000, LOOKED_AT_MAX - looked);
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

function listStatement(query: DeliveryQuery, lookAt: number): pg.QueryConfig {
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
  const sources = chooseSources(query).map((name) =>
    SOURCES[name](conditions.join(' AND '), limit),
  );
  const wanted = [
    ...(query.subject === undefined ? [] : [`d.subject = ${parameter(query.subject)}`]),
    ...(query.states === undefined ? [] : [`d.state = ANY(${parameter(query.states)}::text[])`]),
    ...(query.outcomes === undefined
      ? []
      : [`d.outcome = ANY(${parameter(query.outcomes)}::text[])`]),
    ...(query.typePatterns === undefined
      ? []
      : [`d.event_type ~ ANY(${parameter(query.typePatterns)}::text[])`]),
  ];
  return { text: textOf({ sources, tenant, limit, wanted }), values };
}

function textOf(parts: {
  readonly sources: readonly string[];
  readonly tenant: string;
  readonly limit: string;
  readonly wanted: readonly string[];
}): string {
  const { sources, tenant, limit, wanted } = parts;
  return `
WITH candidates AS MATERIALIZED (
  SELECT delivery_id, min(recorded_at) AS recorded_at FROM (${sources.join(' UNION ALL ')}) u
  GROUP BY delivery_id ORDER BY delivery_id DESC LIMIT ${limit}
), d AS (
  SELECT c.delivery_id, coalesce(a.subscription_id, s.subscription_id, x.subscription_id, l.subscription_id) AS subscription_id,
    coalesce(a.event_id, s.event_id, x.event_id, l.event_id) AS event_id,
    coalesce(a.event_type, s.event_type, x.event_type, l.event_type) AS event_type,
    CASE WHEN a.delivery_id IS NOT NULL THEN a.subject
      WHEN w.line LIKE ${tenant} || '/s/%' THEN substr(w.line, length(${tenant}) + 4) END AS subject,
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
  CROSS JOIN LATERAL (SELECT coalesce(s.line, x.line, l.line) AS line) w
)
SELECT delivery_id, subscription_id, event_id, event_type, subject, sequence, state, attempts_count,
  next_attempt_at, last_attempt_id, updated_at, ${wanted.length === 0 ? 'true' : `coalesce(${wanted.join(' AND ')}, false)`} AS wanted
FROM d ORDER BY delivery_id DESC`;
}
