import {
  CreateSubscriptionRequest,
  durationFromMs,
  GrpcStatus,
  SubscriptionServiceService,
} from '@hookline/contracts';
import type { Endpoints } from '@hookline/local-stack';
import { createGrpcClient } from '@hookline/service-runtime';

/** A subscription that the demo made. */
export interface DemoSubscription {
  readonly id: string;
  readonly secret: string;
}

/** The secret of CDHosting's page, to the letter. */
const CDHOSTING_SECRET = 'your_webhook_secret';
/** So that the demo does not last as long as a real receiver's outage may. */
const RETRY_DELAYS_MS = [1_000, 2_000, 4_000];

/** Registers a webhook over REST, with the very request that CDHosting's page shows. */
export async function subscribeOverRest(
  endpoints: Endpoints,
  url: string,
): Promise<DemoSubscription> {
  const response = await fetch(`${endpoints.http}/v1/webhooks`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${endpoints.apiKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({
      url,
      events: ['server.started', 'server.stopped', 'server.error'],
      secret: CDHOSTING_SECRET,
    }),
  });
  const text = await response.text();
  if (response.status !== 201) {
    throw new Error(`POST /v1/webhooks was answered ${response.status}: ${text}`);
  }
  const { id } = JSON.parse(text) as { id: string };
  return { id, secret: CDHOSTING_SECRET };
}

/** Subscribes over gRPC to everything about one server, successes and failures, in format standard. */
export async function subscribeOverGrpc(
  endpoints: Endpoints,
  { url, serverId }: { readonly url: string; readonly serverId: string },
): Promise<DemoSubscription> {
  const client = createGrpcClient(SubscriptionServiceService, {
    address: endpoints.grpc.subscriptions,
  });
  try {
    const { subscription } = await client.createSubscription(
      CreateSubscriptionRequest.fromPartial({
        subscription: {
          url,
          description: 'Made by the demo, which deletes it at its end',
          format: 'standard',
          filter: {
            types: ['server.*'],
            statuses: [GrpcStatus.STATUS_SUCCESS, GrpcStatus.STATUS_FAIL],
            subjects: [serverId],
          },
          retryPolicy: { delays: RETRY_DELAYS_MS.map(durationFromMs) },
        },
      }),
      { apiKey: endpoints.apiKey },
    );
    if (subscription === undefined) throw new Error('CreateSubscription answered no subscription');
    return { id: subscription.id, secret: subscription.secret };
  } finally {
    client.close();
  }
}

/** Deletes a subscription; what goes wrong with that is said, not thrown, for it is the end of the demo. */
export async function unsubscribe(endpoints: Endpoints, id: string): Promise<void> {
  const response = await fetch(`${endpoints.http}/v1/webhooks/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${endpoints.apiKey}` },
  }).catch((error: unknown) => error as Error);
  if (response instanceof Response && (response.ok || response.status === 404)) return;
  const why = response instanceof Response ? `status ${response.status}` : response.message;
  console.error(`the webhook ${id} could not be deleted (${why})`);
}
