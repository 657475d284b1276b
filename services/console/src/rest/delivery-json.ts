import {
  type Attempt,
  type Delivery,
  DeliveryState,
  durationToMs,
  enumText,
  Outcome,
} from '@hookline/contracts';
import { instantText, textOrNull } from './times.ts';

/** A delivery as REST lists it. */
export function toDeliveryJson(delivery: Delivery) {
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    webhook_id: delivery.subscriptionId,
    type: delivery.eventType,
    state: enumText(DeliveryState, 'DELIVERY_STATE_', delivery.state) ?? 'pending',
    attempts_count: delivery.attemptsCount,
    next_attempt_at: instantText(delivery.nextAttemptTime),
    created_at: instantText(delivery.createTime),
  };
}

/** An attempt as REST shows it; what it does not have is null. */
export function toAttemptJson(attempt: Attempt) {
  const body = toBodyJson(attempt.responseBody);
  return {
    id: attempt.id,
    number: attempt.number,
    started_at: instantText(attempt.startTime),
    duration_ms: attempt.duration === undefined ? null : round(durationToMs(attempt.duration)),
    url: attempt.url,
    outcome: enumText(Outcome, 'OUTCOME_', attempt.outcome) ?? 'unknown',
    http_status: attempt.httpStatus === 0 ? null : attempt.httpStatus,
    response_body: body.text,
    response_body_encoding: body.encoding,
    error: textOrNull(attempt.error),
    trace_id: textOrNull(attempt.traceId),
    replay_id: textOrNull(attempt.replayId),
  };
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function toBodyJson(bytes: Uint8Array): { text: string; encoding: 'text' | 'base64' } {
  try {
    return { text: strictUtf8.decode(bytes), encoding: 'text' };
  } catch {
    return { text: Buffer.from(bytes).toString('base64'), encoding: 'base64' };
  }
}

/** Microseconds are as exact as an attempt's time is. */
export function round(durationMs: number): number {
  return Math.round(durationMs * 1000) / 1000;
}
