import { formatSequence } from '@hookline/contracts';
import type { HttpRequest } from '@hookline/safe-http';
import { authHeaders, type IndexedSubscription } from '@hookline/subscriptions';
import { childTraceparent } from '@hookline/telemetry';
import { type FormatTarget, getFormat } from '@hookline/webhook-formats';
import { signStandardWebhook } from '@hookline/webhook-signature';
import type { Delivery } from './domain/delivery.ts';

/** One request, ready to be sent, and the trace it belongs to. */
export interface RenderedRequest {
  readonly request: HttpRequest;
  readonly traceId: string;
}

export interface RenderOptions {
  /** The number of this attempt, from 1. */
  readonly number: number;
  readonly nowMs: number;
  /** `Hookline/<version>` */
  readonly userAgent: string;
}

/**
 * The request of one attempt: the format's body, the headers every receiver gets, the subscriber's
 * own, and Standard Webhooks' signature over exactly these bytes at this moment.
 *
 * undefined when the format cannot tell this event; such an event is not matched to begin with.
 */
export function renderRequest(
  delivery: Delivery,
  options: RenderOptions,
): RenderedRequest | undefined {
  const { entry, subscription } = delivery;
  const rendered = getFormat(subscription.format)?.render(entry.event, targetOf(subscription));
  if (rendered === undefined) return undefined;
  const trace = childTraceparent(entry.event.extensions.traceparent);
  const timestampSeconds = Math.floor(options.nowMs / 1000);
  const { body } = rendered;
  const signature = signStandardWebhook({
    id: delivery.id,
    timestampSeconds,
    body,
    secrets: subscription.secrets,
    signingKeys: subscription.signingKeys,
  });
  const headers = {
    'content-type': rendered.contentType,
    'user-agent': options.userAgent,
    'webhook-id': delivery.id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signature,
    traceparent: trace.traceparent,
    'hookline-event-id': entry.event.id,
    'hookline-subscription-id': subscription.id,
    'hookline-sequence': formatSequence(entry.event.sequence),
    'hookline-attempt': String(options.number),
    ...subscription.headers,
    ...authHeaders(subscription.auth, subscription.format),
  };
  return {
    traceId: trace.traceId,
    request: {
      url: subscription.url,
      method: 'POST',
      headers: override(headers, rendered.headers),
      body,
      timeoutMs: subscription.timeoutMs,
    },
  };
}

function targetOf(subscription: IndexedSubscription): FormatTarget {
  const { controlDomain, controlName, controlSupportLink } = subscription.tenantSettings;
  return {
    subscriptionId: subscription.id,
    hookId: subscription.hookNumber,
    options: subscription.options,
    secrets: subscription.secrets,
    controlDomain,
    controlName,
    controlSupportLink,
  };
}

/** The format's headers win whatever their case, so that none goes out twice. */
function override(
  headers: Record<string, string>,
  winners: Readonly<Record<string, string>>,
): Record<string, string> {
  const names = new Set(Object.keys(winners).map((name) => name.toLowerCase()));
  if (names.size === 0) return headers;
  const kept = Object.entries(headers).filter(([name]) => !names.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...winners };
}
