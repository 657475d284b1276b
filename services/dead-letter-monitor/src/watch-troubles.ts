import type { Database, HooklineSchema } from '@hookline/event-log';
import { reasonOf } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type { Kysely } from 'kysely';
import type { IncidentKindText, Showing } from './domain/incident.ts';
import { recipientsOf } from './domain/notification.ts';
import type { Subscriptions } from './handle-dead-letters.ts';
import { showIncident } from './postgres/incidents.ts';
import { readContacts } from './postgres/read-contacts.ts';
import { resolveOthers } from './postgres/reconcile-incidents.ts';
import {
  failedNotifications,
  laggingProjections,
  type ReadTroubles,
  silentAgents,
  stuckHeads,
  stuckOutbox,
} from './postgres/troubles.ts';
import { tellOfDeaths } from './tell-of-deaths.ts';
import { type TellingDeps, tellOfIncident } from './tell-of-incident.ts';

export interface TroubleWatchDeps extends TellingDeps {
  readonly database: Database;
  readonly subscriptions: Pick<Subscriptions, 'find'>;
  readonly logger: Logger;
  /** People are told of deliveries given up when that goes on for so long, in milliseconds. */
  readonly graceMs: number;
  /** Called when a mail was written. */
  readonly onNotification?: () => void;
}

/** Mails of one kind that a tenant gets of one look; further incidents are listed, and told next time. */
const MAILS_MAX = 20;

const watched: readonly (readonly [IncidentKindText, ReadTroubles])[] = [
  ['agent_silent', silentAgents],
  ['outbox_stuck', stuckOutbox],
  ['ordered_head_stuck', stuckHeads],
  ['projection_lagging', laggingProjections],
  ['notification_failed', failedNotifications],
];

/**
 * Looks at what Postgres shows of trouble, and makes the incidents be that: opened, counted, resolved.
 * Any number of monitors may look at once. One look that fails keeps no other from its incidents.
 */
export async function watchTroubles(deps: TroubleWatchDeps): Promise<void> {
  let notified = false;
  for (const [kind, read] of watched) {
    try {
      const troubles = await read(deps.database.kysely);
      const mails = new Map<string, number>();
      for (const showing of troubles) {
        if (await show(deps, showing, mails)) notified = true;
      }
      await resolveOthers(deps.database.kysely, { kind, present: troubles });
    } catch (error) {
      deps.logger.error({ err: error, kind }, `trouble was not looked for: ${reasonOf(error)}`);
    }
  }
  if (await tellOfDeaths(deps)) notified = true;
  if (notified) deps.onNotification?.();
}

/** Whether a mail was written. */
async function show(
  deps: TroubleWatchDeps,
  showing: Showing,
  mails: Map<string, number>,
): Promise<boolean> {
  const { tenant, kind } = showing;
  return await deps.database.kysely.transaction().execute(async (transaction) => {
    const incident = await showIncident(transaction, showing, 'at_once');
    const sent = mails.get(tenant) ?? 0;
    if (kind === 'notification_failed' || sent >= MAILS_MAX) return false;
    const about = { incident, showing, ...(await concerned(deps, transaction, showing)) };
    const written = await tellOfIncident(deps, transaction, about);
    if (written) mails.set(tenant, sent + 1);
    return written;
  });
}

async function concerned(
  { subscriptions }: TroubleWatchDeps,
  transaction: Kysely<HooklineSchema>,
  { tenant, subscriptionId }: Showing,
) {
  const subscription =
    subscriptionId === undefined ? undefined : await subscriptions.find({ tenant, subscriptionId });
  const recipients =
    subscription === undefined
      ? await readContacts(transaction, tenant)
      : recipientsOf(subscription);
  return { subscription, recipients };
}
