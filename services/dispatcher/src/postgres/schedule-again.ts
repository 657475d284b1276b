import type { Statements } from '@hookline/event-log';

/** A delivery that is to be made again, whatever became of it. */
export interface Again {
  readonly deliveryId: string;
  readonly subscriptionId: string;
  readonly tenant: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly eventRecordedAt: Date;
  readonly line: string;
  readonly sequence: bigint;
  /** Attempts that count for the retry policy. */
  readonly attemptsCount: number;
  /** Attempts on record; the next one has the number after. */
  readonly attemptNumber: number;
}

const SCHEDULE = `
WITH added AS (
  INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
    line, sequence, attempts_count, attempt_number, due_at, replay_id, ordered, held)
  SELECT a.*, now(), $11::text, $12::boolean, $12::boolean
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[],
    $8::bigint[], $9::int[], $10::int[]) AS a
  ON CONFLICT (delivery_id) DO NOTHING
  RETURNING delivery_id, subscription_id
), backlogs AS (
  INSERT INTO hookline.backlog AS b (subscription_id, next_due_at, waiting)
  SELECT subscription_id, CASE WHEN NOT $12::boolean THEN now() END, count(*) FROM added
  GROUP BY subscription_id ORDER BY subscription_id
  ON CONFLICT (subscription_id) DO UPDATE
    SET waiting = b.waiting + excluded.waiting, next_due_at = least(b.next_due_at, excluded.next_due_at)
), redriven AS (
  UPDATE hookline.dead_letter d SET state = 'redriving', replay_id = coalesce($11::text, d.replay_id)
  FROM added a WHERE d.delivery_id = a.delivery_id
), revived AS (
  DELETE FROM hookline.cancelled_delivery c USING added a WHERE c.delivery_id = a.delivery_id
)
SELECT delivery_id FROM added`;

/**
 * Puts deliveries into the schedule again, due now or, of an ordered subscription, in the line of their
 * replay. One that waits there already stays as it is. Answers which were put there.
 */
export async function scheduleAgain(
  db: Statements,
  {
    deliveries,
    replayId,
    ordered,
  }: {
    readonly deliveries: readonly Again[];
    readonly replayId?: string;
    readonly ordered: boolean;
  },
): Promise<string[]> {
  if (deliveries.length === 0) return [];
  const { rows } = await db.query<{ readonly delivery_id: string }>({
    name: 'schedule-again',
    text: SCHEDULE,
    values: [
      deliveries.map((delivery) => delivery.deliveryId),
      deliveries.map((delivery) => delivery.subscriptionId),
      deliveries.map((delivery) => delivery.tenant),
      deliveries.map((delivery) => delivery.eventId),
      deliveries.map((delivery) => delivery.eventType),
      deliveries.map((delivery) => delivery.eventRecordedAt),
      deliveries.map((delivery) => delivery.line),
      deliveries.map((delivery) => delivery.sequence),
      deliveries.map((delivery) => delivery.attemptsCount),
      deliveries.map((delivery) => delivery.attemptNumber),
      replayId ?? null,
      ordered,
    ],
  });
  return rows.map((row) => row.delivery_id);
}
