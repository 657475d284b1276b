import {
  type AttemptStatistics,
  BreakerState,
  durationFromMs,
  enumValue,
  Outcome,
  type SubscriptionHealth,
} from '@hookline/contracts';
import { toAttemptMessage } from '@hookline/event-log';
import { ENDPOINT_REQUESTS_AT_FIRST, type Subscription } from '@hookline/subscriptions';
import type { HealthRow, readHealth, WindowRow } from '../postgres/subscription-health.ts';
import { toSubscriptionMessage } from './subscription-message.ts';

/**
 * How an endpoint fares. Limits are over all living dispatchers, which write down what they know of
 * an endpoint within 10 s; one that wrote nothing treats it like one it does not know.
 */
export function toHealthMessage(
  subscription: Subscription,
  { row, windows, lastAttempt, blockedLines }: Awaited<ReturnType<typeof readHealth>>,
): SubscriptionHealth {
  const { state, disabledReason } = toSubscriptionMessage(subscription);
  const isHeld = subscription.state !== 'active';
  return {
    subscriptionId: subscription.id,
    state,
    disabledReason,
    disableTime: subscription.disabledAt,
    breakerState: breakerState(row),
    blockedUntil: row.blocked_until ?? undefined,
    concurrencyLimit:
      row.concurrency_limit +
      ENDPOINT_REQUESTS_AT_FIRST * (row.dispatchers - row.dispatchers_known),
    inFlightCount: row.in_flight,
    requestsPerSecondLimit: rateLimit(subscription, row),
    waitingCount: max(row.waiting - BigInt(row.in_flight), 0n),
    oldestWaitingTime: row.oldest_waiting_at ?? undefined,
    nextAttemptTime: (!isHeld && row.next_due_at) || undefined,
    deadLettersCount: BigInt(row.dead_letters),
    consecutiveFailuresCount: BigInt(row.failures_since_success),
    lastSuccessTime: row.last_success_at ?? undefined,
    lastFailureTime: row.last_failure_at ?? undefined,
    lastAttempt: lastAttempt && toAttemptMessage(lastAttempt),
    statistics: windows.map(toStatistics),
    blockedLines: blockedLines.map((line) => ({
      subject: line.subject ?? '',
      deliveryId: line.delivery_id,
      sequence: line.sequence,
      waitingCount: BigInt(line.waiting),
      blockTime: line.blocked_at,
      nextAttemptTime: (!isHeld && line.next_attempt_at) || undefined,
    })),
  };
}

function breakerState({ breaker, last_success_at: success, last_failure_at: failure }: HealthRow) {
  if (breaker === 'open') return BreakerState.BREAKER_STATE_OPEN;
  if (breaker === 'half_open') return BreakerState.BREAKER_STATE_HALF_OPEN;
  const isKnown = breaker !== null || success !== null || failure !== null;
  return isKnown ? BreakerState.BREAKER_STATE_CLOSED : BreakerState.BREAKER_STATE_UNSPECIFIED;
}

/** A dispatcher without a limit makes it none at all, unless the subscriber set one that all keep. */
function rateLimit({ settings }: Subscription, row: HealthRow): number {
  const own = settings.rateLimit?.requestsPerSecond;
  const others = row.dispatchers - row.dispatchers_with_rate;
  if (own !== undefined && row.dispatchers > 0) return row.rate + (own * others) / row.dispatchers;
  return others === 0 ? row.rate : (own ?? 0);
}

function toStatistics(window: WindowRow): AttemptStatistics {
  const { succeeded = 0, ...failures } = window.outcomes;
  const latency = (milliseconds: number | null) =>
    milliseconds === null ? undefined : durationFromMs(milliseconds);
  return {
    window: durationFromMs(window.window_ms),
    attemptsCount: BigInt(window.attempts),
    succeededCount: BigInt(succeeded),
    failures: Object.entries(failures).map(([outcome, count]) => ({
      outcome: enumValue(Outcome, 'OUTCOME_', outcome) ?? Outcome.OUTCOME_UNSPECIFIED,
      count: BigInt(count),
    })),
    latencyP50: latency(window.p50),
    latencyP95: latency(window.p95),
    latencyP99: latency(window.p99),
  };
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
