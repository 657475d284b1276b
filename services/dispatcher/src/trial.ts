import { type AcceptedEvent, deliveryId, lineOf, newId } from '@hookline/contracts';
import type { HttpRequest, SafeHttpClient } from '@hookline/safe-http';
import {
  type IndexedSubscription,
  resolveRetryPolicy,
  type SubscriptionSettings,
  signsWithKey,
  type TenantSettings,
} from '@hookline/subscriptions';
import { generateSigningKeyPair } from '@hookline/webhook-signature';
import { attemptUrl } from './attempt-url.ts';
import { attemptContext } from './delivery-trace.ts';
import type { Delivery } from './domain/delivery.ts';
import type { DecidedAttempt } from './domain/dispatch-record.ts';
import { classify } from './domain/outcome.ts';
import { renderRequest } from './render-request.ts';

/** What a person tries: an event that nobody published, for a subscription that nobody made. */
export interface Trial {
  readonly tenant: string;
  readonly settings: SubscriptionSettings;
  readonly secret: string;
  readonly tenantSettings: TenantSettings;
  readonly event: Pick<AcceptedEvent, 'type' | 'data' | 'subject' | 'phase' | 'status'>;
  readonly now: Date;
}

export interface TrialRequest {
  readonly delivery: Delivery;
  readonly request: HttpRequest;
  readonly traceId: string;
  /** Verifies its v1a signature, if it has one. */
  readonly publicKey: string | undefined;
}

/** The request of a trial, by the same code as any other. undefined when the format cannot tell the event. */
export function renderTrial(
  trial: Trial,
  { userAgent }: { readonly userAgent: string },
): TrialRequest | undefined {
  const keys = signsWithKey(trial.settings) ? generateSigningKeyPair() : undefined;
  const subscription = subscriptionOf(trial, keys === undefined ? [] : [keys.privateKey]);
  const event = eventOf(trial);
  const delivery: Delivery = {
    id: deliveryId(event.id, subscription.id),
    entry: { event, line: lineOf(trial.tenant, event.subject, 'hookline'), subscriptionEpoch: 0 },
    subscription,
    attemptsCount: 0,
    attemptNumber: 0,
  };
  const { traceId, traceparent } = attemptContext(delivery, 1);
  const nowMs = trial.now.getTime();
  const request = renderRequest(delivery, { userAgent, traceparent, number: 1, nowMs });
  return request && { delivery, request, traceId, publicKey: keys?.publicKey };
}

/**
 * Sends a trial once and tells what it came to, which is not kept. undefined when nothing was
 * sent for a reason of our own.
 */
export async function sendTrial(
  { delivery, request, traceId }: TrialRequest,
  client: SafeHttpClient,
): Promise<DecidedAttempt | undefined> {
  const startedAt = new Date();
  const result = classify(await client.send(request), Date.now());
  if (result === undefined) return undefined;
  const { outcome } = result;
  return {
    decision: outcome === 'succeeded' ? { kind: 'succeeded' } : { kind: 'dead', cause: outcome },
    attempt: {
      attemptId: newId('att', startedAt.getTime()),
      delivery,
      number: 1,
      startedAt,
      result,
      traceId,
      url: attemptUrl(delivery.subscription),
    },
  };
}

function subscriptionOf(trial: Trial, signingKeys: readonly string[]): IndexedSubscription {
  const { settings, tenant, now, tenantSettings } = trial;
  return {
    ...settings,
    auth: settings.auth,
    retryPolicy: resolveRetryPolicy(settings.retryPolicy),
    id: newId('sub', now.getTime()),
    tenant,
    state: 'active',
    secrets: [trial.secret],
    signingKeys,
    hookNumber: 1,
    epoch: 0,
    matchesFromEpoch: 0,
    tenantSettings,
    createdAt: now,
    updatedAt: now,
  };
}

function eventOf({ tenant, event, now }: Trial): AcceptedEvent {
  return {
    ...event,
    id: newId('evt', now.getTime()),
    tenant,
    position: -1n,
    source: '/hosts/node-1',
    time: now.toISOString(),
    recordedAt: now,
    sequence: 1n,
    extensions: {},
  };
}
