import type pg from 'pg';

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

const LIST = `
WITH attempted AS (
  SELECT DISTINCT ON (a.delivery_id) a.delivery_id, a.subscription_id, a.event_id, a.event_type, a.subject,
    a.sequence, a.delivery_state, a.number, a.next_attempt_at, a.attempt_id, a.outcome, a.recorded_at
  FROM hookline.attempt_log a
  WHERE a.tenant = $1 AND a.delivery_id < $2 AND a.delivery_id >= $3
    AND ($4::text IS NULL OR a.subscription_id = $4)
    AND ($5::text IS NULL OR a.event_id = $5)
    AND ($6::text IS NULL OR a.delivery_id = $6)
  ORDER BY a.delivery_id DESC, a.number DESC
), merged AS (
  SELECT a.delivery_id, a.subscription_id, a.event_id, a.event_type, a.subject, a.sequence,
    CASE WHEN s.delivery_id IS NULL THEN CASE WHEN a.delivery_state = 'scheduled' AND EXISTS (
        SELECT FROM hookline.dead_letter d WHERE d.delivery_id = a.delivery_id AND d.cause = 'expired')
      THEN 'expired' WHEN a.delivery_state = 'scheduled' AND EXISTS (
        SELECT FROM hookline.cancelled_delivery c WHERE c.delivery_id = a.delivery_id)
      THEN 'cancelled' ELSE a.delivery_state END WHEN s.claimed_by IS NULL THEN 'scheduled' ELSE 'pending' END AS state,
    a.number AS attempts_count, coalesce(s.due_at, a.next_attempt_at) AS next_attempt_at,
    a.attempt_id AS last_attempt_id, a.outcome, a.recorded_at AS updated_at
  FROM attempted a LEFT JOIN hookline.schedule s ON s.delivery_id = a.delivery_id
  UNION ALL
  SELECT s.delivery_id, s.subscription_id, s.event_id, s.event_type,
    CASE WHEN s.line LIKE s.tenant || '/s/%' THEN substr(s.line, length(s.tenant) + 4) END, s.sequence,
    CASE WHEN s.claimed_by IS NULL THEN 'scheduled' ELSE 'pending' END, 0, s.due_at, NULL, NULL, s.created_at
  FROM hookline.schedule s
  WHERE s.attempt_number = 0 AND s.tenant = $1 AND s.delivery_id < $2 AND s.delivery_id >= $3
    AND ($4::text IS NULL OR s.subscription_id = $4)
    AND ($5::text IS NULL OR s.event_id = $5)
    AND ($6::text IS NULL OR s.delivery_id = $6)
  UNION ALL
  SELECT c.delivery_id, c.subscription_id, c.event_id, c.event_type,
    CASE WHEN c.line LIKE c.tenant || '/s/%' THEN substr(c.line, length(c.tenant) + 4) END, c.sequence,
    'cancelled', 0, NULL, NULL, NULL, c.cancelled_at
  FROM hookline.cancelled_delivery c
  WHERE c.attempt_number = 0 AND c.tenant = $1 AND c.delivery_id < $2 AND c.delivery_id >= $3
    AND ($4::text IS NULL OR c.subscription_id = $4)
    AND ($5::text IS NULL OR c.event_id = $5)
    AND ($6::text IS NULL OR c.delivery_id = $6)
)
SELECT delivery_id, subscription_id, event_id, event_type, subject, sequence, state, attempts_count,
  CASE WHEN state IN ('scheduled', 'pending') THEN next_attempt_at END AS next_attempt_at, last_attempt_id, updated_at
FROM merged
WHERE ($7::text IS NULL OR subject = $7)
  AND ($8::text[] IS NULL OR state = ANY($8))
  AND ($9::text[] IS NULL OR outcome = ANY($9))
  AND ($10::text[] IS NULL OR event_type ~ ANY($10))
ORDER BY delivery_id DESC LIMIT $11`;

/** One page of a tenant's deliveries, the newest events first. */
export async function listDeliveries(pool: pg.Pool, query: DeliveryQuery): Promise<DeliveryRow[]> {
  const { rows } = await pool.query<DeliveryRow>({
    name: 'list-deliveries',
    text: LIST,
    values: [
      query.tenant,
      query.before ?? 'dlv_~',
      query.from ?? '',
      query.subscriptionId ?? null,
      query.eventId ?? null,
      query.deliveryId ?? null,
      query.subject ?? null,
      query.states ?? null,
      query.outcomes ?? null,
      query.typePatterns ?? null,
      query.limit,
    ],
  });
  return rows;
}
