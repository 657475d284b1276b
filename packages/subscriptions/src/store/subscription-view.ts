import { signsWithKey } from '../domain/engine-options.ts';
import type { SubscriptionSettings } from '../domain/settings.ts';
import type { SubscriptionRow } from '../index/indexed-subscription.ts';
import type { Change } from './append-change.ts';
import type { SubscriptionCodec } from './sealed-document.ts';

/** A subscription as its owner sees it, without its secret. */
export interface Subscription {
  readonly id: string;
  readonly tenant: string;
  readonly state: 'active' | 'paused' | 'disabled' | 'deleted';
  readonly disabledReason?: string;
  readonly disabledAt?: Date;
  /** When it was last re-enabled; absent when it never was. */
  readonly enabledAt?: Date;
  readonly hookNumber: number;
  /** `auth` holds the credential: show its kind alone. */
  readonly settings: SubscriptionSettings;
  /** `whpk_…`; absent unless it signs with ed25519. */
  readonly publicKey?: string;
  /** How many changes it has seen; its etag. */
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** The subscription that a change has made. */
export function viewOfState(state: Change['state'], version: bigint): Subscription {
  return {
    id: state.id,
    tenant: state.tenant,
    state: state.state,
    ...(state.state === 'disabled' && {
      disabledReason: state.disabledReason,
      disabledAt: new Date(state.disabledAt),
    }),
    ...(state.enabledAt !== undefined && { enabledAt: new Date(state.enabledAt) }),
    hookNumber: state.hookNumber,
    settings: state.settings,
    ...shownKey(state.settings, state.secrets[0]?.signingKey?.publicKey),
    version: Number(version),
    createdAt: new Date(state.createdAt),
    updatedAt: new Date(state.updatedAt),
  };
}

/** The subscription of a row of the read model. Throws SealError when its credential does not open. */
export function viewOfRow(
  row: SubscriptionRow & {
    readonly version: bigint;
    readonly disabled_at: Date | null;
    readonly enabled_at: Date | null;
  },
  codec: SubscriptionCodec,
): Subscription {
  const { tenant, subscription_id: id } = row;
  const document = codec.openDocument(row.document, { tenant, id });
  const auth = document.auth();
  return {
    id,
    tenant,
    state: row.state,
    ...(row.disabled_reason !== null && { disabledReason: row.disabled_reason }),
    ...(row.disabled_at !== null && { disabledAt: row.disabled_at }),
    ...(row.enabled_at !== null && { enabledAt: row.enabled_at }),
    hookNumber: row.hook_number,
    settings: {
      ...document.settings,
      notificationEmails: document.notificationEmails(),
      ...(auth !== undefined && { auth }),
    },
    ...shownKey(document.settings, document.publicKey),
    version: Number(row.version),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** A subscription out of its JSON: its times are dates again. */
export function reviveView(kept: Subscription): Subscription {
  const { disabledAt, enabledAt, createdAt, updatedAt } = kept;
  return {
    ...kept,
    ...(disabledAt !== undefined && { disabledAt: new Date(disabledAt) }),
    ...(enabledAt !== undefined && { enabledAt: new Date(enabledAt) }),
    createdAt: new Date(createdAt),
    updatedAt: new Date(updatedAt),
  };
}

function shownKey(settings: Pick<SubscriptionSettings, 'options'>, publicKey: string | undefined) {
  return publicKey !== undefined && signsWithKey(settings) ? { publicKey } : {};
}
