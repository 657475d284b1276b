import type { Statements } from '@hookline/event-log';

export interface HeadToSkip {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly deliveryId: string;
  /** What is kept with the dead letter: who skipped it, and why. */
  readonly error: string;
}

/** `head` is the delivery that is at the head now, if any waits. */
export type Skipped =
  | { readonly kind: 'skipped'; readonly head: string | undefined }
  | { readonly kind: 'not_the_head' }
  | { readonly kind: 'under_way' };

interface LineRow {
  readonly line: string;
  readonly replay_id: string | null;
  readonly sequence: bigint;
  readonly claimed_by: string | null;
}

const FIND = `SELECT line, replay_id, sequence, claimed_by FROM hookline.schedule
WHERE delivery_id = $1 AND tenant = $2 AND subscription_id = $3 AND ordered FOR UPDATE`;

const HEAD = `SELECT delivery_id FROM hookline.schedule
WHERE ordered AND subscription_id = $1 AND line = $2 AND coalesce(replay_id, '') = $3
ORDER BY sequence LIMIT 1`;

const SKIP = `
WITH gone AS (
  DELETE FROM hookline.schedule WHERE delivery_id = $1 RETURNING *
), cancelled AS (
  INSERT INTO hookline.cancelled_delivery (delivery_id, subscription_id, tenant, event_id, event_type,
    event_recorded_at, line, sequence, attempts_count, attempt_number)
  SELECT delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at, line, sequence,
    attempts_count, attempt_number FROM gone
  ON CONFLICT (delivery_id) DO NOTHING
), dead AS (
  INSERT INTO hookline.dead_letter AS d (delivery_id, subscription_id, tenant, event_id, event_type,
    event_recorded_at, line, sequence, attempts_count, cause, error, first_attempt_at)
  SELECT delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at, line, sequence,
    attempts_count, 'skipped', $2, first_attempt_at FROM gone
  ON CONFLICT (delivery_id) DO UPDATE SET cause = excluded.cause, error = excluded.error,
    attempts_count = excluded.attempts_count, died_at = now(), handled_at = NULL, state = 'open'
)
UPDATE hookline.backlog b SET waiting = b.waiting - 1 FROM gone g WHERE b.subscription_id = g.subscription_id`;

/**
 * Gives up the delivery at the head of its line: a dead letter of cause `skipped`. What comes next is
 * promoted as after any other end. One whose attempt is under way is not skipped, since the next could
 * overtake it on the wire. In the caller's transaction.
 */
export async function skipHead(transaction: Statements, request: HeadToSkip): Promise<Skipped> {
  const { tenant, subscriptionId, deliveryId, error } = request;
  const found = await transaction.query<LineRow>({
    name: 'find-head',
    text: FIND,
    values: [deliveryId, tenant, subscriptionId],
  });
  const [row] = found.rows;
  if (row === undefined) return { kind: 'not_the_head' };
  const head = async () => {
    const { rows } = await transaction.query<{ readonly delivery_id: string }>({
      name: 'head-of-line',
      text: HEAD,
      values: [subscriptionId, row.line, row.replay_id ?? ''],
    });
    return rows[0]?.delivery_id;
  };
  if ((await head()) !== deliveryId) return { kind: 'not_the_head' };
  if (row.claimed_by !== null) return { kind: 'under_way' };
  await transaction.query({ name: 'skip-head', text: SKIP, values: [deliveryId, error] });
  return { kind: 'skipped', head: await head() };
}
