export { authHeaders } from './domain/auth-headers.ts';
export {
  checkSubscription,
  refuseFaults,
  type SubscriptionCheck,
  type SubscriptionRequest,
  TIMEOUT_MS_DEFAULT,
} from './domain/check-subscription.ts';
export { countFault, emailFault, faultAt, textFault } from './domain/check-texts.ts';
export type { AttributeExpression, AttributeValues, SubscriptionFilter } from './domain/filter.ts';
export {
  type ResolvedRetryPolicy,
  type RetryPolicy,
  type RetryPreset,
  resolveRetryPolicy,
  retryPresets,
} from './domain/retry-policy.ts';
export {
  type EndpointAuth,
  type Ordering,
  orderings,
  type RateLimit,
  type SubscriptionSettings,
  type TenantSettings,
} from './domain/settings.ts';
export type { IndexedSubscription } from './index/indexed-subscription.ts';
export {
  createSubscriptionIndex,
  type SubscriptionIndex,
  type SubscriptionIndexOptions,
} from './index/subscription-index.ts';
export type { CreatedSubscription, CreateSubscription } from './store/create-subscriptions.ts';
export type { ListSubscriptions, SubscriptionPage } from './store/list-subscriptions.ts';
export { resealDocuments } from './store/reseal-documents.ts';
export {
  type ChangeResult,
  createSubscriptionStore,
  type SubscriptionStore,
  type SubscriptionStoreOptions,
  type SubscriptionTarget,
} from './store/subscription-store.ts';
export type { Subscription } from './store/subscription-view.ts';
