import { insertAttempts, settleWithAttempts, withPartitions } from '@hookline/event-log';
import type pg from 'pg';
import type { AttemptRecord } from '../domain/delivery.ts';
import type { DispatchRecord, Settlement } from '../domain/dispatch-record.ts';
import { recordColumns, toRow } from './record-columns.ts';

/** How many deliveries of the group became dead letters. */
export interface Recorded {
  readonly dead: number;
}

const RECORD = `
WITH settled AS (
  DELETE FROM hookline.outbox WHERE position = ANY($1::bigint[]) RETURNING position
), waiting AS (
  INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type,
    event_recorded_at, line, sequence, due_at, attempts_count, attempt_number, first_attempt_at, claimed_by, claim, claimed_at,
    ordered, held)
  SELECT w.delivery_id, w.subscription_id, w.tenant, w.event_id, w.event_type, w.event_recorded_at, w.line,
    w.sequence, w.due_at, w.attempts_count, w.attempt_number, w.first_attempt_at,
    CASE WHEN w.claimed THEN $2::text END, 1,
    CASE WHEN w.claimed THEN now() END, w.ordered, w.ordered
  FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[],
    $10::text[], $11::bigint[], $12::timestamptz[], $13::int[], $14::int[], $15::boolean[], $16::timestamptz[],
    $61::boolean[])
    AS w(position, delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at, line,
      sequence, due_at, attempts_count, attempt_number, claimed, first_attempt_at, ordered)
  JOIN settled s ON s.position = w.position
  ON CONFLICT (delivery_id) DO NOTHING
  RETURNING subscription_id, CASE WHEN claimed_by IS NULL AND NOT held THEN due_at END AS due_at
), finished AS (
  DELETE FROM hookline.schedule s
  USING unnest($17::text[], $18::bigint[], $59::boolean[], $63::boolean[])
    AS f(delivery_id, claim, cancelled, succeeded)
  WHERE s.delivery_id = ANY ($17::text[])
    AND s.delivery_id = f.delivery_id AND s.claimed_by IS NOT DISTINCT FROM $2 AND s.claim = f.claim
  RETURNING s.*, f.cancelled, f.succeeded
), cancelled AS (
  INSERT INTO hookline.cancelled_delivery (delivery_id, subscription_id, tenant, event_id, event_type,
    event_recorded_at, line, sequence, attempts_count, attempt_number)
  SELECT delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at, line, sequence,
    attempts_count, attempt_number FROM finished WHERE cancelled
  ON CONFLICT (delivery_id) DO NOTHING
), moved AS (
  UPDATE hookline.schedule s SET due_at = CASE WHEN m.blocked THEN 'infinity' ELSE m.due_at END,
    held = m.blocked, attempts_count = m.attempts_count,
    attempt_number = m.attempt_number, first_attempt_at = m.first_attempt_at, claimed_by = NULL, claimed_at = NULL
  FROM unnest($19::text[], $20::bigint[], $21::timestamptz[], $22::int[], $23::int[],
    $24::timestamptz[], $62::boolean[])
    AS m(delivery_id, claim, due_at, attempts_count, attempt_number, first_attempt_at, blocked)
  WHERE s.delivery_id = ANY ($19::text[])
    AND s.delivery_id = m.delivery_id AND s.claimed_by IS NOT DISTINCT FROM $2 AND s.claim = m.claim
  RETURNING s.subscription_id, CASE WHEN NOT s.held THEN s.due_at END AS due_at
), changes AS (
  SELECT subscription_id, sum(added) AS added, min(due_at) AS due_at FROM (
    SELECT subscription_id, 1 AS added, due_at FROM waiting
    UNION ALL SELECT subscription_id, -1, NULL FROM finished
    UNION ALL SELECT subscription_id, 0, due_at FROM moved) c
  GROUP BY subscription_id
), backlogs AS (
  INSERT INTO hookline.backlog AS b (subscription_id, next_due_at, waiting)
  SELECT subscription_id, due_at, added FROM changes ORDER BY subscription_id
  ON CONFLICT (subscription_id) DO UPDATE
    SET waiting = b.waiting + excluded.waiting, next_due_at = least(b.next_due_at, excluded.next_due_at)
), attempts AS (
  ${insertAttempts({ dispatcher: 2, first: 25, replays: 60 })}
), dead AS (
  INSERT INTO hookline.dead_letter (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
    line, sequence, attempts_count, cause, error, first_attempt_at)
  SELECT d.delivery_id, d.subscription_id, d.tenant, d.event_id, d.event_type, d.event_recorded_at, d.line,
    d.sequence, d.attempts_count, d.cause, d.error, d.first_attempt_at
  FROM unnest($46::bigint[], $47::text[], $48::text[], $49::text[], $50::text[], $51::text[], $52::timestamptz[],
    $53::text[], $54::bigint[], $55::int[], $56::text[], $57::text[], $58::timestamptz[])
    AS d(position, delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at, line, sequence,
      attempts_count, cause, error, first_attempt_at)
  WHERE d.position IN (SELECT position FROM settled) OR d.delivery_id IN (SELECT delivery_id FROM finished)
  ON CONFLICT (delivery_id) DO UPDATE SET attempts_count = excluded.attempts_count, cause = excluded.cause,
    error = excluded.error, died_at = now(), handled_at = NULL, state = 'open'
  RETURNING delivery_id
), delivered AS (
  UPDATE hookline.dead_letter d SET state = CASE WHEN f.succeeded THEN 'delivered' ELSE 'open' END FROM finished f
  WHERE d.delivery_id = f.delivery_id AND (f.succeeded AND d.state <> 'delivered'
    OR f.cancelled AND d.state = 'redriving')
), replayed AS (
  INSERT INTO hookline.replay_success AS r (replay_id, succeeded)
  SELECT replay_id, count(*) FROM finished WHERE succeeded AND replay_id IS NOT NULL
  GROUP BY replay_id ORDER BY replay_id
  ON CONFLICT (replay_id) DO UPDATE SET succeeded = r.succeeded + excluded.succeeded
)
SELECT count(*)::int AS dead FROM dead`;

