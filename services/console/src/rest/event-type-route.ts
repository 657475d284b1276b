import {
  type GrpcEventType,
  ListEventTypesRequest,
  SubscriptionServiceService,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import { eventTypeSchema } from './event-schema.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { textOrNull } from './times.ts';

/** `GET /v1/event-types`. */
export function registerEventTypes(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listEventTypes',
    tag: 'Events',
    summary: 'List event types',
    description: 'The catalogue of event types, the tenant’s own included, by name.',
    query: {
      ...pageProperties,
      page_size: {
        ...pageProperties.page_size,
        description: 'How many at most. Default 1,000, which holds the whole catalogue.',
      },
      query: {
        type: 'string',
        maxLength: 200,
        description: 'Only those whose name, title or name elsewhere holds this text.',
      },
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(eventTypeSchema) } },
  });
  app.get<{ Querystring: PageQuery & { readonly query?: string } }>(
    '/v1/event-types',
    list,
    async (request) => {
      const asked = ListEventTypesRequest.create(toPageRequest(request.query));
      asked.query = request.query.query ?? '';
      const page = await subscriptions.call(
        request,
        SubscriptionServiceService.listEventTypes,
        asked,
      );
      return toPage(page.eventTypes.map(toEventTypeJson), page.nextPageToken);
    },
  );
}

function toEventTypeJson(entry: GrpcEventType) {
  return {
    type: entry.type,
    title: entry.title,
    description: entry.description,
    group: entry.group,
    canonical: entry.canonical,
    source_names: entry.sourceNames.map(({ format, name, id }) => ({
      format,
      name,
      id: textOrNull(id),
    })),
    ...(entry.exampleData !== '' && { example_data: JSON.parse(entry.exampleData) as object }),
  };
}
