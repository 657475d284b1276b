import { type AcceptedEvent, deliveryId } from '@hookline/contracts';
import type { HttpRequest } from '@hookline/safe-http';
import type { SubscriptionFilter } from '@hookline/subscriptions';
import { deliveryHeaders, type WebhookFormat } from '@hookline/webhook-formats';

/** What a subscription would be, if there were one for the program under development. */
export interface LocalSubscription {
  readonly id: string;
  readonly url: string;
  readonly format: WebhookFormat;
  readonly filter: SubscriptionFilter;
  readonly options: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string;
  readonly timeoutMs: number;
}

export interface Moment {
  readonly nowMs: number;
  readonly traceparent: string;
  readonly userAgent: string;
}

/**
 * The request that a dispatcher would send for this event; undefined when the format cannot tell it.
 * The webhook-id is the one that a delivery to this subscription has.
 */
export function localRequest(
  event: AcceptedEvent,
  subscription: LocalSubscription,
  moment: Moment,
): HttpRequest | undefined {
  const { id, format, secret } = subscription;
  const rendered = format.render(event, {
    subscriptionId: id,
    hookId: 1,
    options: subscription.options,
    secrets: [secret],
    controlDomain: 'localhost',
    controlName: 'Hookline',
    controlSupportLink: '',
  });
  if (rendered === undefined) return undefined;
  const { body } = rendered;
  const own = format.audience === 'program' && {
    ...deliveryHeaders({
      deliveryId: deliveryId(event.id, id),
      subscriptionId: id,
      event,
      body,
      number: 1,
      nowMs: moment.nowMs,
      traceparent: moment.traceparent,
      secrets: [secret],
    }),
  };
  const headers = {
    'content-type': rendered.contentType,
    'user-agent': moment.userAgent,
    ...own,
    ...subscription.headers,
    ...rendered.headers,
  };
  return {
    url: subscription.url,
    method: 'POST',
    headers,
    body,
    timeoutMs: subscription.timeoutMs,
  };
}
