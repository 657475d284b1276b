import { DomainError } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { resolveRetryPolicy, type SubscriptionStore } from '@hookline/subscriptions';
import { sql } from 'kysely';
import type { SubscriptionName, Subscriptions } from './handle-dead-letters.ts';

const ACTOR = 'system:dead-letter-monitor';

export interface WatchedSubscriptionsDeps {
  readonly database: Database;
  readonly store: Pick<SubscriptionStore, 'get' | 'disable'>;
  /** Called after every disabling, to wake those who hold subscriptions in memory. */
  readonly onDisabled: () => void;
}

/** Subscriptions as the handler asks for them, over the store. */
export function watchSubscriptions(deps: WatchedSubscriptionsDeps): Subscriptions {
  const { database, store, onDisabled } = deps;
  return {
    async find(name) {
      const subscription = await store.get(name).catch(undefinedWhenNotFound);
      if (subscription === undefined) return undefined;
      const surroundings = await readSurroundings(database, name);
      if (surroundings === undefined) return undefined;
      const { settings } = subscription;
      return {
        id: subscription.id,
        tenant: subscription.tenant,
        state: subscription.state,
        disabledReason: subscription.disabledReason,
        enabledAt: subscription.enabledAt,
        enabledEpoch: surroundings.matchesFromEpoch,
        retryPolicy: resolveRetryPolicy(settings.retryPolicy),
        url: settings.url,
        description: settings.description,
        notificationEmails: settings.notificationEmails,
        tenantContacts: surroundings.contacts,
      };
    },
    async disable({ tenant, subscriptionId, reason }) {
      await store
        .disable({ tenant, subscriptionId, reason, actor: ACTOR })
        .catch(undefinedWhenNotFound);
      onDisabled();
    },
  };
}

/** What the row and its tenant say besides the settings; the epoch is that of its being enabled. */
async function readSurroundings(
  { kysely }: Database,
  { tenant, subscriptionId }: SubscriptionName,
): Promise<{ readonly matchesFromEpoch: number; readonly contacts: string[] } | undefined> {
  const { rows } = await sql<{ matches_from_epoch: bigint; contacts: string[] }>`
    SELECT s.matches_from_epoch, t.contacts
    FROM hookline.subscription s JOIN hookline.tenant t ON t.name = s.tenant
    WHERE s.tenant = ${tenant} AND s.subscription_id = ${subscriptionId}`.execute(kysely);
  const row = rows[0];
  return row && { matchesFromEpoch: Number(row.matches_from_epoch), contacts: row.contacts };
}

function undefinedWhenNotFound(error: unknown): undefined {
  if (error instanceof DomainError && error.code === 'not_found') return undefined;
  throw error;
}
