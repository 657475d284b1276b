import {
  type Attempt,
  DeliveryState,
  durationFromMs,
  enumValue,
  Outcome,
} from '@hookline/contracts';
import type { AttemptRow } from './read-attempts.ts';

/** An attempt of the log as gRPC shows it. */
export function toAttemptMessage(row: AttemptRow): Attempt {
  const encoding = row.response_body_encoding === 'base64' ? 'base64' : 'utf8';
  const responseBody = Buffer.from(row.response_body ?? '', encoding);
  return {
    id: row.attempt_id,
    deliveryId: row.delivery_id,
    eventId: row.event_id,
    subscriptionId: row.subscription_id,
    eventType: row.event_type,
    number: row.number,
    startTime: row.started_at,
    duration: durationFromMs(row.duration_ms),
    url: row.url,
    outcome: enumValue(Outcome, 'OUTCOME_', row.outcome) ?? Outcome.OUTCOME_UNSPECIFIED,
    httpStatus: row.http_status ?? 0,
    responseBody,
    error: row.error ?? '',
    traceId: row.trace_id,
    replayId: row.replay_id ?? '',
    deliveryState:
      enumValue(DeliveryState, 'DELIVERY_STATE_', row.delivery_state) ??
      DeliveryState.DELIVERY_STATE_UNSPECIFIED,
    nextAttemptTime: row.next_attempt_at ?? undefined,
  };
}
