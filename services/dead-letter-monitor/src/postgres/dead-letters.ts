import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';
import type { DeadDelivery } from '../domain/disabling.ts';

/** The dead letters of one subscription that wait to be handled. */
export interface UnhandledGroup {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly deliveryIds: readonly string[];
}

/** The oldest unhandled dead letters by subscription, those of `except` left out. */
export async function findUnhandled(
  db: Kysely<HooklineSchema>,
  query: { readonly limit: number; readonly except: readonly string[] },
): Promise<UnhandledGroup[]> {
  const { rows } = await sql<{ tenant: string; subscription_id: string; delivery_ids: string[] }>`
    SELECT tenant, subscription_id, array_agg(delivery_id) AS delivery_ids
    FROM (SELECT tenant, subscription_id, delivery_id FROM hookline.dead_letter
      WHERE handled_at IS NULL AND subscription_id <> ALL(${[...query.except]}::text[])
      ORDER BY died_at LIMIT ${query.limit}) AS oldest
    GROUP BY tenant, subscription_id`.execute(db);
  return rows.map((row) => ({
    tenant: row.tenant,
    subscriptionId: row.subscription_id,
    deliveryIds: row.delivery_ids,
  }));
}

/**
 * Locks what is still unhandled of a group until the transaction ends. What another monitor has
 * locked is skipped: it is being handled there.
 */
export async function lockUnhandled(
  transaction: Kysely<HooklineSchema>,
  group: UnhandledGroup,
): Promise<DeadDelivery[]> {
  const rows = await transaction
    .selectFrom('hookline.dead_letter')
    .selectAll()
    .where('delivery_id', 'in', [...group.deliveryIds])
    .where('handled_at', 'is', null)
    .orderBy('delivery_id')
    .forUpdate()
    .skipLocked()
    .execute();
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    eventId: row.event_id,
    eventType: row.event_type,
    attemptsCount: row.attempts_count,
    cause: row.cause,
    error: row.error ?? undefined,
    firstAttemptAt: row.first_attempt_at ?? undefined,
    diedAt: row.died_at,
  }));
}

export async function markHandled(
  transaction: Kysely<HooklineSchema>,
  dead: readonly DeadDelivery[],
): Promise<void> {
  await transaction
    .updateTable('hookline.dead_letter')
    .set({ handled_at: sql<Date>`now()` })
    .where(
      'delivery_id',
      'in',
      dead.map(({ deliveryId }) => deliveryId),
    )
    .execute();
}
