import {
  Attempt,
  Delivery,
  DeliveryState,
  durationFromMs,
  enumValue,
  idTimeMs,
  Outcome,
} from '@hookline/contracts';
import type { AttemptRow } from '@hookline/event-log';
import type { DeliveryRow } from '../postgres/list-deliveries.ts';

/** A delivery as the API shows it. */
export function toProtoDelivery(row: DeliveryRow, last: AttemptRow | undefined): Delivery {
  return Delivery.fromPartial({
    id: row.delivery_id,
    eventId: row.event_id,
    subscriptionId: row.subscription_id,
    eventType: row.event_type,
    subject: row.subject ?? '',
    sequence: row.sequence,
    state: enumValue(DeliveryState, 'DELIVERY_STATE_', row.state) ?? 0,
    attemptsCount: row.attempts_count,
    nextAttemptTime: row.next_attempt_at ?? undefined,
    lastAttempt: last && toProtoAttempt(last),
    createTime: new Date(idTimeMs(row.event_id)),
    updateTime: row.updated_at,
  });
}

/** An attempt as the API shows it. */
export function toProtoAttempt(row: AttemptRow): Attempt {
  return Attempt.fromPartial({
    id: row.attempt_id,
    deliveryId: row.delivery_id,
    eventId: row.event_id,
    subscriptionId: row.subscription_id,
    eventType: row.event_type,
    number: row.number,
    startTime: row.started_at,
    duration: durationFromMs(row.duration_ms),
    url: row.url,
    outcome: enumValue(Outcome, 'OUTCOME_', row.outcome) ?? 0,
    httpStatus: row.http_status ?? 0,
    responseBody: responseBytes(row),
    error: row.error ?? '',
    traceId: row.trace_id,
    replayId: row.replay_id ?? '',
    deliveryState: enumValue(DeliveryState, 'DELIVERY_STATE_', row.delivery_state) ?? 0,
    nextAttemptTime: row.next_attempt_at ?? undefined,
  });
}

function responseBytes(row: AttemptRow): Buffer {
  const encoding = row.response_body_encoding === 'base64' ? 'base64' : 'utf8';
  return Buffer.from(row.response_body ?? '', encoding);
}
