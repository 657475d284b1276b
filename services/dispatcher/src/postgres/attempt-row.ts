import type { AttemptRow } from '@hookline/event-log';
import type { DecidedAttempt } from '../domain/dispatch-record.ts';
import { toRow } from './record-columns.ts';

/** An attempt as the log has it, without reading it back. */
export function toAttemptRow(decided: DecidedAttempt, dispatcherId: string): AttemptRow {
  const row = toRow(decided);
  const { event } = row;
  return {
    attempt_id: row.attemptId,
    delivery_id: row.deliveryId,
    subscription_id: row.subscriptionId,
    tenant: event.tenant,
    event_id: event.id,
    event_type: event.type,
    event_recorded_at: event.recordedAt,
    subject: event.subject ?? null,
    sequence: event.sequence,
    number: row.number,
    started_at: row.startedAt,
    duration_ms: row.durationMs,
    url: row.url,
    outcome: row.outcome,
    http_status: row.httpStatus ?? null,
    response_body: row.responseBody?.text ?? null,
    response_body_encoding: row.responseBody?.encoding ?? null,
    error: row.error ?? null,
    trace_id: row.traceId,
    replay_id: row.replayId ?? null,
    dispatcher_id: dispatcherId,
    delivery_state: row.deliveryState,
    next_attempt_at: row.nextAttemptAt ?? null,
    recorded_at: row.startedAt,
    schema_version: 1,
  };
}
