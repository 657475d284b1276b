import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import type { LogCheckpoint } from '../logged-event.ts';
import type { LogPage } from '../read-log.ts';
import type { HooklineSchema, ProjectionSlot } from '../schema.ts';
import type { Projection, ProjectionTarget } from './projection.ts';

/** How far one slot of a projection has come. */
export interface SlotState {
  readonly version: number;
  readonly checkpoint: LogCheckpoint;
}

/** The tables of a slot: those of the live one have their own names. */
export function targetOf(
  transaction: Kysely<HooklineSchema>,
  slot: ProjectionSlot,
): ProjectionTarget {
  return {
    transaction,
    table: (name) => `hookline.${slot === 'live' ? name : shadowName(name)}`,
  };
}

export function shadowName(table: string): string {
  return `${table}__building`;
}

/** Locks a slot until the end of the transaction, so that nobody else moves it. */
export async function lockSlot(
  transaction: Kysely<HooklineSchema>,
  name: string,
  slot: ProjectionSlot,
): Promise<SlotState | undefined> {
  const row = await transaction
    .selectFrom('hookline.projection')
    .select(['version', 'checkpoint'])
    .where('name', '=', name)
    .where('slot', '=', slot)
    .forUpdate()
    .executeTakeFirst();
  return row && { version: row.version, checkpoint: row.checkpoint as LogCheckpoint };
}

/**
 * Folds a page into a slot and moves its checkpoint, in one transaction. False, and nothing done,
 * when the slot is no longer where the page begins or is of another version.
 */
export async function applyPage(
  database: Database,
  projection: Projection,
  page: LogPage & { readonly slot: ProjectionSlot; readonly after: LogCheckpoint },
): Promise<boolean> {
  return await database.kysely.transaction().execute(async (transaction) => {
    const state = await lockSlot(transaction, projection.name, page.slot);
    if (state?.checkpoint !== page.after || state.version !== projection.version) return false;
    await foldPage(transaction, projection, page);
    return true;
  });
}

/** The same within a transaction that holds the slot's lock. */
export async function foldPage(
  transaction: Kysely<HooklineSchema>,
  projection: Projection,
  page: LogPage & { readonly slot: ProjectionSlot },
): Promise<void> {
  const events = page.events.map(projection.upcasters.upcast);
  await projection.handle(events, targetOf(transaction, page.slot));
  await sql`UPDATE hookline.projection SET checkpoint = ${page.checkpoint}::text, updated_at = now(),
      events_count = events_count + ${events.length}::int
    WHERE name = ${projection.name} AND slot = ${page.slot}`.execute(transaction);
}

/** The oldest day of servers' events that the log still has; undefined before the first partition. */
export async function oldestKeptDay(db: Kysely<HooklineSchema>): Promise<Date | undefined> {
  const { rows } = await sql<{ day: string | null }>`
    SELECT min(right(inhrelid::regclass::text, 8)) AS day FROM pg_inherits
    WHERE inhparent = 'hookline.event_log_server'::regclass`.execute(db);
  const day = rows[0]?.day ?? undefined;
  return day === undefined
    ? undefined
    : new Date(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`);
}
