import type { Database, HooklineSchema } from '@hookline/event-log';
import type { Kysely } from 'kysely';
import type { Showing, ShownIncident } from './domain/incident.ts';
import type { Subscriptions } from './handle-dead-letters.ts';
import { noteTold } from './postgres/incidents.ts';
import { lastAttempts } from './postgres/last-attempts.ts';
import { readContacts } from './postgres/read-contacts.ts';
import { lockUntoldDeaths, type UntoldDeath } from './postgres/untold-deaths.ts';
import { type TellingDeps, tellOfIncident } from './tell-of-incident.ts';

export interface DeathTellingDeps extends TellingDeps {
  readonly database: Database;
  readonly subscriptions: Pick<Subscriptions, 'find'>;
  readonly graceMs: number;
}

/** Of one look. */
const INCIDENTS_MAX = 50;

/**
 * Tells people of deliveries given up that do not disable their subscription, when that goes on: those
 * whom the subscription names, and nobody if it names none; its tenant hears when it is disabled. What
 * belongs to no subscription is told its tenant. Whether a mail was written.
 */
export async function tellOfDeaths(deps: DeathTellingDeps): Promise<boolean> {
  const { graceMs, repeatMs } = deps;
  return await deps.database.kysely.transaction().execute(async (transaction) => {
    const limit = INCIDENTS_MAX;
    const untold = await lockUntoldDeaths(transaction, { graceMs, repeatMs, limit });
    let written = false;
    for (const death of untold) {
      if (await tell(deps, transaction, death)) written = true;
      // Where there is nobody to tell it is not looked at again either.
      else await noteTold(transaction, death.incident_id);
    }
    return written;
  });
}

async function tell(
  deps: DeathTellingDeps,
  transaction: Kysely<HooklineSchema>,
  death: UntoldDeath,
): Promise<boolean> {
  const { tenant, subscription_id: subscriptionId, delivery_id: deliveryId } = death;
  const subscription =
    subscriptionId === null ? undefined : await deps.subscriptions.find({ tenant, subscriptionId });
  const recipients =
    subscriptionId === null
      ? await readContacts(transaction, tenant)
      : (subscription?.notificationEmails ?? []);
  return await tellOfIncident(deps, transaction, {
    ...{ incident: incidentOf(death), showing: showingOf(death), subscription, recipients },
    attempts: async () =>
      deliveryId === null ? [] : await lastAttempts(transaction, { tenant, deliveryId }),
  });
}

function incidentOf(death: UntoldDeath): ShownIncident {
  return {
    id: death.incident_id,
    isNew: false,
    kind: 'deliveries_dead',
    count: Number(death.count),
    firstAt: death.first_at,
    toldAt: death.told_at ?? undefined,
  };
}

function showingOf(death: UntoldDeath): Showing {
  return {
    tenant: death.tenant,
    kind: 'deliveries_dead',
    groupKey: '',
    ...(death.subscription_id !== null && { subscriptionId: death.subscription_id }),
    cause: death.cause,
    summary: death.summary,
    suggestion: death.suggestion,
    count: Number(death.count),
    firstAt: death.first_at,
    lastAt: death.last_at,
  };
}
