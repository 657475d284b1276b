import { type Attempt, type Delivery, DeliveryState, Outcome } from '@hookline/contracts';
import type { Column } from '../output/table.ts';
import { type Json, milliseconds, number, shortTime, shown, timeOrNull, word } from './shared.ts';

export function attemptJson(attempt: Attempt): Json {
  const body = Buffer.from(attempt.responseBody);
  const text = body.toString('utf8');
  const isText = Buffer.from(text).equals(body);
  return {
    id: attempt.id,
    delivery_id: attempt.deliveryId,
    event_id: attempt.eventId,
    subscription_id: attempt.subscriptionId,
    event_type: attempt.eventType,
    number: attempt.number,
    start_time: timeOrNull(attempt.startTime),
    duration_ms: milliseconds(attempt.duration),
    url: attempt.url,
    outcome: word(Outcome, 'OUTCOME_', attempt.outcome),
    http_status: attempt.httpStatus === 0 ? null : attempt.httpStatus,
    response_body: isText ? text : body.toString('base64'),
    response_body_encoding: isText ? 'text' : 'base64',
    error: attempt.error,
    trace_id: attempt.traceId,
    replay_id: attempt.replayId,
    delivery_state: word(DeliveryState, 'DELIVERY_STATE_', attempt.deliveryState),
    next_attempt_time: timeOrNull(attempt.nextAttemptTime),
  };
}

export function deliveryJson(delivery: Delivery): Json {
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    subscription_id: delivery.subscriptionId,
    event_type: delivery.eventType,
    subject: delivery.subject,
    sequence: number(delivery.sequence),
    state: word(DeliveryState, 'DELIVERY_STATE_', delivery.state),
    attempts_count: delivery.attemptsCount,
    next_attempt_time: timeOrNull(delivery.nextAttemptTime),
    last_attempt: delivery.lastAttempt === undefined ? null : attemptJson(delivery.lastAttempt),
    create_time: timeOrNull(delivery.createTime),
    update_time: timeOrNull(delivery.updateTime),
  };
}

/** How an attempt ended, in a few words. */
export function outcomeText(attempt: Json | null | undefined): string {
  if (attempt === null || attempt === undefined) return '-';
  const status = attempt.http_status === null ? '' : ` ${attempt.http_status}`;
  return `${shown(attempt, 'outcome')}${status}`;
}

export const deliveryColumns: readonly Column<Json>[] = [
  { title: 'DELIVERY', text: (delivery) => shown(delivery, 'id') },
  { title: 'CREATED', text: (delivery) => shortTime(delivery, 'create_time') },
  { title: 'TYPE', text: (delivery) => shown(delivery, 'event_type'), canShrink: true },
  { title: 'STATE', text: (delivery) => shown(delivery, 'state') },
  { title: 'TRIES', text: (delivery) => shown(delivery, 'attempts_count'), align: 'right' },
  { title: 'LAST', text: ({ last_attempt: last }) => outcomeText(last as Json | null) },
  { title: 'NEXT TRY', text: (delivery) => shortTime(delivery, 'next_attempt_time') },
];

export const attemptColumns: readonly Column<Json>[] = [
  { title: 'TRY', text: (attempt) => shown(attempt, 'number'), align: 'right' },
  { title: 'STARTED', text: (attempt) => shortTime(attempt, 'start_time') },
  { title: 'MS', text: (attempt) => shown(attempt, 'duration_ms'), align: 'right' },
  { title: 'OUTCOME', text: outcomeText },
  { title: 'ERROR', text: (attempt) => shown(attempt, 'error'), canShrink: true },
];
