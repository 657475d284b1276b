import { signsWithKey } from '../domain/engine-options.ts';
import type { SubscriptionFilter } from '../domain/filter.ts';
import { type ResolvedRetryPolicy, resolveRetryPolicy } from '../domain/retry-policy.ts';
import type { EndpointAuth, Ordering, RateLimit, TenantSettings } from '../domain/settings.ts';
import type { Secret } from '../domain/subscription.ts';
import type { SubscriptionCodec } from '../store/sealed-document.ts';

/** A subscription as dispatching needs it. A change makes a new object; one in hand stays as it was. */
export interface IndexedSubscription {
  readonly id: string;
  readonly tenant: string;
  readonly state: 'active' | 'paused' | 'disabled' | 'deleted';
  readonly disabledReason?: string;
  readonly url: string;
  readonly description: string;
  readonly filter: SubscriptionFilter;
  readonly format: string;
  readonly options: Readonly<Record<string, string>>;
  /** Those that sign now, newest first. Reading it throws SealError if they cannot be opened. */
  readonly secrets: readonly string[];
  /** Private ed25519 keys that sign now, likewise; empty unless it signs with ed25519. */
  readonly signingKeys: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** Reading it throws SealError if it cannot be opened. */
  readonly auth: EndpointAuth | undefined;
  readonly retryPolicy: ResolvedRetryPolicy;
  readonly rateLimit?: RateLimit;
  readonly timeoutMs: number;
  readonly ordering: Ordering;
  /** Reading it throws SealError if they cannot be opened. */
  readonly notificationEmails: readonly string[];
  readonly hookNumber: number;
  /** Of its last change. */
  readonly epoch: number;
  /** Events accepted under an older epoch are not for it. */
  readonly matchesFromEpoch: number;
  /** As they are now, not as they were when the subscription changed. */
  readonly tenantSettings: TenantSettings;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A row of `hookline.subscription`. */
export interface SubscriptionRow {
  readonly subscription_id: string;
  readonly tenant: string;
  readonly hook_number: number;
  readonly epoch: bigint;
  readonly matches_from_epoch: bigint;
  readonly state: 'active' | 'paused' | 'disabled' | 'deleted';
  readonly disabled_reason: string | null;
  readonly document: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/**
 * Reads a row. Secrets and credentials are opened at the first use and remembered: a hundred
 * thousand rows load without a hundred thousand decryptions, and one that was sealed with another
 * key fails its own deliveries and nothing else.
 */
export function toIndexedSubscription(
  row: SubscriptionRow,
  codec: SubscriptionCodec,
  tenantSettings: (tenant: string) => TenantSettings,
): IndexedSubscription {
  const { tenant, subscription_id: id } = row;
  const document = codec.openDocument(row.document, { tenant, id });
  const { retryPolicy, ...settings } = document.settings;
  const secrets = once(document.secrets);
  const auth = once(document.auth);
  const notificationEmails = once(document.notificationEmails);
  return {
    ...settings,
    id,
    tenant,
    state: row.state,
    ...(row.disabled_reason !== null && { disabledReason: row.disabled_reason }),
    retryPolicy: resolveRetryPolicy(retryPolicy),
    hookNumber: row.hook_number,
    epoch: Number(row.epoch),
    matchesFromEpoch: Number(row.matches_from_epoch),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    get secrets() {
      return live(secrets()).map(({ value }) => value);
    },
    get signingKeys() {
      if (!signsWithKey(settings)) return [];
      return live(secrets()).flatMap(({ signingKey }) => signingKey?.privateKey ?? []);
    },
    get auth() {
      return auth();
    },
    get notificationEmails() {
      return notificationEmails();
    },
    get tenantSettings() {
      return tenantSettings(tenant);
    },
  };
}

/** An older secret signs until its end, to the moment. */
function live(secrets: readonly Secret[]): Secret[] {
  const now = Date.now();
  return secrets.filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now);
}

function once<T>(compute: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => {
    known ??= { value: compute() };
    return known.value;
  };
}
