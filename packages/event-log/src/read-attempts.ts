import type { Kysely, Selectable } from 'kysely';
import type { AttemptLogTable, HooklineSchema } from './schema.ts';

/** One HTTP request of a delivery, as the log has it. */
export type AttemptRow = Selectable<AttemptLogTable>;

/** The latest attempts of a tenant, or of one of its subscriptions, newest first. */
export async function listLatestAttempts(
  db: Kysely<HooklineSchema>,
  query: {
    readonly tenant: string;
    readonly subscriptionId?: string;
    readonly limit: number;
  },
): Promise<AttemptRow[]> {
  let rows = db.selectFrom('hookline.attempt_log').selectAll().where('tenant', '=', query.tenant);
  if (query.subscriptionId !== undefined) {
    rows = rows.where('subscription_id', '=', query.subscriptionId);
  }
  return await rows.orderBy('recorded_at', 'desc').limit(query.limit).execute();
}

/** Every attempt of one delivery, in order. */
export async function listAttemptsOfDelivery(
  db: Kysely<HooklineSchema>,
  query: { readonly tenant: string; readonly deliveryId: string },
): Promise<AttemptRow[]> {
  return await db
    .selectFrom('hookline.attempt_log')
    .selectAll()
    .where('tenant', '=', query.tenant)
    .where('delivery_id', '=', query.deliveryId)
    .orderBy('number')
    .orderBy('started_at')
    .execute();
}

/** Attempts by their ids, within a tenant's deliveries. */
export async function listAttemptsById(
  db: Kysely<HooklineSchema>,
  query: {
    readonly tenant: string;
    readonly deliveryIds: readonly string[];
    readonly attemptIds: readonly string[];
  },
): Promise<AttemptRow[]> {
  if (query.attemptIds.length === 0) return [];
  return await db
    .selectFrom('hookline.attempt_log')
    .selectAll()
    .where('tenant', '=', query.tenant)
    .where('delivery_id', 'in', query.deliveryIds)
    .where('attempt_id', 'in', query.attemptIds)
    .execute();
}
