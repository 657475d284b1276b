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
  readonly hookNumber: number;
  /** `auth` holds the credential: show its kind alone. */
  readonly settings: SubscriptionSettings;
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
    ...(state.state === 'disabled' && { disabledReason: state.disabledReason }),
    hookNumber: state.hookNumber,
    settings: state.settings,
    version: Number(version),
    createdAt: new Date(state.createdAt),
    updatedAt: new Date(state.updatedAt),
  };
}

/** The subscription of a row of the read model. Throws SealError when its credential does not open. */
export function viewOfRow(
  row: SubscriptionRow & { readonly version: bigint },
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
    hookNumber: row.hook_number,
    settings: {
      ...document.settings,
      notificationEmails: document.notificationEmails(),
      ...(auth !== undefined && { auth }),
    },
    version: Number(row.version),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
