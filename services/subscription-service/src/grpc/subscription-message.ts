import {
  type Auth,
  durationFromMs,
  enumValue,
  Ordering,
  type RetryPolicy as RetryPolicyMessage,
  RetryPreset,
  State,
  Subscription as SubscriptionMessage,
} from '@hookline/contracts';
import {
  type EndpointAuth,
  type RetryPolicy,
  type Subscription,
  type SubscriptionSettings,
  toFilterMessage,
} from '@hookline/subscriptions';

/** A subscription as gRPC shows it; the secret only where it is given, credentials never. */
export function toSubscriptionMessage(
  subscription: Subscription,
  secret = '',
): SubscriptionMessage {
  const { settings } = subscription;
  return {
    ...toSettingsMessage(settings),
    id: subscription.id,
    secret,
    publicKey: subscription.publicKey ?? '',
    auth: settings.auth && toAuthMessage(withoutCredential(settings.auth)),
    state: enumValue(State, 'STATE_', subscription.state) ?? State.STATE_UNSPECIFIED,
    disabledReason: subscription.disabledReason ?? '',
    etag: String(subscription.version),
    createTime: subscription.createdAt,
    updateTime: subscription.updatedAt,
  };
}

/** Settings as a client would send them, credentials included: to be revised, never answered. */
export function toSettingsMessage(settings: SubscriptionSettings): SubscriptionMessage {
  return {
    ...SubscriptionMessage.create(),
    url: settings.url,
    description: settings.description,
    filter: toFilterMessage(settings.filter),
    format: settings.format,
    auth: settings.auth && toAuthMessage(settings.auth),
    headers: { ...settings.headers },
    retryPolicy: toRetryPolicyMessage(settings.retryPolicy),
    rateLimit: settings.rateLimit,
    timeout: durationFromMs(settings.timeoutMs),
    ordering: enumValue(Ordering, 'ORDERING_', settings.ordering) ?? Ordering.ORDERING_UNSPECIFIED,
    notificationEmails: [...settings.notificationEmails],
    options: { ...settings.options },
  };
}

/** The method alone: its credential is never answered. */
function withoutCredential(auth: EndpointAuth): EndpointAuth {
  switch (auth.kind) {
    case 'bearer':
      return { ...auth, token: '' };
    case 'basic':
      return { ...auth, password: '' };
    case 'header':
      return { ...auth, value: '' };
  }
}

function toAuthMessage(auth: EndpointAuth): Auth {
  switch (auth.kind) {
    case 'bearer':
      return { method: { $case: 'bearer', value: { token: auth.token, base64: auth.base64 } } };
    case 'basic':
      return {
        method: { $case: 'basic', value: { username: auth.username, password: auth.password } },
      };
    case 'header':
      return { method: { $case: 'header', value: { name: auth.name, value: auth.value } } };
  }
}

function toRetryPolicyMessage(policy: RetryPolicy): RetryPolicyMessage {
  const { preset, delaysMs = [], jitter, attemptsMax, disable } = policy;
  return {
    preset:
      (preset && enumValue(RetryPreset, 'RETRY_PRESET_', preset)) ??
      RetryPreset.RETRY_PRESET_UNSPECIFIED,
    delays: delaysMs.map(durationFromMs),
    jitter,
    attemptsMax,
    disable,
  };
}
