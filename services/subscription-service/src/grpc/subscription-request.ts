import {
  type AttributeExpression as AttributeExpressionMessage,
  type Auth,
  durationToMs,
  type EventStatus,
  enumText,
  type Filter,
  GrpcPhase,
  GrpcStatus,
  Ordering as OrderingMessage,
  type Phase,
  type RetryPolicy as RetryPolicyMessage,
  RetryPreset as RetryPresetMessage,
  type Subscription as SubscriptionMessage,
} from '@hookline/contracts';
import type {
  AttributeExpression,
  EndpointAuth,
  Ordering,
  RetryPolicy,
  RetryPreset,
  SubscriptionRequest,
} from '@hookline/subscriptions';

/** Deeper nesting is refused by the check; nothing beyond it has to be read. */
const DEPTH_READ_MAX = 10;

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
    ...(filter !== undefined && { filter: toFilter(filter) }),
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

function toFilter(filter: Filter): NonNullable<SubscriptionRequest['filter']> {
  return {
    types: filter.types,
    statuses: filter.statuses.map((each) => word(GrpcStatus, 'STATUS_', each) as EventStatus),
    phases: filter.phases.map((each) => word(GrpcPhase, 'PHASE_', each) as Phase),
    subjects: filter.subjects,
    attributes: filter.attributes.map((each) => toExpression(each, 1)),
  };
}

function toExpression(message: AttributeExpressionMessage, depth: number): AttributeExpression {
  const { expression } = message;
  // An expression that is none: the check names it, as it does every other fault.
  const none = {} as AttributeExpression;
  if (expression === undefined || depth > DEPTH_READ_MAX) return none;
  const list = (messages: readonly AttributeExpressionMessage[]) =>
    messages.map((each) => toExpression(each, depth + 1));
  switch (expression.$case) {
    case 'exact':
      return { exact: expression.value.values };
    case 'prefix':
      return { prefix: expression.value.values };
    case 'suffix':
      return { suffix: expression.value.values };
    case 'all':
      return { all: list(expression.value.expressions) };
    case 'any':
      return { any: list(expression.value.expressions) };
    case 'not':
      return { not: toExpression(expression.value, depth + 1) };
  }
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
