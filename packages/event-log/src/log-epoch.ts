import { type Kysely, sql } from 'kysely';
import type { HooklineSchema } from './schema.ts';

/**
 * Begins a new epoch of the log if transaction ids have started anew, as they do when a dump is
 * restored into another cluster. Returns whether it did.
 *
 * The epoch comes first in the order of the log. Without a new one, events appended after a restore
 * would come before those restored, and readers with a checkpoint would never see them. It is found
 * out by the cluster's identifier, and by rows from transactions that this cluster has yet to run.
 * Needs the owner; called at each migration, before any service appends.
 */
export async function raiseLogEpochAfterRestore(db: Kysely<HooklineSchema>): Promise<boolean> {
  return await db.transaction().execute(async (transaction) => {
    // Waits for those that append now; their rows are of the old epoch and must end before it.
    await sql`LOCK TABLE hookline.event_log IN EXCLUSIVE MODE`.execute(transaction);
    const found = await clusterOf(transaction);
    const { rows } = await sql<{ epoch: number; known: string | null; ahead: boolean }>`
      SELECT e.value AS epoch, e.system_identifier AS known, EXISTS (
        SELECT FROM hookline.event_log WHERE log_epoch = e.value
          AND transaction_id >= pg_snapshot_xmax(pg_current_snapshot())) AS ahead
      FROM hookline.log_epoch e`.execute(transaction);
    const stored = rows[0];
    if (stored === undefined) throw new Error('hookline.log_epoch is empty: restore its row');
    const moved = stored.known !== null && found !== null && stored.known !== found;
    const raised = moved || stored.ahead;
    if (!raised && (stored.known === found || found === null)) return false;
    await sql`UPDATE hookline.log_epoch SET value = value + ${raised ? 1 : 0}::int,
      system_identifier = coalesce(${found}::text, system_identifier)`.execute(transaction);
    return raised;
  });
}

/** Null where the platform keeps it from us; then transaction ids alone tell. */
async function clusterOf(transaction: Kysely<HooklineSchema>): Promise<string | null> {
  const { rows } = await sql<{ identifier: string | null }>`
    SELECT CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
      THEN (SELECT system_identifier::text FROM pg_control_system()) END AS identifier`.execute(
    transaction,
  );
  return rows[0]?.identifier ?? null;
}
