import type { Database } from '@hookline/event-log';
import type { Announce } from './announce.ts';
import { ingestRejected } from './domain/own-events.ts';
import { groupRejected, type RejectedGroup } from './domain/rejected-groups.ts';
import { showIncident } from './postgres/incidents.ts';
import { readContacts } from './postgres/read-contacts.ts';
import {
  lockUnhandledRejected,
  markRejectedHandled,
  type UnhandledRejected,
} from './postgres/rejected.ts';
import { type TellingDeps, tellOfIncident } from './tell-of-incident.ts';

export interface RejectedHandlerDeps extends TellingDeps {
  readonly database: Database;
  readonly announce: Announce;
  /** Called when a mail was written. */
  readonly onNotification?: () => void;
}

const BATCH_MAX = 500;

/**
 * Counts rejected messages in incidents and tells of them, each once: as with dead letters, a batch is
 * one transaction that holds its rows, and a kill leaves them to be done over. True when there is more.
 */
export async function handleRejected(deps: RejectedHandlerDeps): Promise<boolean> {
  let notified = false;
  const handled = await deps.database.kysely.transaction().execute(async (transaction) => {
    const messages = await lockUnhandledRejected(transaction, BATCH_MAX);
    for (const group of groupRejected(messages)) {
      const { showing } = group;
      const incident = await showIncident(transaction, showing, 'more');
      const recipients = await readContacts(transaction, showing.tenant);
      const about = { incident, showing, recipients };
      if (await tellOfIncident(deps, transaction, about)) notified = true;
      await deps.announce(eventsOf(group, incident.id));
    }
    await markRejectedHandled(
      transaction,
      messages.map(({ rejected_id }) => rejected_id),
    );
    return messages.length;
  });
  if (notified) deps.onNotification?.();
  return handled === BATCH_MAX;
}

function eventsOf({ showing, messages }: RejectedGroup<UnhandledRejected>, incidentId: string) {
  return messages.map((message) =>
    ingestRejected({
      tenant: showing.tenant,
      rejectedId: message.rejected_id,
      code: message.code,
      reason: message.reason,
      channel: message.channel,
      address: message.subject ?? undefined,
      host: message.host ?? undefined,
      incidentId,
    }),
  );
}
