import type { HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

/** An incident of deliveries given up of which people are to be told. */
export interface UntoldDeath {
  readonly incident_id: string;
  readonly tenant: string;
  readonly subscription_id: string | null;
  readonly cause: string;
  readonly summary: string;
  readonly suggestion: string;
  readonly count: bigint;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly told_at: Date | null;
  /** The newest of its dead letters; null when none is left. */
  readonly delivery_id: string | null;
}

/**
 * Locks incidents that have gone on for longer than the grace, and of which people were not told, or
 * not within the interval and it has shown since. What somebody skipped by hand is known to them.
 */
export async function lockUntoldDeaths(
  transaction: Kysely<HooklineSchema>,
  query: { readonly graceMs: number; readonly repeatMs: number; readonly limit: number },
): Promise<UntoldDeath[]> {
  const { graceMs, repeatMs, limit } = query;
  const { rows } = await sql<UntoldDeath>`
    SELECT i.incident_id, i.tenant, i.subscription_id, i.cause, i.summary, i.suggestion, i.count,
      i.first_at, i.last_at, i.told_at, (SELECT d.delivery_id FROM hookline.dead_letter d
        WHERE d.incident_id = i.incident_id AND d.state IN ('open', 'redriving') LIMIT 1) AS delivery_id
    FROM hookline.incident i
    WHERE i.state = 'open' AND i.kind = 'deliveries_dead' AND i.cause <> 'skipped'
      AND i.first_at < now() - make_interval(secs => ${graceMs / 1000}::float8)
      AND (i.told_at IS NULL OR i.last_at > i.told_at
        AND i.told_at < now() - make_interval(secs => ${repeatMs / 1000}::float8))
    ORDER BY i.first_at LIMIT ${limit} FOR UPDATE OF i SKIP LOCKED`.execute(transaction);
  return rows;
}
