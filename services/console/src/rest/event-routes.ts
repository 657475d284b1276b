import {
  DeliveryServiceService,
  GrpcPhase,
  GrpcStatus,
  ListEventsRequest,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import { enumNumbers } from './enum-numbers.ts';
import { toEventText } from './event-json.ts';
import { eventSchema } from './event-schema.ts';
import { registerEventTypes } from './event-type-route.ts';
import { type PageQuery, pageProperties, pageSchema, toPageRequest } from './pages.ts';
import { present } from './present.ts';
import { about, instant, oneOf, oneOrMore } from './schema-parts.ts';
import { instantOf } from './times.ts';

export interface EventsQuery extends PageQuery {
  readonly type?: readonly string[];
  readonly subject?: string;
  readonly source?: string;
  readonly status?: readonly string[];
  readonly phase?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly omit_data?: boolean;
}

const TAG = 'Events';
const JSON_TYPE = 'application/json; charset=utf-8';
const name = { type: 'string', maxLength: 1_000 } as const;

/** `/v1/events`, and the catalogue of their types. */
export function registerEventRoutes(app: FastifyInstance, clients: GrpcClients): void {
  registerEventTypes(app, clients);
  const { deliveries } = clients;
  const list = describeRoute({
    operationId: 'listEvents',
    tag: TAG,
    summary: 'List events',
    description:
      'Accepted events, the newest first. A page may hold fewer than asked for although there are more: it ends before its payloads exceed 2 MiB, and a rare filter looks at a bounded stretch of the log for each page. Go on while there is a `next_page_token`.',
    query: {
      ...pageProperties,
      type: oneOrMore(
        { type: 'string', maxLength: 200 },
        'Only those of one of these types or patterns, such as `server.*`.',
      ),
      subject: about(name, 'Only those about this server.'),
      source: about(name, 'Only those of this source.'),
      status: oneOrMore(oneOf(GrpcStatus, 'STATUS_'), 'Only those that ended so.'),
      phase: oneOrMore(oneOf(GrpcPhase, 'PHASE_'), 'Only those in one of these phases.'),
      from: about(instant, 'Only those accepted at this time or later, RFC 3339.'),
      to: about(instant, 'Only those accepted before this time, RFC 3339.'),
      omit_data: about({ type: 'boolean' }, 'Leave the payloads out.'),
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(eventSchema) } },
  });
  app.get<{ Querystring: EventsQuery }>('/v1/events', list, async (request, reply) => {
    const asked = toEventsRequest(request.query);
    const page = await deliveries.call(request, DeliveryServiceService.listEvents, asked);
    const { omitData } = asked;
    const entries = page.events.map((event) => toEventText(event, { omitData }));
    const next = page.nextPageToken === '' ? null : page.nextPageToken;
    void reply.type(JSON_TYPE);
    return `{"data":[${entries.join(',')}],"next_page_token":${JSON.stringify(next)}}`;
  });

  const read = describeRoute({
    operationId: 'getEvent',
    tag: TAG,
    summary: 'Read an event',
    description: 'One event with its payload, as it was published.',
    answers: { 200: { description: 'The event.', schema: eventSchema } },
    refusals: [404],
  });
  app.get<{ Params: { id: string } }>('/v1/events/:id', read, async (request, reply) => {
    const asked = { id: request.params.id };
    const answer = await deliveries.call(request, DeliveryServiceService.getEvent, asked);
    void reply.type(JSON_TYPE);
    return toEventText(present(answer.event, 'an event'));
  });
}

/** What is asked of the service by a query. */
export function toEventsRequest(query: EventsQuery): ListEventsRequest {
  const request = ListEventsRequest.create(toPageRequest(query));
  request.types = [...(query.type ?? [])];
  request.subject = query.subject ?? '';
  request.source = query.source ?? '';
  request.statuses = enumNumbers(GrpcStatus, 'STATUS_', query.status);
  request.phases = enumNumbers(GrpcPhase, 'PHASE_', query.phase);
  request.startTime = instantOf(query.from);
  request.endTime = instantOf(query.to);
  request.omitData = query.omit_data ?? false;
  return request;
}
