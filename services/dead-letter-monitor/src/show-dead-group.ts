import type { HooklineSchema } from '@hookline/event-log';
import type { Kysely } from 'kysely';
import type { DeadGroup } from './domain/dead-groups.ts';
import { nameOf, writeDisabledMail } from './domain/disabled-mail.ts';
import type { WatchedSubscription } from './domain/disabling.ts';
import type { Showing, ShownIncident } from './domain/incident.ts';
import { disabledKey, recipientsOf } from './domain/notification.ts';
import { firstProbeMs } from './domain/probing.ts';
import { suggestionFor } from './domain/suggestions.ts';
import type { DeadLetterHandlerDeps, Disabling } from './handle-dead-letters.ts';
import { noteDisabled } from './postgres/disabled-incident.ts';
import { noteTold, showIncident } from './postgres/incidents.ts';
import { lastAttempts } from './postgres/last-attempts.ts';
import { insertNotification } from './postgres/notification-outbox.ts';

interface Shown {
  readonly tenant: string;
  readonly subscriptionId: string;
  readonly subscription: WatchedSubscription | undefined;
  readonly deadGroup: DeadGroup;
  /** When it is these that disable the subscription; `isKnown`: they did so before. */
  readonly disabling: (Disabling & { readonly isKnown: boolean }) | undefined;
  /** Of the handling, which a mail goes on with. */
  readonly traceparent: string | undefined;
}

/**
 * Counts dead letters of one cause in their incident. Of a disabling people are told at once; of
 * deliveries given up alone, when that goes on, see tellOfDeaths().
 */
export async function showDeadGroup(
  deps: DeadLetterHandlerDeps,
  transaction: Kysely<HooklineSchema>,
  shown: Shown,
): Promise<{ readonly incidentId: string; readonly notified: boolean }> {
  const { subscription, disabling, traceparent } = shown;
  const incident = await showIncident(transaction, showingOf(shown), 'more');
  if (disabling !== undefined && subscription !== undefined) {
    if (!disabling.isKnown) {
      await noteDisabled(transaction, {
        incidentId: incident.id,
        missedSince: disabling.missedSince,
        probeAfterMs: firstProbeMs(subscription, disabling.verdict.cause),
      });
    }
    const about = { subscription, disabling, incident, traceparent };
    return { incidentId: incident.id, notified: await tellOfDisabling(deps, transaction, about) };
  }
  return { incidentId: incident.id, notified: false };
}

function showingOf({ tenant, subscriptionId, subscription, deadGroup, disabling }: Shown): Showing {
  const { cause, outcome, letters, firstAt, lastAt } = deadGroup;
  const name = subscription === undefined ? '' : nameOf(subscription);
  const isDisabling = disabling !== undefined && !disabling.isKnown;
  return {
    tenant,
    kind: isDisabling ? 'subscription_disabled' : 'deliveries_dead',
    groupKey: `dead/${subscriptionId}/${cause}`,
    ...(subscriptionId !== '' && { subscriptionId }),
    cause,
    ...(outcome !== undefined && { outcome }),
    summary: isDisabling
      ? `The webhook ${name} was disabled: ${disabling.verdict.reason}`
      : subscription === undefined
        ? 'Events expired before they were matched with webhooks'
        : `Deliveries to the webhook ${name} are given up: ${cause}`,
    suggestion: isDisabling
      ? `${suggestionFor(deadGroup.letters[0]?.cause ?? cause)} Resume the webhook first.`
      : suggestionFor(deadGroup.letters[0]?.cause ?? cause),
    count: letters.length,
    firstAt,
    lastAt,
  };
}

async function tellOfDisabling(
  deps: DeadLetterHandlerDeps,
  transaction: Kysely<HooklineSchema>,
  about: {
    readonly subscription: WatchedSubscription;
    readonly disabling: Disabling;
    readonly incident: ShownIncident;
    readonly traceparent: string | undefined;
  },
): Promise<boolean> {
  const { subscription, disabling, incident, traceparent } = about;
  const { cause, reason, delivery } = disabling.verdict;
  const { tenant, id: subscriptionId } = subscription;
  const recipients = recipientsOf(subscription);
  if (recipients.length === 0) {
    deps.logger.warn(
      { tenant, subscription_id: subscriptionId, cause },
      `nobody is told that ${subscriptionId} was disabled: it has no notification_emails and its tenant no contacts`,
    );
    return false;
  }
  const attempts = await lastAttempts(transaction, { tenant, deliveryId: delivery.deliveryId });
  const { consoleUrl } = deps;
  const written = await insertNotification(transaction, {
    dedupeKey: disabledKey(subscription, cause),
    ...{
      tenant,
      subscriptionId,
      incidentId: incident.id,
      kind: 'subscription_disabled',
      recipients,
      ...(traceparent !== undefined && { traceparent }),
    },
    ...writeDisabledMail({ subscription, cause, reason, delivery, attempts, consoleUrl }),
  });
  if (written) await noteTold(transaction, incident.id);
  return written;
}
