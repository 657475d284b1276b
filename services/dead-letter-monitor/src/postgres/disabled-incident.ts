import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

/** Whether there is an open incident about the subscription's being disabled. */
export async function isDisabledKnown(
  db: Kysely<HooklineSchema>,
  subscriptionId: string,
): Promise<boolean> {
  const { rows } = await sql<{ known: boolean }>`
    SELECT EXISTS (SELECT FROM hookline.incident WHERE subscription_id = ${subscriptionId}
      AND state = 'open' AND kind = 'subscription_disabled') AS known`.execute(db);
  return rows[0]?.known === true;
}

/** Notes when what the subscription misses begins, and when its endpoint is to be asked first. */
export async function noteDisabled(
  transaction: Kysely<HooklineSchema>,
  disabled: {
    readonly incidentId: string;
    readonly missedSince: Date | undefined;
    /** Undefined: it waits for a person. */
    readonly probeAfterMs: number | undefined;
  },
): Promise<void> {
  const { incidentId, missedSince, probeAfterMs } = disabled;
  await sql`
    UPDATE hookline.incident SET missed_since = coalesce(missed_since, ${missedSince ?? null}::timestamptz),
      probe_at = CASE WHEN ${probeAfterMs ?? null}::float8 IS NOT NULL
        THEN now() + make_interval(secs => ${probeAfterMs ?? 0}::float8 / 1000) END
    WHERE incident_id = ${incidentId}`.execute(transaction);
}
