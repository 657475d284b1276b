import {
  type DeadLetterServiceService,
  enumText,
  enumValue,
  Incident,
  IncidentKind,
  IncidentState,
  isId,
  Notification,
  NotificationState,
  Outcome,
} from '@hookline/contracts';
import { requireRole } from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import { type GrpcImplementation, readPageSize, writePageToken } from '@hookline/service-runtime';
import { NOTIFICATION_TRIES_MAX } from '../domain/notification.ts';
import {
  type IncidentRow,
  listIncidentRows,
  type NotificationRow,
  notificationsOf,
} from '../postgres/list-incidents.ts';
import { invalid, refuseUnless } from './faults.ts';
import { cursorOf } from './read-methods.ts';

type IncidentMethods = Pick<GrpcImplementation<typeof DeadLetterServiceService>, 'listIncidents'>;

const NOTIFICATIONS_MAX = 20;

/** The methods of DeadLetterService on incidents, each call within the caller's tenant. */
export function createIncidentMethods({ kysely }: Database): IncidentMethods {
  return {
    async listIncidents({ pageSize, pageToken, ...asked }, { caller }) {
      requireRole(caller, 'viewer');
      const { tenant } = caller;
      const { subscriptionId, startTime, endTime } = asked;
      refuseUnless(subscriptionId === '' || isId('sub', subscriptionId), {
        field: 'subscription_id',
        detail: 'is no id of a subscription; send one such as sub_01h…',
      });
      const question = ['incidents', tenant, asked];
      const limit = readPageSize(pageSize);
      const rows = await listIncidentRows(kysely, {
        ...{ tenant, subscriptionId, startTime, endTime },
        states: asked.states.length === 0 ? ['open'] : asked.states.map(stateText),
        kinds: asked.kinds.map(kindText),
        after: cursorOf(pageToken, question),
        limit: limit + 1,
      });
      const page = rows.slice(0, limit);
      const told = await notificationsOf(
        kysely,
        page.map(({ incident_id }) => incident_id),
      );
      const last = rows.length > limit ? page.at(-1) : undefined;
      return {
        incidents: page.map((row) => toIncidentMessage(row, told.get(row.incident_id) ?? [])),
        nextPageToken:
          last === undefined ? '' : writePageToken([last.last_at_text, last.incident_id], question),
      };
    },
  };
}

function stateText(state: IncidentState): string {
  const text = enumText(IncidentState, 'INCIDENT_STATE_', state);
  if (text === undefined) throw invalid({ field: 'states', detail: 'holds an unknown state' });
  return text;
}

function kindText(kind: IncidentKind): string {
  const text = enumText(IncidentKind, 'INCIDENT_KIND_', kind);
  if (text === undefined) throw invalid({ field: 'kinds', detail: 'holds an unknown kind' });
  return text;
}

/** An incident as the API shows it. */
export function toIncidentMessage(row: IncidentRow, told: readonly NotificationRow[]): Incident {
  return Incident.fromPartial({
    id: row.incident_id,
    kind: enumValue(IncidentKind, 'INCIDENT_KIND_', row.kind) ?? 0,
    state: enumValue(IncidentState, 'INCIDENT_STATE_', row.state) ?? 0,
    summary: row.summary,
    suggestion: row.suggestion,
    subscriptionId: row.subscription_id ?? '',
    host: row.host ?? '',
    outcome: row.outcome === null ? 0 : (enumValue(Outcome, 'OUTCOME_', row.outcome) ?? 0),
    cause: row.cause,
    count: row.count,
    firstTime: row.first_at,
    lastTime: row.last_at,
    resolveTime: row.resolved_at ?? undefined,
    notifications: told.flatMap(toNotifications).slice(0, NOTIFICATIONS_MAX),
  });
}

function toNotifications(row: NotificationRow): Notification[] {
  return row.recipients.map((recipient) =>
    Notification.fromPartial({
      channel: 'email',
      recipient,
      state: notificationState(row),
      attemptsCount: row.tries,
      error: row.error ?? '',
      attemptTime: row.tried_at ?? undefined,
    }),
  );
}

function notificationState({ sent_at, tries }: NotificationRow): NotificationState {
  if (sent_at !== null) return NotificationState.NOTIFICATION_STATE_SENT;
  return tries >= NOTIFICATION_TRIES_MAX
    ? NotificationState.NOTIFICATION_STATE_FAILED
    : NotificationState.NOTIFICATION_STATE_PENDING;
}
