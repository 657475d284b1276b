import {
  DeadLetter,
  DeadLetterCause,
  DeadLetterState,
  enumValue,
  subjectOfLine,
} from '@hookline/contracts';
import { type AttemptRow, toAttemptMessage } from '@hookline/event-log';
import { suggestionFor } from '../domain/suggestions.ts';

/** A dead letter as its table has it. */
export interface DeadLetterRow {
  readonly delivery_id: string;
  readonly subscription_id: string;
  readonly tenant: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly event_recorded_at: Date;
  readonly line: string;
  readonly attempts_count: number;
  readonly cause: string;
  readonly died_at: Date;
  /** As Postgres writes it, for page tokens. */
  readonly died_at_text: string;
  readonly state: string;
  readonly incident_id: string | null;
  readonly replay_id: string | null;
  readonly discard_reason: string | null;
  readonly changed_at: Date;
}

export function toDeadLetterMessage(
  row: DeadLetterRow,
  lastAttempt: AttemptRow | undefined,
): DeadLetter {
  return DeadLetter.create({
    id: row.delivery_id,
    eventId: row.event_id,
    subscriptionId: row.subscription_id,
    eventType: row.event_type,
    subject: subjectOfLine(row.tenant, row.line) ?? '',
    state: enumValue(DeadLetterState, 'DEAD_LETTER_STATE_', row.state) ?? 0,
    cause: causeOf(row.cause),
    attemptsCount: row.attempts_count,
    lastAttempt: lastAttempt && toAttemptMessage(lastAttempt),
    suggestion: suggestionFor(row.cause),
    incidentId: row.incident_id ?? '',
    replayId: row.replay_id ?? '',
    discardReason: row.discard_reason ?? '',
    createTime: row.died_at,
    updateTime: row.changed_at,
  });
}

/** The table holds the last attempt's outcome where attempts were the reason. */
function causeOf(cause: string): DeadLetterCause {
  if (cause === 'gone') return DeadLetterCause.DEAD_LETTER_CAUSE_ENDPOINT_GONE;
  return (
    enumValue(DeadLetterCause, 'DEAD_LETTER_CAUSE_', cause) ??
    DeadLetterCause.DEAD_LETTER_CAUSE_ATTEMPTS_EXHAUSTED
  );
}
