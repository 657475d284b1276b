import { Delivery, DeliveryState, enumValue, idTimeMs } from '@hookline/contracts';
import { type AttemptRow, toAttemptMessage } from '@hookline/event-log';
import type { DeliveryRow } from '../postgres/list-deliveries.ts';

/** A delivery as the API shows it. */
export function toDeliveryMessage(row: DeliveryRow, last: AttemptRow | undefined): Delivery {
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
    lastAttempt: last && toAttemptMessage(last),
    createTime: new Date(idTimeMs(row.event_id)),
    updateTime: row.updated_at,
  });
}
