import type { Logger } from '@hookline/telemetry';

/** Who did something to which subscription. */
export interface SubscriptionChange {
  readonly tenant: string;
  readonly subscriptionId: string;
  /** `key:key_…` */
  readonly actor: string;
}

/** What happens here that others want to know: each is a log line and a wake-up. */
export interface SubscriptionEvents {
  created(change: SubscriptionChange): void;
  updated(change: SubscriptionChange): void;
  paused(change: SubscriptionChange): void;
  resumed(change: SubscriptionChange): void;
  secretRotated(change: SubscriptionChange): void;
  deleted(change: SubscriptionChange): void;
}

/** `wake` says that subscriptions changed; it must neither throw nor wait. */
export function createSubscriptionEvents(logger: Logger, wake: () => void): SubscriptionEvents {
  const tell = (message: string, { tenant, subscriptionId, actor }: SubscriptionChange) => {
    logger.info({ tenant, subscription_id: subscriptionId, actor }, message);
    wake();
  };
  return {
    created: (change) => tell('subscription created', change),
    updated: (change) => tell('subscription updated', change),
    paused: (change) => tell('subscription paused', change),
    resumed: (change) => tell('subscription resumed', change),
    secretRotated: (change) => tell('secret of a subscription rotated', change),
    deleted: (change) => tell('subscription deleted', change),
  };
}
