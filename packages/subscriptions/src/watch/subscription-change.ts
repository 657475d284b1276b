import type { SubscriptionEvent } from '../domain/subscription.ts';
import type { Subscription } from '../store/subscription-view.ts';

/** What happened to a subscription; `existing`: it was there when the watching began. */
export type SubscriptionChangeKind =
  | 'existing'
  | 'created'
  | 'updated'
  | 'paused'
  | 'resumed'
  | 'disabled'
  | 'secret_rotated'
  | 'deleted';

export interface SubscriptionChange {
  readonly kind: SubscriptionChangeKind;
  /** Afterwards; for `deleted`, as it was before. */
  readonly subscription: Subscription;
  /** As it is in the log, for instance `key:key_…`; absent for `existing`. */
  readonly actor?: string;
  /** Absent for `existing`. */
  readonly time?: Date;
}

export const kindOfEvent: Readonly<Record<SubscriptionEvent['type'], SubscriptionChangeKind>> = {
  SubscriptionCreated: 'created',
  SubscriptionUpdated: 'updated',
  SubscriptionPaused: 'paused',
  SubscriptionResumed: 'resumed',
  SubscriptionDisabled: 'disabled',
  SubscriptionSecretRotated: 'secret_rotated',
  SubscriptionDeleted: 'deleted',
};
