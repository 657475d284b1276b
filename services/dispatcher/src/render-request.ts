import type { AcceptedEvent } from '@hookline/contracts';
import type { HttpRequest } from '@hookline/safe-http';
import { authHeaders, type IndexedSubscription, sendsTraceparent } from '@hookline/subscriptions';
import {
  deliveryHeaders,
  type FormatTarget,
  getFormat,
  type WebhookFormat,
} from '@hookline/webhook-formats';
import type { Delivery } from './domain/delivery.ts';

export interface RenderOptions {
  /** The number of this attempt, from 1. */
  readonly number: number;
  readonly nowMs: number;
  /** `Hookline/<version>` */
  readonly userAgent: string;
  /** Of this attempt; sent unless the subscription asks for none. */
  readonly traceparent: string;
}

/**
 * The request of one attempt: the format's body, the subscriber's own headers and credentials, and
 * for receivers that are programs the headers that each of them gets, with Standard Webhooks'
 * signature over exactly these bytes at this moment.
 *
 * undefined when the format cannot tell this event; such an event is not matched to begin with.
 */
export function renderRequest(delivery: Delivery, options: RenderOptions): HttpRequest | undefined {
  const { entry, subscription } = delivery;
  const format = getFormat(subscription.format);
  const event = sendsTraceparent(subscription) ? entry.event : withoutTrace(entry.event);
  const rendered = format?.render(event, targetOf(subscription, format));
  if (format === undefined || rendered === undefined) return undefined;
  const { body } = rendered;
  const headers = {
    'content-type': rendered.contentType,
    'user-agent': options.userAgent,
    ...(format.audience === 'program' &&
      deliveryHeaders({
        deliveryId: delivery.id,
        subscriptionId: subscription.id,
        event: entry.event,
        body,
        number: options.number,
        nowMs: options.nowMs,
        traceparent: sendsTraceparent(subscription) ? options.traceparent : undefined,
        secrets: subscription.secrets,
        signingKeys: subscription.signingKeys,
      })),
    ...subscription.headers,
    ...(format.credential !== 'body' && authHeaders(subscription.auth, subscription.format)),
  };
  return {
    url: subscription.url,
    method: 'POST',
    headers: override(headers, rendered.headers),
    body,
    timeoutMs: subscription.timeoutMs,
  };
}

/** As a receiver gets it that is to know of no trace: formats carry the event's own as well. */
function withoutTrace(event: AcceptedEvent): AcceptedEvent {
  const { traceparent: _, ...extensions } = event.extensions;
  return { ...event, extensions };
}

function targetOf(
  subscription: IndexedSubscription,
  format: WebhookFormat | undefined,
): FormatTarget {
  const { controlDomain, controlName, controlSupportLink } = subscription.tenantSettings;
  const auth = format?.credential === 'body' ? subscription.auth : undefined;
  return {
    subscriptionId: subscription.id,
    hookId: subscription.hookNumber,
    options: subscription.options,
    secrets: subscription.secrets,
    controlDomain,
    controlName,
    controlSupportLink,
    ...(auth?.kind === 'bearer' && { credential: auth.token }),
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
