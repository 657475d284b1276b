import {
  type AttemptStatistics,
  type BlockedLine,
  BreakerState,
  type Duration,
  durationToMs,
  enumText,
  formatSequence,
  Outcome,
  State,
  type SubscriptionHealth,
} from '@hookline/contracts';
import { round, toAttemptJson } from './delivery-json.ts';
import { instantText, textOrNull } from './times.ts';

/** The health of a webhook as REST shows it. */
export function toHealthJson(health: SubscriptionHealth) {
  return {
    webhook_id: health.subscriptionId,
    state: enumText(State, 'STATE_', health.state) ?? 'active',
    disabled_reason: textOrNull(health.disabledReason),
    disabled_at: instantText(health.disableTime),
    breaker_state: enumText(BreakerState, 'BREAKER_STATE_', health.breakerState) ?? 'unknown',
    blocked_until: instantText(health.blockedUntil),
    concurrency_limit: health.concurrencyLimit,
    in_flight_count: health.inFlightCount,
    requests_per_second_limit: health.requestsPerSecondLimit,
    waiting_count: Number(health.waitingCount),
    oldest_waiting_at: instantText(health.oldestWaitingTime),
    next_attempt_at: instantText(health.nextAttemptTime),
    dead_letters_count: Number(health.deadLettersCount),
    consecutive_failures_count: Number(health.consecutiveFailuresCount),
    last_success_at: instantText(health.lastSuccessTime),
    last_failure_at: instantText(health.lastFailureTime),
    last_attempt: health.lastAttempt === undefined ? null : toAttemptJson(health.lastAttempt),
    statistics: health.statistics.map(toStatisticsJson),
    blocked_lines: health.blockedLines.map(toBlockedLineJson),
  };
}

function toStatisticsJson(statistics: AttemptStatistics) {
  return {
    window_seconds: Math.round((msOf(statistics.window) ?? 0) / 1000),
    attempts_count: Number(statistics.attemptsCount),
    succeeded_count: Number(statistics.succeededCount),
    failures: statistics.failures.map(({ outcome, count }) => ({
      outcome: enumText(Outcome, 'OUTCOME_', outcome) ?? 'unknown',
      count: Number(count),
    })),
    latency_p50_ms: msOf(statistics.latencyP50),
    latency_p95_ms: msOf(statistics.latencyP95),
    latency_p99_ms: msOf(statistics.latencyP99),
  };
}

function toBlockedLineJson(line: BlockedLine) {
  return {
    subject: textOrNull(line.subject),
    delivery_id: line.deliveryId,
    sequence: formatSequence(BigInt(line.sequence)),
    waiting_count: Number(line.waitingCount),
    blocked_at: instantText(line.blockTime),
    next_attempt_at: instantText(line.nextAttemptTime),
  };
}

function msOf(duration: Duration | undefined): number | null {
  return duration === undefined ? null : round(durationToMs(duration));
}
