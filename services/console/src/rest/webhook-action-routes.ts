import {
  durationFromMs,
  RotateSecretRequest,
  type Subscription,
  SubscriptionServiceService,
} from '@hookline/contracts';
import type { FastifyInstance } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { toAttemptJson } from './delivery-json.ts';
import { attemptSchema } from './delivery-schema.ts';
import { describeRoute } from './describe-route.ts';
import { exampleIds } from './examples.ts';
import {
  idempotencyKeyHeader,
  ifMatchHeader,
  ifMatchOf,
  requestIdOf,
  withETag,
} from './headers.ts';
import { toHealthJson } from './health-json.ts';
import { healthSchema } from './health-schema.ts';
import { present } from './present.ts';
import { about, component, record, text } from './schema-parts.ts';
import { instantText } from './times.ts';
import { warn, warningHeader } from './warnings.ts';
import { toWebhookJson } from './webhook-json.ts';
import {
  changedWebhookSchema,
  rotatedWebhookSchema,
  rotateSecretSchema,
  webhookSchema,
} from './webhook-schema.ts';

const TAG = 'Webhooks';
const S = SubscriptionServiceService;

interface ById {
  readonly Params: { readonly id: string };
}

interface RotateInput {
  readonly secret?: string;
  readonly overlap_seconds?: number;
}

const etagHeader = { etag: 'Its version.' };

/** What is done to one webhook. */
export function registerWebhookActions(app: FastifyInstance, clients: GrpcClients): void {
  registerPauseAndResume(app, clients);
  registerRotateSecret(app, clients);
  registerPing(app, clients);
  const health = describeRoute({
    operationId: 'getWebhookHealth',
    tag: TAG,
    summary: 'See how an endpoint fares',
    description: 'What waits for it, what holds it back, and how it answered lately.',
    answers: { 200: { description: 'The health.', schema: healthSchema } },
    refusals: [404],
  });
  app.get<ById>('/v1/webhooks/:id/health', health, async (request) => {
    const { id } = request.params;
    const answer = await clients.subscriptions.call(request, S.getSubscriptionHealth, { id });
    return toHealthJson(present(answer.health, 'the health'));
  });
}

function registerPauseAndResume(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const pause = describeRoute({
    operationId: 'pauseWebhook',
    tag: TAG,
    summary: 'Pause a webhook',
    description:
      'Deliveries wait until it is resumed. Pausing a paused one changes nothing; a disabled one is refused.',
    headers: ifMatchHeader,
    bodyOptional: true,
    answers: {
      200: { description: 'The paused webhook.', schema: webhookSchema, headers: etagHeader },
    },
    refusals: [404, 409, 412],
  });
  app.post<ById>('/v1/webhooks/:id/pause', pause, async (request, reply) => {
    const asked = { id: request.params.id, etag: ifMatchOf(request) };
    const { subscription } = await subscriptions.call(request, S.pauseSubscription, asked);
    return withETag(reply, toWebhookJson(present(subscription, 'a subscription')));
  });

  const resume = describeRoute({
    operationId: 'resumeWebhook',
    tag: TAG,
    summary: 'Resume a webhook',
    description:
      'Makes a paused or disabled webhook active again. Resuming an active one changes nothing. After a disabled time, `missed_since` says from when a replay would deliver what was missed.',
    headers: ifMatchHeader,
    bodyOptional: true,
    answers: {
      200: { description: 'The webhook.', schema: changedWebhookSchema, headers: etagHeader },
    },
    refusals: [404, 412],
  });
  app.post<ById>('/v1/webhooks/:id/resume', resume, async (request, reply) => {
    const asked = { id: request.params.id, etag: ifMatchOf(request) };
    const answer = await subscriptions.call(request, S.resumeSubscription, asked);
    const { missedSince } = answer;
    return withETag(reply, {
      ...toWebhookJson(present(answer.subscription, 'a subscription')),
      ...(missedSince !== undefined && { missed_since: instantText(missedSince) }),
    });
  });
}

function registerRotateSecret(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const rotate = describeRoute({
    operationId: 'rotateWebhookSecret',
    tag: TAG,
    summary: 'Replace the signing secret',
    description:
      'Requests are signed with the new and the old secret until the overlap ends. A secret that Hookline made is in this answer and never again.',
    headers: { ...idempotencyKeyHeader, ...ifMatchHeader },
    body: rotateSecretSchema,
    bodyOptional: true,
    answers: {
      200: {
        description: 'The webhook, with its new secret if Hookline made it.',
        schema: rotatedWebhookSchema,
        headers: { ...etagHeader, ...warningHeader },
      },
    },
    refusals: [404, 409, 412],
  });
  app.post<ById & { Body: RotateInput }>(
    '/v1/webhooks/:id/rotate-secret',
    rotate,
    async (request, reply) => {
      const asked = RotateSecretRequest.create({
        id: request.params.id,
        etag: ifMatchOf(request),
        requestId: requestIdOf(request),
      });
      Object.assign(asked, toRotation(request.body));
      const answer = await subscriptions.call(request, S.rotateSecret, asked);
      const rotated: Subscription = present(answer.subscription, 'a subscription');
      const secret = request.body.secret === undefined ? rotated.secret : undefined;
      warn(reply, answer.warnings);
      return withETag(reply, {
        ...toWebhookJson(rotated, secret),
        overlap_ends_at: instantText(answer.overlapEndTime),
      });
    },
  );
}

/** How a secret is rotated: absent members are the service's to fill. */
export function toRotation({ secret, overlap_seconds }: RotateInput) {
  return {
    secret: secret ?? '',
    ...(overlap_seconds !== undefined && {
      overlap: durationFromMs(Math.round(overlap_seconds * 1000)),
    }),
  };
}

const pingSchema = component(
  'Ping',
  record({
    event_id: about(text, 'The ping’s event.'),
    delivery_id: about(text, 'The ping’s delivery, which can be read from then on.'),
    attempt: {
      anyOf: [attemptSchema, { type: 'null' }],
      description: 'The attempt; null when it had not ended within 35 s.',
    },
  }),
  {
    event_id: exampleIds.event,
    delivery_id: exampleIds.delivery,
    attempt: (attemptSchema.examples as readonly unknown[])[0],
  },
);

function registerPing(app: FastifyInstance, { subscriptions }: GrpcClients): void {
  const ping = describeRoute({
    operationId: 'pingWebhook',
    tag: TAG,
    summary: 'Send a ping',
    description:
      'Sends `hookline.ping` to the endpoint, whatever the filter and the state, and waits for its answer. A failed ping is not repeated and disables nothing: see `attempt.outcome`.',
    bodyOptional: true,
    answers: { 200: { description: 'How the endpoint answered.', schema: pingSchema } },
    refusals: [404],
  });
  app.post<ById>('/v1/webhooks/:id/ping', ping, async (request) => {
    const { id } = request.params;
    const answer = await subscriptions.call(request, S.pingSubscription, { id });
    return {
      event_id: answer.eventId,
      delivery_id: answer.deliveryId,
      attempt: answer.attempt === undefined ? null : toAttemptJson(answer.attempt),
    };
  });
}
