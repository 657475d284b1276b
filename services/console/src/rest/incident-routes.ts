import {
  DeadLetterServiceService,
  enumText,
  type Incident,
  IncidentKind,
  IncidentState,
  ListIncidentsRequest,
  NotificationState,
  Outcome,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import { enumNumbers } from './enum-numbers.ts';
import { incidentSchema } from './incident-schema.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { about, instant, oneOf, oneOrMore } from './schema-parts.ts';
import { instantOf, instantText, textOrNull } from './times.ts';

interface IncidentsQuery extends PageQuery {
  readonly state?: readonly string[];
  readonly kind?: readonly string[];
  readonly webhook_id?: string;
  readonly from?: string;
  readonly to?: string;
}

const name = { type: 'string', maxLength: 1_000 } as const;

/** `/v1/incidents`: trouble, grouped by what it is about and its cause. */
export function registerIncidentRoutes(app: FastifyInstance, { deadLetters }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listIncidents',
    tag: 'Incidents',
    summary: 'List incidents',
    description:
      'Trouble of one kind with one cause is one incident, however often it shows. Those that showed last come first; without `state`, those that go on.',
    query: {
      ...pageProperties,
      state: oneOrMore(oneOf(IncidentState, 'INCIDENT_STATE_'), 'Default: open.'),
      kind: oneOrMore(oneOf(IncidentKind, 'INCIDENT_KIND_'), 'Only those of these kinds.'),
      webhook_id: about(name, 'Only those about this webhook.'),
      from: about(instant, 'Only those that showed at this time or later, RFC 3339.'),
      to: about(instant, 'Only those that showed before this time, RFC 3339.'),
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(incidentSchema) } },
  });
  app.get<{ Querystring: IncidentsQuery }>('/v1/incidents', list, async (request) => {
    const { listIncidents } = DeadLetterServiceService;
    const asked = toIncidentsRequest(request.query);
    const page = await deadLetters.call(request, listIncidents, asked);
    return toPage(page.incidents.map(toIncidentJson), page.nextPageToken);
  });
}

function toIncidentsRequest(query: IncidentsQuery): ListIncidentsRequest {
  return ListIncidentsRequest.fromPartial({
    ...toPageRequest(query),
    states: enumNumbers(IncidentState, 'INCIDENT_STATE_', query.state),
    kinds: enumNumbers(IncidentKind, 'INCIDENT_KIND_', query.kind),
    subscriptionId: query.webhook_id ?? '',
    startTime: instantOf(query.from),
    endTime: instantOf(query.to),
  });
}

/** An incident as REST shows it. */
function toIncidentJson(incident: Incident) {
  return {
    id: incident.id,
    kind: enumText(IncidentKind, 'INCIDENT_KIND_', incident.kind) ?? 'deliveries_dead',
    state: enumText(IncidentState, 'INCIDENT_STATE_', incident.state) ?? 'open',
    summary: incident.summary,
    suggestion: incident.suggestion,
    webhook_id: textOrNull(incident.subscriptionId),
    host: textOrNull(incident.host),
    outcome: enumText(Outcome, 'OUTCOME_', incident.outcome) ?? null,
    cause: incident.cause,
    count: Number(incident.count),
    first_at: instantText(incident.firstTime),
    last_at: instantText(incident.lastTime),
    resolved_at: instantText(incident.resolveTime),
    notifications: incident.notifications.map((notification) => ({
      channel: notification.channel,
      recipient: notification.recipient,
      state: enumText(NotificationState, 'NOTIFICATION_STATE_', notification.state) ?? 'pending',
      attempts_count: notification.attemptsCount,
      error: textOrNull(notification.error),
      attempted_at: instantText(notification.attemptTime),
    })),
  };
}
