import type { Logger } from '@hookline/telemetry';
import { eventSpanIds } from '@hookline/telemetry';
import type { DecidedAttempt } from './domain/dispatch-record.ts';

/**
 * One wide line for an attempt that is on record: every id, the outcome and what follows. Of the URL
 * only the host is told, since what comes after may be a credential.
 */
export function logAttempt(logger: Logger, { attempt, decision }: DecidedAttempt): void {
  if (!logger.isLevelEnabled('info')) return;
  const { delivery, number, result } = attempt;
  const { event } = delivery.entry;
  logger.info(
    {
      trace_id: attempt.traceId,
      span_id: eventSpanIds.attempt(delivery.id, number),
      tenant: event.tenant,
      event_id: event.id,
      event_type: event.type,
      delivery_id: delivery.id,
      subscription_id: delivery.subscription.id,
      attempt_id: attempt.attemptId,
      attempt: number,
      replay_id: delivery.replayId,
      host: URL.parse(attempt.url)?.host,
      outcome: result.outcome,
      http_status: result.httpStatus,
      error: result.error,
      connect_ms: rounded(result.sentMs),
      first_byte_ms: rounded(result.firstByteMs),
      duration_ms: rounded(result.durationMs),
      decision: decision.kind,
      next_attempt_at: decision.kind === 'retry' ? decision.dueAt.toISOString() : undefined,
    },
    'made an attempt',
  );
}

function rounded(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}
