import type pg from 'pg';
import type { Delivery } from '../domain/delivery.ts';

/** The claim under which a ping is in the schedule until its attempt is on record. */
export const PING_CLAIM = 1n;

/** Puts a ping into the schedule as this dispatcher's claim, so that it is known before it is sent. */
export async function scheduleClaimedPing(
  pool: pg.Pool,
  { delivery, dispatcherId }: { readonly delivery: Delivery; readonly dispatcherId: string },
): Promise<void> {
  const { event, line } = delivery.entry;
  await pool.query({
    name: 'schedule-ping',
    text: `WITH ping AS (
        INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type,
          event_recorded_at, line, sequence, due_at, attempts_count, attempt_number, claimed_by, claim, claimed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6, 0, 0, $9, $10, now())
        RETURNING subscription_id
      )
      INSERT INTO hookline.backlog AS b (subscription_id, waiting) SELECT subscription_id, 1 FROM ping
      ON CONFLICT (subscription_id) DO UPDATE SET waiting = b.waiting + 1`,
    values: [
      delivery.id,
      delivery.subscription.id,
      event.tenant,
      event.id,
      event.type,
      event.recordedAt,
      line,
      event.sequence,
      dispatcherId,
      PING_CLAIM,
    ],
  });
}
