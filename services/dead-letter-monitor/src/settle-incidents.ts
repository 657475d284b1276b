import type { Database } from '@hookline/event-log';
import type { Announce } from './announce.ts';
import { subscriptionRecovered } from './domain/own-events.ts';
import { resolveQuiet } from './postgres/reconcile-incidents.ts';
import {
  forgetOld,
  lockRecovered,
  noteRecovered,
  resolveRejected,
  resolveSettled,
} from './postgres/settle-incidents.ts';

export interface SettlerDeps {
  readonly database: Database;
  readonly announce: Announce;
  /** How many days resolved incidents and sent mails are kept. */
  readonly keptDays: number;
}

const FORGET_EVERY_MS = 60 * 60 * 1000;
/** What NATS has not reported again for so long is over. */
const ADVISORY_QUIET_MS = 24 * 60 * 60 * 1000;

/**
 * Finds which incidents are over: read from what subscriptions, dead letters and rejected messages are
 * now, so that whoever put them right, by whichever way, need not tell.
 */
export function createIncidentSettler({ database, announce, keptDays }: SettlerDeps) {
  let forgetAt = performance.now() + FORGET_EVERY_MS;
  return {
    async runOnce(): Promise<void> {
      await database.kysely.transaction().execute(async (transaction) => {
        const recovered = await lockRecovered(transaction);
        await announce(
          recovered.map((row) =>
            subscriptionRecovered({
              tenant: row.tenant,
              subscriptionId: row.subscription_id,
              incidentId: row.incident_id,
              missedSince: row.missed_since ?? row.first_at,
              how: row.by_probe ? 'probe' : 'hand',
              at: row.enabled_at,
            }),
          ),
        );
        await noteRecovered(
          transaction,
          recovered.map(({ incident_id }) => incident_id),
        );
      });
      await database.kysely.transaction().execute(resolveSettled);
      await database.kysely.transaction().execute(resolveRejected);
      await resolveQuiet(database.kysely, { kind: 'broker_advisory', quietMs: ADVISORY_QUIET_MS });
      if (performance.now() < forgetAt) return;
      forgetAt = performance.now() + FORGET_EVERY_MS;
      await forgetOld(database.kysely, keptDays);
    },
  };
}
