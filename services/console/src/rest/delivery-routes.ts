import {
  type Delivery,
  DeliveryServiceService,
  DeliveryState,
  enumTexts,
  enumValue,
  ListDeliveriesRequest,
  type ListDeliveriesResponse,
  Outcome,
  SubscriptionServiceService,
} from '@hookline/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { toAttemptJson, toDeliveryJson } from './delivery-json.ts';
import { instant } from './instant.ts';
import { type PageQuery, pageProperties, toPage, toPageRequest } from './pages.ts';

interface DeliveriesQuery extends PageQuery {
  readonly state?: readonly string[];
  readonly outcome?: readonly string[];
  readonly type?: readonly string[];
  readonly webhook_id?: string;
  readonly event_id?: string;
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
  readonly include?: readonly 'last_attempt'[];
}

const STATE = 'DELIVERY_STATE_';
const OUTCOME = 'OUTCOME_';

const oneOrMore = (items: object) => ({ type: 'array', maxItems: 100, items }) as const;
const id = { type: 'string', maxLength: 100 } as const;

const ofWebhookProperties = {
  ...pageProperties,
  state: oneOrMore({ type: 'string', enum: enumTexts(DeliveryState, STATE) }),
  outcome: oneOrMore({ type: 'string', enum: enumTexts(Outcome, OUTCOME) }),
  type: oneOrMore({ type: 'string', maxLength: 200 }),
  event_id: id,
  subject: { type: 'string', maxLength: 1_000 },
  from: { type: 'string', maxLength: 50 },
  to: { type: 'string', maxLength: 50 },
  // The last attempt of each delivery, in the list: what the console's page shows.
  include: oneOrMore({ type: 'string', enum: ['last_attempt'] }),
} as const;

function querySchema(properties: object) {
  return { querystring: { type: 'object', additionalProperties: false, properties } };
}

/** `/v1/deliveries`, and those of one webhook. */
export function registerDeliveryRoutes(app: FastifyInstance, clients: GrpcClients): void {
  const { deliveries, subscriptions } = clients;
  const list = async (request: FastifyRequest, query: DeliveriesQuery) => {
    const asked = toListRequest(query);
    const page = await deliveries.call(request, DeliveryServiceService.listDeliveries, asked);
    return toListJson(page, query);
  };

  app.get<{ Querystring: DeliveriesQuery }>(
    '/v1/deliveries',
    { schema: querySchema({ ...ofWebhookProperties, webhook_id: id }) },
    (request) => list(request, request.query),
  );

  app.get<{ Params: { id: string } }>('/v1/deliveries/:id', async (request) => {
    const { delivery, attempts } = await deliveries.call(
      request,
      DeliveryServiceService.getDelivery,
      { id: request.params.id },
    );
    if (delivery === undefined) throw new Error('the service answered without a delivery');
    return { ...toDeliveryJson(delivery), attempts: attempts.map(toAttemptJson) };
  });

  app.get<{ Params: { id: string }; Querystring: DeliveriesQuery }>(
    '/v1/webhooks/:id/deliveries',
    { schema: querySchema(ofWebhookProperties) },
    async (request) => {
      const webhookId = request.params.id;
      // An empty list would hide that there is no such webhook.
      await subscriptions.call(request, SubscriptionServiceService.getSubscription, {
        id: webhookId,
      });
      return await list(request, { ...request.query, webhook_id: webhookId });
    },
  );
}

function toListRequest(query: DeliveriesQuery): ListDeliveriesRequest {
  const { state = [], outcome = [], type = [] } = query;
  const request = ListDeliveriesRequest.create(toPageRequest(query));
  request.subscriptionId = query.webhook_id ?? '';
  request.eventId = query.event_id ?? '';
  request.subject = query.subject ?? '';
  request.eventTypes = [...type];
  request.states = state.map((name) => enumValue(DeliveryState, STATE, name) ?? 0);
  request.outcomes = outcome.map((name) => enumValue(Outcome, OUTCOME, name) ?? 0);
  request.startTime = instant('from', query.from);
  request.endTime = instant('to', query.to);
  return request;
}

function toListJson(page: ListDeliveriesResponse, { include = [] }: DeliveriesQuery) {
  const withLast = include.includes('last_attempt');
  return toPage(
    page.deliveries.map((delivery) => ({
      ...toDeliveryJson(delivery),
      ...(withLast && { last_attempt: lastAttemptOf(delivery) }),
    })),
    page.nextPageToken,
  );
}

function lastAttemptOf({ lastAttempt }: Delivery) {
  return lastAttempt === undefined ? null : toAttemptJson(lastAttempt);
}
