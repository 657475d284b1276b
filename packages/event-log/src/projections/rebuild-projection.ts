import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { LOG_START, type LogCheckpoint } from '../logged-event.ts';
import { readLog } from '../read-log.ts';
import type { HooklineSchema } from '../schema.ts';
import type { Projection } from './projection.ts';
import { applyPage, foldPage, lockSlot, oldestKeptDay, targetOf } from './projection-slot.ts';
import { dropShadowTables, makeShadowTables, swapTables } from './shadow-tables.ts';

/** Somebody else rebuilds or checks the same projection. */
export class ProjectionBusyError extends Error {
  override readonly name = 'ProjectionBusyError';
}

export interface FoldOptions {
  /** Hears how many events have been folded so far, once a page. */
  readonly onProgress?: (events: number) => void;
}

export interface Rebuilt {
  /** Events folded, those that came meanwhile included. */
  readonly events: number;
}

/**
 * Folds the whole log anew beside the live tables, then swaps them in, in one transaction.
 *
 * `database` is the owner's. The live projection goes on meanwhile, and waits only while the last
 * events are folded and the tables change places. It ends no earlier in the log than the live one.
 * A rebuild that is killed leaves the live one as it was; the next begins anew.
 */
export async function rebuildProjection(
  database: Database,
  projection: Projection,
  options: FoldOptions = {},
): Promise<Rebuilt> {
  return await alone(database, projection, async () => {
    let events = await buildShadow(database, projection, options);
    await database.kysely.transaction().execute(async (transaction) => {
      await noTimeLimit(transaction);
      await lockSlot(transaction, projection.name, 'live');
      events += await finishShadow(transaction, database, projection);
      await swapTables(transaction, projection);
      const ofProjection = sql`name = ${projection.name}`;
      await sql`DELETE FROM hookline.projection WHERE ${ofProjection} AND slot = 'live'`.execute(
        transaction,
      );
      await sql`UPDATE hookline.projection SET slot = 'live' WHERE ${ofProjection}`.execute(
        transaction,
      );
    });
    return { events };
  });
}

/** Runs while no other rebuild or check of the projection does, in any process. */
export async function alone<T>(
  database: Database,
  projection: Projection,
  work: () => Promise<T>,
): Promise<T> {
  return await database.kysely.connection().execute(async (connection) => {
    const lock = sql`hashtextextended(${`hookline.projection.${projection.name}`}, 0)`;
    const { rows } = await sql<{ locked: boolean }>`
      SELECT pg_try_advisory_lock(${lock}) AS locked`.execute(connection);
    if (rows[0]?.locked !== true) {
      throw new ProjectionBusyError(
        `projection ${projection.name} is being rebuilt or checked already: wait until that has ended`,
      );
    }
    try {
      return await work();
    } finally {
      await sql`SELECT pg_advisory_unlock(${lock})`.execute(connection);
    }
  });
}

/** Folds the log from its start into shadow tables; to `upTo`, or to where it ends for now. */
export async function buildShadow(
  database: Database,
  projection: Projection,
  options: FoldOptions & { readonly upTo?: LogCheckpoint },
): Promise<number> {
  const { name, version } = projection;
  await database.kysely.transaction().execute(async (transaction) => {
    await makeShadowTables(transaction, projection);
    await clearSlot(transaction, name);
    await transaction
      .insertInto('hookline.projection')
      .values({ name, slot: 'building', version, checkpoint: LOG_START })
      .execute();
  });
  let events = 0;
  let after = LOG_START;
  for (;;) {
    const page = await readLog(database.pool, {
      after,
      ...(options.upTo !== undefined && { upTo: options.upTo }),
    });
    if (page.events.length === 0) return events;
    const applied = await applyPage(database, projection, { ...page, slot: 'building', after });
    if (!applied) throw new Error(`the rebuild of ${name} was disturbed: start it again`);
    events += page.events.length;
    after = page.checkpoint;
    options.onProgress?.(events);
  }
}

/** Folds what has come since, within a transaction that holds the live slot's lock. */
export async function finishShadow(
  transaction: Kysely<HooklineSchema>,
  database: Database,
  projection: Projection,
  upTo?: LogCheckpoint,
): Promise<number> {
  const state = await lockSlot(transaction, projection.name, 'building');
  if (state === undefined) throw new Error(`the rebuild of ${projection.name} was disturbed`);
  let events = 0;
  let after = state.checkpoint;
  // This transaction itself runs, so nothing that begins from now on is below it: this ends.
  for (;;) {
    const page = await readLog(database.pool, { after, ...(upTo !== undefined && { upTo }) });
    if (page.events.length === 0) break;
    await foldPage(transaction, projection, { ...page, slot: 'building' });
    events += page.events.length;
    after = page.checkpoint;
  }
  const oldest = await oldestKeptDay(transaction);
  if (oldest !== undefined) {
    await projection.forget?.(oldest, targetOf(transaction, 'building'));
  }
  return events;
}

/** Drops the shadow tables and the row that says how far they are. */
export async function discardShadow(database: Database, projection: Projection): Promise<void> {
  await database.kysely.transaction().execute(async (transaction) => {
    await dropShadowTables(transaction, projection);
    await clearSlot(transaction, projection.name);
  });
}

/** The last part of a long log may take longer than a statement of a service may. */
export async function noTimeLimit(transaction: Kysely<HooklineSchema>): Promise<void> {
  await sql`SELECT set_config('statement_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)`.execute(transaction);
}

async function clearSlot(transaction: Kysely<HooklineSchema>, name: string): Promise<void> {
  await sql`DELETE FROM hookline.projection WHERE name = ${name} AND slot = 'building'`.execute(
    transaction,
  );
}
