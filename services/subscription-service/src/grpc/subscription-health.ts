import {
  type AttemptStatistics,
  BreakerState,
  durationFromMs,
  enumValue,
  Outcome,
  type SubscriptionHealth,
} from '@hookline/contracts';
import { toAttemptMessage } from '@hookline/event-log';
import { ENDPOINT_REQUESTS_MAX, type Subscription } from '@hookline/subscriptions';
import type { readHealth, WindowRow } from '../postgres/subscription-health.ts';
import { toSubscriptionMessage } from './subscription-message.ts';

/**
 * How an endpoint fares. What only a dispatcher's memory knows (a breaker, a rate lowered after a 429)
 * is answered as not known; the limit of concurrency is the fixed one, over all living dispatchers.
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
    breakerState: BreakerState.BREAKER_STATE_UNSPECIFIED,
    blockedUntil: row.blocked_until ?? undefined,
    concurrencyLimit: ENDPOINT_REQUESTS_MAX * row.dispatchers,
    inFlightCount: row.in_flight,
    requestsPerSecondLimit: 0,
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
