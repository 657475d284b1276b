import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

/** Of one statement. */
const SETTLED_MAX = 500;
/** After so long without another rejected message an incident of them is over. */
const REJECTED_QUIET = '24 hours';

/**
 * Resolves incidents of dead letters when none of theirs waits to be put right any more, or their
 * subscription is deleted. They are locked first and judged by a second statement, which sees what was
 * counted in them up to then: an incident that shows at this moment is locked by whom it shows to.
 */
export async function resolveSettled(transaction: Kysely<HooklineSchema>): Promise<number> {
  const locked = await sql<{ incident_id: string }>`
    SELECT incident_id FROM hookline.incident i
    WHERE state = 'open' AND kind IN ('deliveries_dead', 'subscription_disabled')
      AND (kind = 'deliveries_dead' AND NOT EXISTS (SELECT FROM hookline.dead_letter d
          WHERE d.incident_id = i.incident_id AND d.state IN ('open', 'redriving'))
        OR EXISTS (SELECT FROM hookline.subscription s
          WHERE s.subscription_id = i.subscription_id AND s.state = 'deleted'))
    LIMIT ${SETTLED_MAX} FOR UPDATE SKIP LOCKED`.execute(transaction);
  const ids = locked.rows.map(({ incident_id }) => incident_id);
  if (ids.length === 0) return 0;
  await sql`
    UPDATE hookline.incident i SET state = 'resolved', resolved_at = now(), probe_at = NULL
    WHERE i.incident_id = ANY(${ids}::text[]) AND (NOT EXISTS (SELECT FROM hookline.dead_letter d
        WHERE d.incident_id = i.incident_id AND d.state IN ('open', 'redriving'))
      OR EXISTS (SELECT FROM hookline.subscription s
        WHERE s.subscription_id = i.subscription_id AND s.state = 'deleted'))`.execute(transaction);
  return ids.length;
}

/** Resolves incidents of rejected messages that were all put in again, or that have not come for a day. */
export async function resolveRejected(transaction: Kysely<HooklineSchema>): Promise<void> {
  const locked = await sql<{ incident_id: string }>`
    SELECT incident_id FROM hookline.incident
    WHERE state = 'open' AND kind = 'ingest_rejected' LIMIT ${SETTLED_MAX} FOR UPDATE SKIP LOCKED`.execute(
    transaction,
  );
  await sql`
    UPDATE hookline.incident i SET state = 'resolved', resolved_at = now()
    WHERE i.incident_id = ANY(${locked.rows.map(({ incident_id }) => incident_id)}::text[])
      AND (i.last_at < now() - ${REJECTED_QUIET}::interval OR NOT EXISTS (
        SELECT FROM hookline.rejected r WHERE r.resolved_at IS NULL AND r.code = i.cause
          AND r.received_at >= i.first_at AND r.host IS NOT DISTINCT FROM i.host
          AND (r.tenant = i.tenant OR NOT EXISTS (
            SELECT FROM hookline.tenant t WHERE t.name = r.tenant AND t.deleted_at IS NULL))))`.execute(
    transaction,
  );
}

/** An incident of a subscription that was disabled and is not any more. */
export interface Recovered {
  readonly incident_id: string;
  readonly tenant: string;
  readonly subscription_id: string;
  readonly missed_since: Date | null;
  readonly first_at: Date;
  readonly enabled_at: Date;
  /** It was enabled by a probe, not by a person. */
  readonly by_probe: boolean;
}

/** Locks incidents of subscriptions that were enabled again. */
export async function lockRecovered(transaction: Kysely<HooklineSchema>): Promise<Recovered[]> {
  const { rows } = await sql<Recovered>`
    SELECT i.incident_id, i.tenant, i.subscription_id, i.missed_since, i.first_at,
      coalesce(s.enabled_at, now()) AS enabled_at, i.probed_at IS NOT NULL AS by_probe
    FROM hookline.incident i JOIN hookline.subscription s ON s.subscription_id = i.subscription_id
    WHERE i.state = 'open' AND i.kind = 'subscription_disabled' AND s.state IN ('active', 'paused')
    ORDER BY i.incident_id LIMIT ${SETTLED_MAX} FOR UPDATE OF i SKIP LOCKED`.execute(transaction);
  return rows;
}

/** What is left of a disabled subscription's incident are its dead letters. */
export async function noteRecovered(
  transaction: Kysely<HooklineSchema>,
  incidentIds: readonly string[],
): Promise<void> {
  await sql`
    UPDATE hookline.incident SET kind = 'deliveries_dead', probe_at = NULL, probes = 0, probed_at = NULL,
      missed_since = NULL,
      summary = 'Its webhook was disabled and is enabled again; deliveries given up until then wait to be put right',
      suggestion = 'Redrive them, or discard them.'
    WHERE incident_id = ANY(${[...incidentIds]}::text[])`.execute(transaction);
}

/** Takes away what was resolved, and mails that were sent or given up, longer ago than that. */
export async function forgetOld(db: Kysely<HooklineSchema>, keptDays: number): Promise<void> {
  await sql`DELETE FROM hookline.incident
    WHERE state = 'resolved' AND resolved_at < now() - make_interval(days => ${keptDays}::int)`.execute(
    db,
  );
  await sql`DELETE FROM hookline.notification
    WHERE created_at < now() - make_interval(days => ${keptDays}::int)`.execute(db);
}
