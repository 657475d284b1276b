export { authHeaders } from './domain/auth-headers.ts';
export { checkFilter } from './domain/check-filter.ts';
export {
  checkSubscription,
  refuseFaults,
  type SubscriptionCheck,
  type SubscriptionRequest,
  TIMEOUT_MS_DEFAULT,
} from './domain/check-subscription.ts';
export { countFault, emailFault, faultAt, textFault } from './domain/check-texts.ts';
export { subscriptionNotFound } from './domain/decide.ts';
export {
  blocksWhenExhausted,
  isProbedWhenDisabled,
  sendsTraceparent,
  signsWithKey,
} from './domain/engine-options.ts';
export type { AttributeExpression, AttributeValues, SubscriptionFilter } from './domain/filter.ts';
export {
  type ResolvedRetryPolicy,
  type RetryPolicy,
  type RetryPreset,
  resolveRetryPolicy,
  retryPresets,
} from './domain/retry-policy.ts';
export {
  ENDPOINT_REQUESTS_AT_FIRST,
  ENDPOINT_REQUESTS_MAX,
  type EndpointAuth,
  type Ordering,
  orderings,
  type RateLimit,
  type SubscriptionSettings,
  type TenantSettings,
} from './domain/settings.ts';
export { createFilterIndex, type Filed, type FilterIndex } from './index/filter-index.ts';
export type { IndexedSubscription } from './index/indexed-subscription.ts';
export {
  createSubscriptionIndex,
  type SubscriptionIndex,
  type SubscriptionIndexOptions,
} from './index/subscription-index.ts';
export { readFilterMessage, toFilterMessage } from './messages/filter-message.ts';
export { toSubscriptionRequest } from './messages/subscription-request.ts';
export type { ChangeResult, SubscriptionTarget } from './store/change-subscription.ts';
export type { CreatedSubscription, CreateSubscription } from './store/create-subscriptions.ts';
export type { ListSubscriptions, SubscriptionPage } from './store/list-subscriptions.ts';
export { resealDocuments } from './store/reseal-documents.ts';
export type { RotatedSecret, RotateSecret } from './store/rotate-secret.ts';
export {
  createSubscriptionStore,
  type SubscriptionStore,
  type SubscriptionStoreOptions,
} from './store/subscription-store.ts';
export type { Subscription } from './store/subscription-view.ts';
export { SUBSCRIPTIONS_MAX_DEFAULT } from './store/tenant-places.ts';
export type { SubscriptionChange, SubscriptionChangeKind } from './watch/subscription-change.ts';
export {
  createSubscriptionWatch,
  type SubscriptionWatch,
  type SubscriptionWatchOptions,
  type WatchMessage,
} from './watch/watch-subscriptions.ts';
