import {
  type DeadLetter,
  DeadLetterCause,
  DeadLetterState,
  type Incident,
  IncidentKind,
  IncidentState,
  NotificationState,
  Outcome,
  type RejectedMessage,
  RejectedState,
} from '@hookline/contracts';
import type { Column } from '../output/table.ts';
import { attemptJson, outcomeText } from './delivery-view.ts';
import { type Json, number, shortTime, shown, timeOrNull, word } from './shared.ts';

export function deadLetterJson(letter: DeadLetter): Json {
  return {
    id: letter.id,
    event_id: letter.eventId,
    subscription_id: letter.subscriptionId,
    event_type: letter.eventType,
    subject: letter.subject,
    state: word(DeadLetterState, 'DEAD_LETTER_STATE_', letter.state),
    cause: word(DeadLetterCause, 'DEAD_LETTER_CAUSE_', letter.cause),
    attempts_count: letter.attemptsCount,
    last_attempt: letter.lastAttempt === undefined ? null : attemptJson(letter.lastAttempt),
    suggestion: letter.suggestion,
    incident_id: letter.incidentId,
    replay_id: letter.replayId,
    discard_reason: letter.discardReason,
    create_time: timeOrNull(letter.createTime),
    update_time: timeOrNull(letter.updateTime),
  };
}

export const deadLetterColumns: readonly Column<Json>[] = [
  { title: 'DEAD LETTER', text: (letter) => shown(letter, 'id') },
  { title: 'GIVEN UP', text: (letter) => shortTime(letter, 'create_time') },
  { title: 'TYPE', text: (letter) => shown(letter, 'event_type'), canShrink: true },
  { title: 'STATE', text: (letter) => shown(letter, 'state') },
  { title: 'CAUSE', text: (letter) => shown(letter, 'cause') },
  { title: 'LAST', text: ({ last_attempt: last }) => outcomeText(last as Json | null) },
];

/** `payload` is text where it is UTF-8, else base64. */
export function rejectedJson(message: RejectedMessage): Json {
  const bytes = Buffer.from(message.payload);
  const text = bytes.toString('utf8');
  const isText = Buffer.from(text).equals(bytes);
  return {
    id: message.id,
    state: word(RejectedState, 'REJECTED_STATE_', message.state),
    code: message.code,
    reason: message.reason,
    suggestion: message.suggestion,
    channel: message.channel,
    address: message.address,
    host: message.host,
    source_id: message.sourceId,
    headers: message.headers,
    payload: bytes.length === 0 ? null : isText ? text : bytes.toString('base64'),
    payload_encoding: isText ? 'text' : 'base64',
    payload_size: number(message.payloadSize),
    payload_sha256: message.payloadSha256,
    event_id: message.eventId,
    receive_time: timeOrNull(message.receiveTime),
  };
}

export const rejectedColumns: readonly Column<Json>[] = [
  { title: 'REJECTED', text: (message) => shown(message, 'id') },
  { title: 'RECEIVED', text: (message) => shortTime(message, 'receive_time') },
  { title: 'HOST', text: (message) => shown(message, 'host') },
  { title: 'CODE', text: (message) => shown(message, 'code') },
  { title: 'STATE', text: (message) => shown(message, 'state') },
  { title: 'REASON', text: (message) => shown(message, 'reason'), canShrink: true },
];

export function incidentJson(incident: Incident): Json {
  return {
    id: incident.id,
    kind: word(IncidentKind, 'INCIDENT_KIND_', incident.kind),
    state: word(IncidentState, 'INCIDENT_STATE_', incident.state),
    summary: incident.summary,
    suggestion: incident.suggestion,
    subscription_id: incident.subscriptionId,
    host: incident.host,
    outcome: word(Outcome, 'OUTCOME_', incident.outcome),
    cause: incident.cause,
    count: number(incident.count),
    first_time: timeOrNull(incident.firstTime),
    last_time: timeOrNull(incident.lastTime),
    resolve_time: timeOrNull(incident.resolveTime),
    notifications: incident.notifications.map((each) => ({
      channel: each.channel,
      recipient: each.recipient,
      state: word(NotificationState, 'NOTIFICATION_STATE_', each.state),
      attempts_count: each.attemptsCount,
      error: each.error,
      attempt_time: timeOrNull(each.attemptTime),
    })),
  };
}

export const incidentColumns: readonly Column<Json>[] = [
  { title: 'INCIDENT', text: (incident) => shown(incident, 'id') },
  { title: 'LAST', text: (incident) => shortTime(incident, 'last_time') },
  { title: 'KIND', text: (incident) => shown(incident, 'kind') },
  { title: 'STATE', text: (incident) => shown(incident, 'state') },
  { title: 'COUNT', text: (incident) => shown(incident, 'count'), align: 'right' },
  { title: 'SUMMARY', text: (incident) => shown(incident, 'summary'), canShrink: true },
];
