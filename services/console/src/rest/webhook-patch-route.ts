import { DomainError, SubscriptionServiceService } from '@hookline/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GrpcClients } from '../grpc-clients.ts';
import { describeRoute } from './describe-route.ts';
import { ifMatchHeader, ifMatchOf, withETag } from './headers.ts';
import { present } from './present.ts';
import { instantText } from './times.ts';
import { warn, warningHeader } from './warnings.ts';
import { toWebhookJson } from './webhook-json.ts';
import { maskOf, needsCurrent, toPatched, type WebhookPatch } from './webhook-patch.ts';
import { changedWebhookSchema, webhookPatchSchema } from './webhook-schema.ts';

const S = SubscriptionServiceService;

/** How often a patch is made anew when somebody else changed the webhook between reading and writing. */
const TRIES_MAX = 5;

type PatchRequest = FastifyRequest<{ Params: { id: string }; Body: WebhookPatch }>;

/** `PATCH /v1/webhooks/{id}`, a merge patch (RFC 7396). */
export function registerWebhookPatch(app: FastifyInstance, clients: GrpcClients): void {
  const patch = describeRoute({
    operationId: 'patchWebhook',
    tag: 'Webhooks',
    summary: 'Change a webhook',
    description:
      'A merge patch (RFC 7396): what is left out stays, null sets a member back to its default, `retry`, `headers` and `options` are merged member by member, `auth` and lists are replaced. Changing a disabled webhook enables it again. The secret is changed by `rotate-secret`, the state by `pause` and `resume`.',
    headers: ifMatchHeader,
    body: webhookPatchSchema,
    mergePatch: true,
    answers: {
      200: {
        description: 'The changed webhook.',
        schema: changedWebhookSchema,
        headers: { etag: 'Its new version.', ...warningHeader },
      },
    },
    refusals: [404, 409, 412],
  });
  app.patch<{ Params: { id: string }; Body: WebhookPatch }>(
    '/v1/webhooks/:id',
    patch,
    async (request, reply) => {
      const { subscription, warnings, missedSince } = await update(clients, request);
      warn(reply, warnings);
      const changed = toWebhookJson(present(subscription, 'a subscription'));
      return withETag(reply, {
        ...changed,
        ...(missedSince !== undefined && { missed_since: instantText(missedSince) }),
      });
    },
  );
}

/**
 * What is merged is read first, and written on condition that it is still what was read. Without
 * `If-Match` that condition is ours, not the client's: then it is read and merged again.
 */
async function update({ subscriptions }: GrpcClients, request: PatchRequest) {
  const { id } = request.params;
  const wanted = ifMatchOf(request);
  const updateMask = maskOf(request.body);
  if (updateMask.length === 0) {
    const { subscription } = await subscriptions.call(request, S.getSubscription, { id });
    if (wanted !== '' && subscription?.etag !== wanted) throw changedMeanwhile('conflict');
    return { subscription, warnings: [], missedSince: undefined };
  }
  for (let tries = 1; ; tries += 1) {
    const current = needsCurrent(request.body)
      ? present(
          (await subscriptions.call(request, S.getSubscription, { id })).subscription,
          'a subscription',
        )
      : undefined;
    const subscription = toPatched(request.body, current);
    subscription.id = id;
    subscription.etag = wanted === '' ? (current?.etag ?? '') : wanted;
    try {
      return await subscriptions.call(request, S.updateSubscription, { subscription, updateMask });
    } catch (error) {
      const isOurs = wanted === '' && error instanceof DomainError && error.code === 'conflict';
      if (!isOurs) throw error;
      if (tries === TRIES_MAX) throw changedMeanwhile('failed_precondition');
    }
  }
}

function changedMeanwhile(code: 'conflict' | 'failed_precondition'): DomainError {
  return new DomainError(
    code,
    'somebody else changed the webhook meanwhile; read it and try again',
  );
}
