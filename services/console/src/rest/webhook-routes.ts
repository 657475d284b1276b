import {
  ListSubscriptionsRequest,
  State,
  type Subscription,
  SubscriptionServiceService,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import { enumNumbers } from './enum-numbers.ts';
import {
  idempotencyKeyHeader,
  ifMatchHeader,
  ifMatchOf,
  requestIdOf,
  withETag,
} from './headers.ts';
import { type PageQuery, pageProperties, pageSchema, toPage, toPageRequest } from './pages.ts';
import { present } from './present.ts';
import { oneOf, oneOrMore } from './schema-parts.ts';
import { warn, warningHeader } from './warnings.ts';
import { toSubscription, type WebhookInput } from './webhook-input.ts';
import { toWebhookJson } from './webhook-json.ts';
import { registerWebhookPatch } from './webhook-patch-route.ts';
import { createdWebhookSchema, webhookInputSchema, webhookSchema } from './webhook-schema.ts';

const TAG = 'Webhooks';
const S = SubscriptionServiceService;

interface WebhooksQuery extends PageQuery {
  readonly state?: readonly string[];
  readonly format?: readonly string[];
  readonly query?: string;
}

/** `/v1/webhooks`: what gRPC calls subscriptions. */
export function registerWebhookRoutes(app: FastifyInstance, clients: GrpcClients): void {
  registerCreate(app, clients);
  registerReading(app, clients);
  registerWebhookPatch(app, clients);
  const remove = describeRoute({
    operationId: 'deleteWebhook',
    tag: TAG,
    summary: 'Delete a webhook',
    description:
      'Its waiting deliveries are cancelled, on record; its past deliveries can still be read.',
    headers: ifMatchHeader,
    answers: { 204: { description: 'It is deleted.' } },
    refusals: [404, 412],
  });
  app.delete<{ Params: { id: string } }>('/v1/webhooks/:id', remove, async (request, reply) => {
    const { id } = request.params;
    const etag = ifMatchOf(request);
    await clients.subscriptions.call(request, S.deleteSubscription, { id, etag });
    return reply.code(204).send();
  });
}

function registerCreate(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const create = describeRoute({
    operationId: 'createWebhook',
    tag: TAG,
    summary: 'Register a webhook',
    description:
      'Every event accepted after the answer is delivered. Without `retry`, the preset is `cdhosting` for that format and `standard` for others.',
    headers: idempotencyKeyHeader,
    body: webhookInputSchema,
    answers: {
      201: {
        description: 'The webhook.',
        schema: createdWebhookSchema,
        headers: { location: 'Where the webhook is.', etag: 'Its version.', ...warningHeader },
      },
    },
    refusals: [409],
  });
  app.post<{ Body: WebhookInput }>('/v1/webhooks', create, async (request, reply) => {
    const { subscription, warnings } = await subscriptions.call(request, S.createSubscription, {
      subscription: toSubscription(request.body),
      requestId: requestIdOf(request),
    });
    const created = present(subscription, 'a subscription');
    // One who brought a secret has it; it need not travel once more.
    const secret = request.body.secret === undefined ? created.secret : undefined;
    warn(reply, warnings);
    void reply.code(201).header('location', `/v1/webhooks/${created.id}`);
    return withETag(reply, toWebhookJson(created, secret));
  });
}

function registerReading(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const list = describeRoute({
    operationId: 'listWebhooks',
    tag: TAG,
    summary: 'List webhooks',
    description: 'The tenant’s webhooks, the newest first, without their secrets.',
    query: {
      ...pageProperties,
      state: oneOrMore(oneOf(State, 'STATE_'), 'Only those in one of these states.'),
      format: oneOrMore({ type: 'string', maxLength: 100 }, 'Only those in one of these formats.'),
      query: {
        type: 'string',
        maxLength: 200,
        description: 'Only those whose URL or description holds this text, regardless of case.',
      },
    },
    answers: { 200: { description: 'One page.', schema: pageSchema(webhookSchema) } },
  });
  app.get<{ Querystring: WebhooksQuery }>('/v1/webhooks', list, async (request) => {
    const asked = ListSubscriptionsRequest.create(toPageRequest(request.query));
    asked.states = enumNumbers(State, 'STATE_', request.query.state);
    asked.formats = [...(request.query.format ?? [])];
    asked.query = request.query.query ?? '';
    const page = await subscriptions.call(request, S.listSubscriptions, asked);
    const webhooks = page.subscriptions.map((found: Subscription) => toWebhookJson(found));
    return toPage(webhooks, page.nextPageToken);
  });

  const read = describeRoute({
    operationId: 'getWebhook',
    tag: TAG,
    summary: 'Read a webhook',
    description: 'One webhook, without its secret.',
    answers: {
      200: {
        description: 'The webhook.',
        schema: webhookSchema,
        headers: { etag: 'Its version.' },
      },
    },
    refusals: [404],
  });
  app.get<{ Params: { id: string } }>('/v1/webhooks/:id', read, async (request, reply) => {
    const { id } = request.params;
    const { subscription } = await subscriptions.call(request, S.getSubscription, { id });
    return withETag(reply, toWebhookJson(present(subscription, 'a subscription')));
  });
}
