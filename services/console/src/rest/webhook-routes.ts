import {
  DomainError,
  ListSubscriptionsRequest,
  SubscriptionServiceService,
  type Warning,
} from '@hookline/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { restFieldOf } from './field-names.ts';
import { type PageQuery, pageProperties, toPage, toPageRequest } from './pages.ts';
import { toSubscription, type WebhookInput, webhookInputSchema } from './webhook-input.ts';
import { toWebhookJson } from './webhook-json.ts';

const IDEMPOTENCY_KEY_LENGTH_MAX = 128;

/** `/v1/webhooks`: what gRPC calls subscriptions. */
export function registerWebhookRoutes(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  app.post<{ Body: WebhookInput }>(
    '/v1/webhooks',
    { schema: { body: webhookInputSchema } },
    async (request, reply) => {
      const create = {
        subscription: toSubscription(request.body),
        requestId: requestIdOf(request),
      };
      const { subscription, warnings } = await subscriptions.call(
        request,
        SubscriptionServiceService.createSubscription,
        create,
      );
      const created = present(subscription);
      // One who brought a secret has it; it need not travel once more.
      const secret = request.body.secret === undefined ? created.secret : undefined;
      warn(reply, warnings);
      void reply.code(201).header('location', `/v1/webhooks/${created.id}`);
      return withETag(reply, created.etag, toWebhookJson(created, secret));
    },
  );

  app.get<{ Querystring: PageQuery }>(
    '/v1/webhooks',
    {
      schema: {
        querystring: { type: 'object', additionalProperties: false, properties: pageProperties },
      },
    },
    async (request) => {
      const list = ListSubscriptionsRequest.create(toPageRequest(request.query));
      const page = await subscriptions.call(
        request,
        SubscriptionServiceService.listSubscriptions,
        list,
      );
      return toPage(
        page.subscriptions.map((subscription) => toWebhookJson(subscription)),
        page.nextPageToken,
      );
    },
  );

  app.get<{ Params: { id: string } }>('/v1/webhooks/:id', async (request, reply) => {
    const { id } = request.params;
    const { subscription } = await subscriptions.call(
      request,
      SubscriptionServiceService.getSubscription,
      { id },
    );
    const found = present(subscription);
    return withETag(reply, found.etag, toWebhookJson(found));
  });

  app.delete<{ Params: { id: string } }>('/v1/webhooks/:id', async (request, reply) => {
    const { id } = request.params;
    const etag = ifMatchOf(request);
    await subscriptions.call(request, SubscriptionServiceService.deleteSubscription, { id, etag });
    return reply.code(204).send();
  });
}

function requestIdOf({ headers }: FastifyRequest): string {
  const key = headers['idempotency-key'];
  if (key === undefined) return '';
  if (typeof key === 'string' && key.length >= 1 && key.length <= IDEMPOTENCY_KEY_LENGTH_MAX) {
    return key;
  }
  const detail = `must have 1 to ${IDEMPOTENCY_KEY_LENGTH_MAX} characters`;
  throw new DomainError('invalid_argument', `Idempotency-Key ${detail}`, {
    fields: [{ field: 'Idempotency-Key', detail }],
  });
}

/** The etag of `If-Match`; `*` and none mean any version. */
function ifMatchOf({ headers }: FastifyRequest): string {
  const value = headers['if-match'];
  if (value === undefined || value === '*') return '';
  return /^"([^"]*)"$/.exec(value)?.[1] ?? value;
}

function withETag<T>(reply: FastifyReply, etag: string, body: T): T {
  if (etag !== '') void reply.header('etag', `"${etag}"`);
  return body;
}

/** The body has no place for warnings, so each is a header. */
function warn(reply: FastifyReply, warnings: readonly Warning[]): void {
  if (warnings.length === 0) return;
  const texts = warnings.map(({ field, description }) =>
    `${restFieldOf(field)}: ${description}`.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 500),
  );
  void reply.header('hookline-warning', texts);
}

function present<T>(message: T | undefined): T {
  if (message === undefined) throw new Error('the service answered without a subscription');
  return message;
}
