import {
  type Auth,
  BreakerState,
  type Filter,
  GrpcPhase,
  GrpcStatus,
  Ordering,
  Outcome,
  type RetryPolicy,
  RetryPreset,
  State,
  type Subscription,
  type SubscriptionHealth,
} from '@hookline/contracts';
import type { Column } from '../output/table.ts';
import { attemptJson } from './delivery-view.ts';
import { type Json, milliseconds, number, shown, timeOrNull, word } from './shared.ts';

/** `secret` is there only where the server fills it: when it was just made. */
export function subscriptionJson(subscription: Subscription): Json {
  const { retryPolicy, rateLimit, filter, auth } = subscription;
  return {
    id: subscription.id,
    url: subscription.url,
    description: subscription.description,
    filter: filter === undefined ? null : filterJson(filter),
    format: subscription.format,
    ...(subscription.secret !== '' && { secret: subscription.secret }),
    public_key: subscription.publicKey,
    auth: authJson(auth),
    headers: subscription.headers,
    retry_policy: retryPolicy === undefined ? null : retryJson(retryPolicy),
    rate_limit:
      rateLimit === undefined
        ? null
        : { requests_per_second: rateLimit.requestsPerSecond, burst: rateLimit.burst ?? null },
    timeout_ms: milliseconds(subscription.timeout),
    ordering: word(Ordering, 'ORDERING_', subscription.ordering),
    notification_emails: subscription.notificationEmails,
    options: subscription.options,
    state: word(State, 'STATE_', subscription.state),
    disabled_reason: subscription.disabledReason,
    etag: subscription.etag,
    create_time: timeOrNull(subscription.createTime),
    update_time: timeOrNull(subscription.updateTime),
  };
}

function filterJson(filter: Filter): Json {
  return {
    types: filter.types,
    statuses: filter.statuses.map((each) => word(GrpcStatus, 'STATUS_', each)),
    phases: filter.phases.map((each) => word(GrpcPhase, 'PHASE_', each)),
    subjects: filter.subjects,
    ...(filter.attributes.length > 0 && { attribute_expressions_count: filter.attributes.length }),
  };
}

/** The method alone: its credential is never answered. */
function authJson(auth: Auth | undefined): Json | null {
  const { method } = auth ?? {};
  if (method === undefined) return null;
  return {
    method: method.$case,
    ...(method.$case === 'basic' && { username: method.value.username }),
    ...(method.$case === 'header' && { name: method.value.name }),
  };
}

function retryJson({ preset, delays, jitter, attemptsMax, disable }: RetryPolicy): Json {
  return {
    preset: word(RetryPreset, 'RETRY_PRESET_', preset),
    delays_ms: delays.map(milliseconds),
    jitter: jitter ?? null,
    attempts_max: attemptsMax ?? null,
    disable: disable ?? null,
  };
}

export function healthJson(health: SubscriptionHealth): Json {
  const { lastAttempt } = health;
  return {
    subscription_id: health.subscriptionId,
    state: word(State, 'STATE_', health.state),
    disabled_reason: health.disabledReason,
    disable_time: timeOrNull(health.disableTime),
    breaker_state: word(BreakerState, 'BREAKER_STATE_', health.breakerState),
    blocked_until: timeOrNull(health.blockedUntil),
    concurrency_limit: health.concurrencyLimit,
    in_flight_count: health.inFlightCount,
    requests_per_second_limit: health.requestsPerSecondLimit,
    waiting_count: number(health.waitingCount),
    oldest_waiting_time: timeOrNull(health.oldestWaitingTime),
    next_attempt_time: timeOrNull(health.nextAttemptTime),
    dead_letters_count: number(health.deadLettersCount),
    consecutive_failures_count: number(health.consecutiveFailuresCount),
    last_success_time: timeOrNull(health.lastSuccessTime),
    last_failure_time: timeOrNull(health.lastFailureTime),
    last_attempt: lastAttempt === undefined ? null : attemptJson(lastAttempt),
    statistics: health.statistics.map((each) => ({
      window_ms: milliseconds(each.window),
      attempts_count: number(each.attemptsCount),
      succeeded_count: number(each.succeededCount),
      failures: each.failures.map(({ outcome, count }) => ({
        outcome: word(Outcome, 'OUTCOME_', outcome),
        count: number(count),
      })),
      latency_p50_ms: milliseconds(each.latencyP50),
      latency_p95_ms: milliseconds(each.latencyP95),
      latency_p99_ms: milliseconds(each.latencyP99),
    })),
    blocked_lines: health.blockedLines.map((line) => ({
      subject: line.subject,
      delivery_id: line.deliveryId,
      sequence: number(line.sequence),
      waiting_count: number(line.waitingCount),
      block_time: timeOrNull(line.blockTime),
      next_attempt_time: timeOrNull(line.nextAttemptTime),
    })),
  };
}

export const subscriptionColumns: readonly Column<Json>[] = [
  { title: 'SUBSCRIPTION', text: (each) => shown(each, 'id') },
  { title: 'STATE', text: (each) => shown(each, 'state') },
  { title: 'FORMAT', text: (each) => shown(each, 'format') },
  {
    title: 'EVENTS',
    text: ({ filter }) => shown((filter ?? {}) as Json, 'types'),
    canShrink: true,
  },
  { title: 'URL', text: (each) => shown(each, 'url'), canShrink: true },
];
