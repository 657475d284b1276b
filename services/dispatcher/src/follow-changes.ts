import { subjects } from '@hookline/contracts';
import { type Nats, subscribeWakeUps, type WakeUpSubscription } from '@hookline/messaging';
import type { SubscriptionIndex } from '@hookline/subscriptions';
import type { Logger } from '@hookline/telemetry';

/** Looks for changes of subscriptions whenever somebody says that there are some. */
export function followChanges(
  nats: Nats,
  index: Pick<SubscriptionIndex, 'refresh'>,
  { logger, onChanged }: { readonly logger: Logger; readonly onChanged: () => void },
): WakeUpSubscription {
  return subscribeWakeUps(nats, subjects.subscriptionChanged, () => {
    index
      .refresh()
      .then(onChanged)
      .catch((error) => logger.warn({ err: error }, 'subscriptions were not refreshed'));
  });
}