/**
 * Puts attempts and what follows from them on record, in one statement and so one commit.
 *
 * Rows of the schedule are found by their ids as an array, and the claim is compared by IS NOT
 * DISTINCT FROM, which no index serves: a plan made while the schedule was short would else go by the
 * index of claims, row after row (15 ms a group instead of 2 with 1,000 claimed).
 *
 * Who finds the outbox row of an event gone settles nothing and writes its attempt rows only; a
 * claimed row changes only while the claim is still this dispatcher's. So a crash, a repeat of this
 * call or a second dispatcher with the same event never makes a delivery wait twice.
 */
export async function recordGroup(
  pool: pg.Pool,
  group: { readonly dispatcherId: string; readonly records: readonly DispatchRecord[] },
): Promise<Recorded> {
  if (group.records.every(isDone)) {
    await settleWithAttempts(pool, {
      dispatcherId: group.dispatcherId,
      positions: group.records.map((record) => record.event.position),
      attempts: group.records.flatMap((record) => record.attempts.map(toRow)),
    });
    return { dead: 0 };
  }
  const values = recordColumns(group);
  const { rows } = await withPartitions(pool, () =>
    pool.query<Recorded>({ name: 'record-group', text: RECORD, values }),
  );
  return rows[0] ?? { dead: 0 };
}

/** Whether nothing is left of the event but its attempts, all of which succeeded. */
export function isDone(record: DispatchRecord): record is Settlement {
  return (
    record.kind === 'settlement' &&
    record.waiting.length === 0 &&
    record.attempts.every(({ decision }) => decision.kind === 'succeeded')
  );
}

/** Which of these attempts are on record already, after a commit whose answer was lost. */
export async function findRecorded(
  pool: pg.Pool,
  attempts: readonly AttemptRecord[],
): Promise<Set<string>> {
  const { rows } = await pool.query<{ attempt_id: string }>(
    `SELECT attempt_id FROM hookline.attempt_log
     WHERE tenant = ANY($1::text[]) AND delivery_id = ANY($2::text[]) AND attempt_id = ANY($3::text[])
       AND recorded_at > now() - interval '1 hour'`,
    [
      [...new Set(attempts.map((attempt) => attempt.delivery.entry.event.tenant))],
      attempts.map((attempt) => attempt.delivery.id),
      attempts.map((attempt) => attempt.attemptId),
    ],
  );
  return new Set(rows.map((row) => row.attempt_id));
}
