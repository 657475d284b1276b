import {
  type DeadLetter,
  DeadLetterCause,
  DeadLetterState,
  enumText,
  type GetDeadLetterResponse,
} from '@hookline/contracts';
import { toAttemptJson } from './delivery-json.ts';
import { toEventText } from './event-json.ts';
import { present } from './present.ts';
import { instantText, textOrNull } from './times.ts';

/** A dead letter as REST lists it. */
export function toDeadLetterJson(letter: DeadLetter) {
  return {
    id: letter.id,
    event_id: letter.eventId,
    webhook_id: textOrNull(letter.subscriptionId),
    type: letter.eventType,
    subject: textOrNull(letter.subject),
    state: enumText(DeadLetterState, 'DEAD_LETTER_STATE_', letter.state) ?? 'open',
    cause: enumText(DeadLetterCause, 'DEAD_LETTER_CAUSE_', letter.cause) ?? 'attempts_exhausted',
    attempts_count: letter.attemptsCount,
    last_attempt: letter.lastAttempt === undefined ? null : toAttemptJson(letter.lastAttempt),
    suggestion: letter.suggestion,
    incident_id: textOrNull(letter.incidentId),
    replay_id: textOrNull(letter.replayId),
    discard_reason: textOrNull(letter.discardReason),
    created_at: instantText(letter.createTime),
    updated_at: instantText(letter.updateTime),
  };
}

/** A dead letter with its event, as published, and its attempts; JSON text. */
export function toDeadLetterText({ deadLetter, event, attempts }: GetDeadLetterResponse): string {
  const letter = toDeadLetterJson(present(deadLetter, 'a dead letter'));
  const text = JSON.stringify({ ...letter, attempts: attempts.map(toAttemptJson) });
  return `${text.slice(0, -1)},"event":${event === undefined ? 'null' : toEventText(event)}}`;
}
