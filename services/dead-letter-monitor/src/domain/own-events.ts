import { isOwnType } from '@hookline/contracts';
import { nameOf } from './disabled-mail.ts';
import type { DeadDelivery, Verdict, WatchedSubscription } from './disabling.ts';
import { shownUrl } from './shown-url.ts';

/** Something that Hookline tells of itself. */
export interface OwnEvent {
  readonly type: `hookline.${string}`;
  readonly tenant: string;
  /** Names it for ever: said twice, it is one event. */
  readonly sourceId: string;
  /** That subscription is not told of it. */
  readonly about?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What is told of a delivery given up; nothing of one of Hookline's own events, so that none feeds on itself. */
export function deliveryDead(
  delivery: DeadDelivery,
  given: {
    readonly tenant: string;
    readonly subscriptionId: string;
    readonly cause: string;
    readonly incidentId: string;
  },
): OwnEvent[] {
  if (isOwnType(delivery.eventType)) return [];
  const { tenant, subscriptionId, cause, incidentId } = given;
  return [
    {
      type: 'hookline.delivery.dead',
      tenant,
      sourceId: `dead/${delivery.deliveryId}/${delivery.diedAt.getTime()}`,
      about: subscriptionId,
      data: {
        delivery_id: delivery.deliveryId,
        subscription_id: subscriptionId,
        event_id: delivery.eventId,
        event_type: delivery.eventType,
        ...(delivery.subject !== undefined && { server_id: delivery.subject }),
        cause,
        ...(delivery.error !== undefined && { error: delivery.error }),
        attempts_count: delivery.attemptsCount,
        incident_id: incidentId,
      },
    },
  ];
}

export function subscriptionDisabled(
  subscription: WatchedSubscription,
  verdict: Extract<Verdict, { kind: 'disable' }>,
  incident: { readonly id: string; readonly cause: string },
): OwnEvent {
  const { id, tenant, enabledEpoch } = subscription;
  const { reason, cause, delivery } = verdict;
  return {
    type: 'hookline.subscription.disabled',
    tenant,
    sourceId: `disabled/${id}/${enabledEpoch}/${cause}`,
    about: id,
    data: {
      subscription_id: id,
      description: nameOf(subscription),
      url: shownUrl(subscription.url),
      reason,
      cause: incident.cause,
      ...(delivery.error !== undefined && { error: delivery.error }),
      incident_id: incident.id,
    },
  };
}

export function subscriptionRecovered(recovered: {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly incidentId: string;
  readonly missedSince: Date | undefined;
  readonly how: 'probe' | 'hand';
  readonly at: Date;
}): OwnEvent {
  const { tenant, subscriptionId, incidentId, missedSince, how, at } = recovered;
  return {
    type: 'hookline.subscription.recovered',
    tenant,
    sourceId: `recovered/${incidentId}/${at.getTime()}`,
    about: subscriptionId,
    data: {
      subscription_id: subscriptionId,
      incident_id: incidentId,
      how,
      ...(missedSince !== undefined && { missed_since: missedSince.toISOString() }),
    },
  };
}

export function ingestRejected(rejected: {
  readonly tenant: string;
  readonly rejectedId: string;
  readonly code: string;
  readonly reason: string;
  readonly channel: string;
  readonly address: string | undefined;
  readonly host: string | undefined;
  readonly incidentId: string;
}): OwnEvent {
  const { tenant, rejectedId, code, reason, channel, address, host, incidentId } = rejected;
  return {
    type: 'hookline.ingest.rejected',
    tenant,
    sourceId: `rejected/${rejectedId}`,
    data: {
      rejected_id: rejectedId,
      code,
      reason,
      channel,
      ...(address !== undefined && { address }),
      ...(host !== undefined && { host }),
      incident_id: incidentId,
    },
  };
}
