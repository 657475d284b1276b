import type { SubscriptionIndex } from '@hookline/subscriptions';
import type { Delivery } from './domain/delivery.ts';

/**
 * The delivery with its subscription as it is now, since an attempt may have waited for its turn:
 * another URL or a rotated secret is in force at once. undefined when nothing may be sent to it any
 * more: it was paused, disabled or deleted meanwhile.
 */
export function withCurrentSubscription(
  delivery: Delivery,
  index: Pick<SubscriptionIndex, 'get'>,
): Delivery | undefined {
  const current = index.get(delivery.subscription.id);
  if (current === delivery.subscription) return current.state === 'active' ? delivery : undefined;
  return current?.state === 'active' ? { ...delivery, subscription: current } : undefined;
}
