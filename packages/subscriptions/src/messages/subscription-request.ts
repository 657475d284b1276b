import {
  type Auth,
  durationToMs,
  enumText,
  Ordering as OrderingMessage,
  type RetryPolicy as RetryPolicyMessage,
  RetryPreset as RetryPresetMessage,
  type Subscription as SubscriptionMessage,
} from '@hookline/contracts';
import type { SubscriptionRequest } from '../domain/check-subscription.ts';
import type { RetryPolicy, RetryPreset } from '../domain/retry-policy.ts';
import type { EndpointAuth, Ordering } from '../domain/settings.ts';
import { readFilterMessage } from './filter-message.ts';

/**
 * What a client asks for, for checkSubscription. Nothing is refused here: an enum's number that
 * this version does not know goes on as a word that the check will name.
 */
export function toSubscriptionRequest(message: SubscriptionMessage): SubscriptionRequest {
  const { filter, auth, retryPolicy, rateLimit, timeout, ordering } = message;
  const authRequest = auth && toAuth(auth);
  return {
    url: message.url,
    description: message.description,
    ...(filter !== undefined && { filter: readFilterMessage(filter) }),
    format: message.format,
    secret: message.secret,
    ...(authRequest !== undefined && { auth: authRequest }),
    headers: message.headers,
    ...(retryPolicy !== undefined && { retryPolicy: toRetryPolicy(retryPolicy) }),
    ...(rateLimit !== undefined && {
      rateLimit: {
        requestsPerSecond: rateLimit.requestsPerSecond,
        ...(rateLimit.burst !== undefined && { burst: rateLimit.burst }),
      },
    }),
    ...(timeout !== undefined && { timeoutMs: durationToMs(timeout) }),
    ...(ordering !== OrderingMessage.ORDERING_UNSPECIFIED && {
      ordering: word(OrderingMessage, 'ORDERING_', ordering) as Ordering,
    }),
    notificationEmails: message.notificationEmails,
    options: message.options,
  };
}

function word(values: Readonly<Record<string, number>>, prefix: string, value: number): string {
  return enumText(values, prefix, value) ?? String(value);
}

function toAuth({ method }: Auth): EndpointAuth | undefined {
  switch (method?.$case) {
    case undefined:
      return undefined;
    case 'bearer':
      return { kind: 'bearer', token: method.value.token, base64: method.value.base64 };
    case 'basic':
      return { kind: 'basic', username: method.value.username, password: method.value.password };
    case 'header':
      return { kind: 'header', name: method.value.name, value: method.value.value };
  }
}

function toRetryPolicy(message: RetryPolicyMessage): RetryPolicy {
  const { preset, delays, jitter, attemptsMax, disable } = message;
  return {
    ...(preset !== RetryPresetMessage.RETRY_PRESET_UNSPECIFIED && {
      preset: word(RetryPresetMessage, 'RETRY_PRESET_', preset) as RetryPreset,
    }),
    ...(delays.length > 0 && { delaysMs: delays.map(durationToMs) }),
    ...(jitter !== undefined && { jitter }),
    ...(attemptsMax !== undefined && { attemptsMax }),
    ...(disable !== undefined && { disable }),
  };
}
