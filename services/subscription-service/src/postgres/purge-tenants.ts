import { DomainError } from '@hookline/contracts';
import type { SubscriptionStore } from '@hookline/subscriptions';
import { sql } from 'kysely';
import type { Act, Administration } from './act.ts';
import type { ApiKeyRow } from './api-key-rows.ts';
import type { ApiKeyStore } from './api-key-store.ts';

export interface PurgeParts {
  readonly administration: Administration;
  readonly subscriptions: Pick<SubscriptionStore, 'delete'>;
  readonly apiKeys: ApiKeyStore;
  /** Revokes the agents of a tenant, and has their connections closed. */
  readonly revokeAgents: (tenant: string, act: Act) => Promise<void>;
  /** Subscriptions of a tenant have ended. */
  readonly onSubscriptionsEnded: () => void;
  /** Nothing of a tenant can be read any more. */
  readonly onPurged: (tenant: string) => void;
}

/** Subscriptions and keys are taken away this many at a time: a stop waits for no more. */
const BATCH = 100;
const AT_ONCE = 8;
const act: Act = {
  actor: 'system:subscription-service',
  remoteAddress: '',
  reason: 'its tenant was deleted',
};

/**
 * Takes away what deleted tenants have: their subscriptions end, keys and agent credentials are
 * revoked, each on record; last the tenant's key goes, and with it what is secret and personal in
 * its events. A crash in between leaves the rest for the next run.
 */
export async function purgeDeletedTenants(parts: PurgeParts, signal: AbortSignal): Promise<void> {
  const { kysely } = parts.administration.database;
  const rows = await kysely
    .selectFrom('hookline.tenant')
    .select('name')
    .where('deleted_at', 'is not', null)
    .where('purged_at', 'is', null)
    .orderBy('deleted_at')
    .limit(BATCH)
    .execute();
  const failures: unknown[] = [];
  for (const { name } of rows) {
    if (signal.aborted) return;
    await purgeTenant(parts, name, signal).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

async function purgeTenant(parts: PurgeParts, name: string, signal: AbortSignal): Promise<void> {
  await parts.administration.sealer.ready([name]);
  await endSubscriptions(parts, name, signal);
  await revokeKeys(parts, name, signal);
  if (!signal.aborted) await parts.revokeAgents(name, act);
  if (signal.aborted) return;
  await shred(parts.administration, name);
  parts.onPurged(name);
}

async function endSubscriptions(
  { administration, subscriptions, onSubscriptionsEnded }: PurgeParts,
  tenant: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const rows = await administration.database.kysely
      .selectFrom('hookline.subscription')
      .select('subscription_id')
      .where('tenant', '=', tenant)
      .where('state', '<>', 'deleted')
      .limit(BATCH)
      .execute();
    if (rows.length === 0) return;
    await inTurns(rows, ({ subscription_id: subscriptionId }) =>
      subscriptions.delete({ tenant, subscriptionId, actor: act.actor }).catch(ignoreNotFound),
    );
    onSubscriptionsEnded();
  }
}

async function revokeKeys(
  { administration, apiKeys }: PurgeParts,
  tenant: string,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await sql<ApiKeyRow>`
      SELECT * FROM hookline.api_key WHERE tenant = ${tenant} AND revoked_at IS NULL
      LIMIT ${BATCH}`.execute(administration.database.kysely);
    if (rows.length === 0) return;
    await inTurns(rows, (row) => apiKeys.revokeOfDeletedTenant(row, act));
  }
}

/** Everything in one transaction: the key is gone together with what was not sealed under it. */
async function shred({ database, sealer }: Administration, tenant: string): Promise<void> {
  await database.kysely.transaction().execute(async (transaction) => {
    const statements = [
      sql`DELETE FROM hookline.request WHERE tenant = ${tenant}`,
      sql`DELETE FROM hookline.notification WHERE tenant = ${tenant}`,
      sql`DELETE FROM hookline.incident WHERE tenant = ${tenant}`,
      sql`UPDATE hookline.api_key SET name = '' WHERE tenant = ${tenant}`,
      sql`UPDATE hookline.agent_credential SET description = '' WHERE tenant = ${tenant}`,
      sql`UPDATE hookline.tenant SET purged_at = now(), updated_at = now(), contacts = '{}',
        control_name = '', control_domain = '', control_support_link = '' WHERE name = ${tenant}`,
      sql`DELETE FROM hookline.tenant_key WHERE tenant = ${tenant}`,
    ];
    for (const statement of statements) await statement.execute(transaction);
  });
  sealer.forget(tenant);
}

async function inTurns<T>(items: readonly T[], run: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  const turn = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await run(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof DomainError && error.code === 'not_found')) throw error;
}
