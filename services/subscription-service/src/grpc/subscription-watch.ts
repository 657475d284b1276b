import {
  enumValue,
  SubscriptionChangeKind,
  type WatchSubscriptionsRequest,
  type WatchSubscriptionsResponse,
} from '@hookline/contracts';
import type { GrpcCall } from '@hookline/service-runtime';
import type { SubscriptionChange, SubscriptionWatch } from '@hookline/subscriptions';
import { toSubscriptionMessage } from './subscription-message.ts';

/** The stream of a watch; it ends when the client goes away or the server stops. */
export async function* watchSubscriptions(
  { watch }: Pick<SubscriptionWatch, 'watch'>,
  { resumeToken }: WatchSubscriptionsRequest,
  { caller, signal }: GrpcCall,
): AsyncGenerator<WatchSubscriptionsResponse> {
  for await (const message of watch({ tenant: caller.tenant, resumeToken, signal })) {
    const { change } = message;
    const item: WatchSubscriptionsResponse['item'] =
      change === undefined
        ? { $case: 'heartbeat', value: {} }
        : { $case: 'change', value: toChangeMessage(change) };
    yield { resumeToken: message.resumeToken, item };
  }
}

function toChangeMessage({ kind, subscription, actor = '', time }: SubscriptionChange) {
  return {
    kind:
      enumValue(SubscriptionChangeKind, 'SUBSCRIPTION_CHANGE_KIND_', kind) ??
      SubscriptionChangeKind.SUBSCRIPTION_CHANGE_KIND_UNSPECIFIED,
    subscription: toSubscriptionMessage(subscription),
    // `key:key_…` is a key, `system:…` a service.
    actor: actor.replace(/^(key|system):/, ''),
    time,
  };
}
