import {
  type Delivery,
  DeliveryServiceService,
  DeliveryState,
  ListDeliveriesRequest,
  type ListDeliveriesResponse,
  Outcome,
  SubscriptionServiceService,
} from '@hookline/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { toAttemptJson, toDeliveryJson } from './delivery-json.ts';
import {
  deliverySchema,
  deliveryWithAttemptsSchema,
  listedDeliverySchema,
} from './delivery-schema.ts';
import { describeRoute } from './describe-route.ts';
import { enumNumbers } from './enum-numbers.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { present } from './present.ts';
import { about, instant, oneOf, oneOrMore } from './schema-parts.ts';
import { instantOf } from './times.ts';

export interface DeliveriesQuery extends PageQuery {
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

const TAG = 'Deliveries';
const STATE = 'DELIVERY_STATE_';
const OUTCOME = 'OUTCOME_';

const id = { type: 'string', maxLength: 100 } as const;

const ofWebhookProperties = {
  ...pageProperties,
  state: oneOrMore(oneOf(DeliveryState, STATE), 'Only those in one of these states.'),
  outcome: oneOrMore(oneOf(Outcome, OUTCOME), 'Only those whose last attempt ended so.'),
  type: oneOrMore(
    { type: 'string', maxLength: 200 },
    'Only those of an event of one of these types or patterns.',
  ),
  event_id: about(id, 'Only those of this event.'),
  subject: { type: 'string', maxLength: 1_000, description: 'Only those about this server.' },
  from: about(instant, 'Only those made at this time or later, RFC 3339.'),
  to: about(instant, 'Only those made before this time, RFC 3339.'),
  // The last attempt of each delivery, in the list: what the console's page shows.
  include: oneOrMore(
    { type: 'string', enum: ['last_attempt'] },
    'What each entry holds besides: its last attempt.',
  ),
} as const;

const page = {
  200: { description: 'One page.', schema: pageSchema(listedDeliverySchema) },
} as const;

/** `/v1/deliveries`, and those of one webhook. */
export function registerDeliveryRoutes(app: FastifyInstance, clients: GrpcClients): void {
  registerLists(app, clients);
  const { deliveries } = clients;
  const read = describeRoute({
    operationId: 'getDelivery',
    tag: TAG,
    summary: 'Read a delivery',
    description: 'One delivery with every attempt.',
    answers: { 200: { description: 'The delivery.', schema: deliveryWithAttemptsSchema } },
    refusals: [404],
  });
  app.get<{ Params: { id: string } }>('/v1/deliveries/:id', read, async (request) => {
    const asked = { id: request.params.id };
    const answer = await deliveries.call(request, DeliveryServiceService.getDelivery, asked);
    const delivery = toDeliveryJson(present(answer.delivery, 'a delivery'));
    return { ...delivery, attempts: answer.attempts.map(toAttemptJson) };
  });

  const retry = describeRoute({
    operationId: 'retryDelivery',
    tag: TAG,
    summary: 'Try a delivery again',
    description:
      'Makes one attempt as soon as the endpoint’s limits allow, whatever the state; it carries the same `webhook-id`. The answer comes before the attempt is made.',
    bodyOptional: true,
    answers: { 202: { description: 'The delivery, scheduled for now.', schema: deliverySchema } },
    refusals: [404, 409],
  });
  app.post<{ Params: { id: string } }>(
    '/v1/deliveries/:id/retry',
    retry,
    async (request, reply) => {
      const asked = { id: request.params.id };
      const answer = await deliveries.call(request, DeliveryServiceService.retryDelivery, asked);
      void reply.code(202);
      return toDeliveryJson(present(answer.delivery, 'a delivery'));
    },
  );
}

function registerLists(app: FastifyInstance, { deliveries, subscriptions }: GrpcClients): void {
  const list = async (request: FastifyRequest, query: DeliveriesQuery) => {
    const asked = toListRequest(query);
    return toListJson(
      await deliveries.call(request, DeliveryServiceService.listDeliveries, asked),
      query,
    );
  };

  const all = describeRoute({
    operationId: 'listDeliveries',
    tag: TAG,
    summary: 'List deliveries',
    description: 'The tenant’s deliveries, the newest first.',
    query: { ...ofWebhookProperties, webhook_id: about(id, 'Only those to this webhook.') },
    answers: page,
  });
  app.get<{ Querystring: DeliveriesQuery }>('/v1/deliveries', all, (request) =>
    list(request, request.query),
  );

  const ofWebhook = describeRoute({
    operationId: 'listWebhookDeliveries',
    tag: TAG,
    summary: 'List the deliveries of a webhook',
    description: 'The deliveries to one webhook, the newest first.',
    query: ofWebhookProperties,
    answers: page,
    refusals: [404],
  });
  app.get<{ Params: { id: string }; Querystring: DeliveriesQuery }>(
    '/v1/webhooks/:id/deliveries',
    ofWebhook,
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

/** What is asked of the service by a query. */
export function toListRequest(query: DeliveriesQuery): ListDeliveriesRequest {
  const request = ListDeliveriesRequest.create(toPageRequest(query));
  request.subscriptionId = query.webhook_id ?? '';
  request.eventId = query.event_id ?? '';
  request.subject = query.subject ?? '';
  request.eventTypes = [...(query.type ?? [])];
  request.states = enumNumbers(DeliveryState, STATE, query.state);
  request.outcomes = enumNumbers(Outcome, OUTCOME, query.outcome);
  request.startTime = instantOf(query.from);
  request.endTime = instantOf(query.to);
  return request;
}

function toListJson(found: ListDeliveriesResponse, { include = [] }: DeliveriesQuery) {
  const withLast = include.includes('last_attempt');
  return toPage(
    found.deliveries.map((delivery) => ({
      ...toDeliveryJson(delivery),
      ...(withLast && { last_attempt: lastAttemptOf(delivery) }),
    })),
    found.nextPageToken,
  );
}

function lastAttemptOf({ lastAttempt }: Delivery) {
  return lastAttempt === undefined ? null : toAttemptJson(lastAttempt);
}
