import { DomainError } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import {
  isProbedWhenDisabled,
  resolveRetryPolicy,
  type SubscriptionStore,
} from '@hookline/subscriptions';
import { sql } from 'kysely';
import type { SubscriptionName, Subscriptions } from './handle-dead-letters.ts';

const ACTOR = 'system:dead-letter-monitor';

export interface WatchedSubscriptionsDeps {
  readonly database: Database;
  readonly store: Pick<SubscriptionStore, 'get' | 'disable' | 'resume'>;
  /** Called after every change, to wake those who hold subscriptions in memory. */
  readonly onChanged: () => void;
}

/** Subscriptions as the handler asks for them, over the store. */
export function watchSubscriptions(deps: WatchedSubscriptionsDeps): Subscriptions {
  const { database, store, onChanged } = deps;
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
        isProbed: isProbedWhenDisabled(settings),
      };
    },
    async disable({ tenant, subscriptionId, reason }) {
      const missedSince = await findMissedSince(database);
      await store
        .disable({ tenant, subscriptionId, reason, missedSince, actor: ACTOR })
        .catch(undefinedWhenNotFound);
      onChanged();
      return missedSince;
    },
    async enable({ tenant, subscriptionId }) {
      await store.resume({ tenant, subscriptionId, actor: ACTOR }).catch(undefinedWhenNotFound);
      onChanged();
    },
  };
}

/** An append is committed within that time from the time it gives its events. */
const APPEND_MS_MAX = 10_000;

/**
 * From when on events may be missed by a subscription that is disabled now. One that was accepted
 * before, and not matched with subscriptions yet, finds it disabled: so the oldest in the outbox
 * counts, and what an append under way may yet add to it.
 */
async function findMissedSince({ kysely }: Database): Promise<Date> {
  const { rows } = await sql<{ since: Date }>`
    SELECT date_trunc('milliseconds', least(now(),
      (SELECT recorded_at FROM hookline.outbox ORDER BY position LIMIT 1))
        - make_interval(secs => ${APPEND_MS_MAX / 1000}::float8)) AS since`.execute(kysely);
  return rows[0]?.since ?? new Date();
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
