import { subjectOfLine } from '@hookline/contracts';
import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { DeadDelivery } from '../domain/disabling.ts';

/** A subscription of which dead letters wait to be handled. */
export interface UnhandledGroup {
  readonly tenant: string;
  /** Empty for events that expired before they were matched with any. */
  readonly subscriptionId: string;
}

/** The subscriptions of the oldest unhandled dead letters, those of `except` left out. */
export async function findUnhandled(
  db: Kysely<HooklineSchema>,
  query: { readonly limit: number; readonly except: readonly string[] },
): Promise<UnhandledGroup[]> {
  const { rows } = await sql<{ tenant: string; subscription_id: string }>`
    SELECT DISTINCT tenant, subscription_id
    FROM (SELECT tenant, subscription_id FROM hookline.dead_letter
      WHERE handled_at IS NULL AND subscription_id <> ALL(${[...query.except]}::text[])
      ORDER BY died_at LIMIT ${query.limit}) AS oldest
    ORDER BY tenant, subscription_id`.execute(db);
  return rows.map((row) => ({ tenant: row.tenant, subscriptionId: row.subscription_id }));
}

/**
 * Locks the oldest unhandled dead letters of a subscription until the transaction ends. What another
 * monitor has locked is skipped: it is being handled there.
 */
export async function lockUnhandled(
  transaction: Kysely<HooklineSchema>,
  { tenant, subscriptionId, limit }: UnhandledGroup & { readonly limit: number },
): Promise<DeadDelivery[]> {
  const rows = await transaction
    .selectFrom('hookline.dead_letter')
    .selectAll()
    .where('subscription_id', '=', subscriptionId)
    .where('tenant', '=', tenant)
    .where('handled_at', 'is', null)
    .orderBy('died_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    eventId: row.event_id,
    eventType: row.event_type,
    eventRecordedAt: row.event_recorded_at,
    subject: subjectOfLine(row.tenant, row.line),
    attemptsCount: row.attempts_count,
    cause: row.cause,
    error: row.error ?? undefined,
    firstAttemptAt: row.first_attempt_at ?? undefined,
    diedAt: row.died_at,
  }));
}

/** Notes that dead letters have been counted in an incident, or in none. */
export async function markHandled(
  transaction: Kysely<HooklineSchema>,
  dead: readonly DeadDelivery[],
  incidentId: string | undefined,
): Promise<void> {
  await sql`UPDATE hookline.dead_letter SET handled_at = now(), incident_id = ${incidentId ?? null}
    WHERE delivery_id = ANY(${dead.map(({ deliveryId }) => deliveryId)}::text[])`.execute(
    transaction,
  );
}
