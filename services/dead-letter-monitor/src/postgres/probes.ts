import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

/** The endpoint of a disabled subscription that is to be asked now. */
export interface DueProbe {
  readonly incident_id: string;
  readonly tenant: string;
  readonly subscription_id: string;
  /** This one included. */
  readonly probes: number;
}

/** How long after a probe in vain the next comes: 2 min, doubled each time up to an hour. */
const NEXT = sql`least(interval '1 hour', interval '1 minute' * 2 ^ least(probes + 1, 8))`;

/** Takes the probes that are due, each put off at once: so of several monitors one makes it. */
export async function claimProbes(db: Kysely<HooklineSchema>, limit: number): Promise<DueProbe[]> {
  const { rows } = await sql<DueProbe>`
    UPDATE hookline.incident SET probes = probes + 1, probe_at = now() + ${NEXT}
    WHERE incident_id IN (
      SELECT incident_id FROM hookline.incident
      WHERE state = 'open' AND kind = 'subscription_disabled' AND probe_at <= now()
      ORDER BY probe_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING incident_id, tenant, subscription_id, probes`.execute(db);
  return rows;
}

/** Notes that a probe succeeded, before the subscription is enabled by it. */
export async function noteProbed(db: Kysely<HooklineSchema>, incidentId: string): Promise<void> {
  await sql`UPDATE hookline.incident SET probed_at = now() WHERE incident_id = ${incidentId}`.execute(
    db,
  );
}
