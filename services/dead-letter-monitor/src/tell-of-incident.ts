import type { HooklineSchema } from '@hookline/event-log';
import type { Kysely } from 'kysely';
import type { AttemptSummary } from './domain/disabled-mail.ts';
import type { WatchedSubscription } from './domain/disabling.ts';
import { isToBeTold, type Showing, type ShownIncident } from './domain/incident.ts';
import { writeIncidentMail } from './domain/incident-mail.ts';
import { incidentKey } from './domain/notification.ts';
import { noteTold } from './postgres/incidents.ts';
import { insertNotification } from './postgres/notification-outbox.ts';

export interface TellingDeps {
  /** Where the console is, with a slash at the end. */
  readonly consoleUrl: string;
  /** How long people are not told again of what goes on, in milliseconds. */
  readonly repeatMs: number;
}

/**
 * Writes the mail about an incident that shows, unless people were told within the interval, in the
 * transaction that counted it: so of several monitors, or before and after a restart, one does.
 * Whether one was written.
 */
export async function tellOfIncident(
  { consoleUrl, repeatMs }: TellingDeps,
  transaction: Kysely<HooklineSchema>,
  telling: {
    readonly incident: ShownIncident;
    readonly showing: Showing;
    readonly subscription?: WatchedSubscription | undefined;
    readonly recipients: readonly string[];
    readonly attempts?: () => Promise<readonly AttemptSummary[]>;
  },
): Promise<boolean> {
  const { incident, showing, subscription, recipients } = telling;
  if (recipients.length === 0 || !isToBeTold(incident, { now: new Date(), repeatMs })) return false;
  const attempts = (await telling.attempts?.()) ?? [];
  const written = await insertNotification(transaction, {
    dedupeKey: incidentKey(incident),
    tenant: showing.tenant,
    subscriptionId: showing.subscriptionId,
    incidentId: incident.id,
    kind: showing.kind,
    recipients: [...new Set(recipients)],
    ...writeIncidentMail({ incident, showing, subscription, attempts, consoleUrl }),
  });
  if (written) await noteTold(transaction, incident.id);
  return written;
}
