import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

/** How far the clock of a dispatcher may be behind Postgres's; only `recorded_at` has an index. */
const CLOCK_TOLERANCE = '1 minute';

/** Whether another delivery to the subscription succeeded in an attempt begun since then. */
export async function hasSucceededSince(
  db: Kysely<HooklineSchema>,
  query: {
    readonly subscriptionId: string;
    readonly exceptDeliveryId: string;
    readonly since: Date;
  },
): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    SELECT EXISTS (SELECT FROM hookline.attempt_log
      WHERE subscription_id = ${query.subscriptionId}
        AND recorded_at >= ${query.since}::timestamptz - ${CLOCK_TOLERANCE}::interval
        AND started_at >= ${query.since} AND outcome = 'succeeded'
        AND delivery_id <> ${query.exceptDeliveryId}) AS found`.execute(db);
  return rows[0]?.found === true;
}

/**
 * Whether the first failed attempt after the last success was at `since` or before.
 *
 * That is so if the last attempt up to then failed and none succeeded afterwards; put this way, the
 * usual answer, no, takes one step in the index, and no run of failures is counted.
 */
export async function isFailingSince(
  db: Kysely<HooklineSchema>,
  query: { readonly subscriptionId: string; readonly since: Date },
): Promise<boolean> {
  const before = await sql<{ outcome: string }>`
    SELECT outcome FROM hookline.attempt_log
    WHERE subscription_id = ${query.subscriptionId} AND recorded_at <= ${query.since}
    ORDER BY recorded_at DESC LIMIT 1`.execute(db);
  const last = before.rows[0];
  if (last === undefined || last.outcome === 'succeeded') return false;
  const after = await sql<{ found: boolean }>`
    SELECT EXISTS (SELECT FROM hookline.attempt_log
      WHERE subscription_id = ${query.subscriptionId} AND recorded_at > ${query.since}
        AND outcome = 'succeeded') AS found`.execute(db);
  return after.rows[0]?.found !== true;
}
