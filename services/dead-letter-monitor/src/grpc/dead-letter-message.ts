import {
  DeadLetter,
  DeadLetterCause,
  DeadLetterState,
  enumValue,
  subjectOfLine,
} from '@hookline/contracts';
import { type AttemptRow, toAttemptMessage } from '@hookline/event-log';

/** A dead letter as its table has it. */
export interface DeadLetterRow {
  readonly delivery_id: string;
  readonly subscription_id: string;
  readonly tenant: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly line: string;
  readonly attempts_count: number;
  readonly cause: string;
  readonly died_at: Date;
  /** As Postgres writes it, for page tokens. */
  readonly died_at_text: string;
  readonly state: string;
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
    createTime: row.died_at,
    updateTime: row.died_at,
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

const SUGGESTIONS: Readonly<Record<string, string>> = {
  http_error: 'Look at the response: the endpoint was reached and refused. Mend it, then redrive.',
  redirect: 'Redirects are not followed: register the final URL, then redrive.',
  gone: 'The endpoint wants no more. Delete the subscription, or change its URL and resume it.',
  throttled: 'The endpoint wants less: set a rate limit on the subscription, then redrive.',
  timeout: 'Let the endpoint answer first and work afterwards, or raise the timeout; then redrive.',
  connection_failed: 'Check that the endpoint is up and its port is open, then redrive.',
  tls_failed: 'Check the certificate: its names, its end, its chain; then redrive.',
  dns_failed: 'Check the host name in the URL, then redrive.',
  address_refused:
    'The host has an address that requests must not go to. If it is meant, the operator adds its network to HOOKLINE_ALLOW_SUBNETS; then redrive.',
  response_too_large: 'Let the endpoint answer with a short body, then redrive.',
  subscription_disabled: 'Resume the subscription, then redrive.',
  expired: 'Its payload is past the retention time; there is nothing left to deliver.',
  skipped: 'It was skipped by hand; redrive it if it is wanted after all.',
  unprocessable: 'The event does not fit the format: choose another one, then redrive.',
};

function suggestionFor(cause: string): string {
  return SUGGESTIONS[cause] ?? 'Look at the attempts, mend what they show, then redrive.';
}
