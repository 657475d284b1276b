import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { LOG_START } from '../logged-event.ts';
import type { HooklineSchema } from '../schema.ts';
import type { Projection } from './projection.ts';
import { lockSlot, oldestKeptDay, shadowName, targetOf } from './projection-slot.ts';
import {
  alone,
  buildShadow,
  discardShadow,
  type FoldOptions,
  finishShadow,
  noTimeLimit,
} from './rebuild-projection.ts';

/** One table of a projection, compared row by row with the fold of the log. */
export interface TableCheck {
  readonly table: string;
  readonly rows: number;
  /** Rows that the log makes and the live table has not, or not so. */
  readonly missing: number;
  /** Rows that the live table has and the log does not make. */
  readonly unexpected: number;
}

export interface ProjectionCheck {
  readonly equal: boolean;
  readonly events: number;
  readonly tables: readonly TableCheck[];
}

/**
 * Folds the log anew to where the live projection is, and compares every row by its hash.
 *
 * `database` is the owner's. The live projection waits while the last events are folded and the rows
 * compared; its rows are left as they are, but for those that came from events the log has dropped.
 */
export async function checkProjection(
  database: Database,
  projection: Projection,
  options: FoldOptions = {},
): Promise<ProjectionCheck> {
  return await alone(database, projection, async () => {
    const upTo = await liveCheckpoint(database, projection);
    const built = await buildShadow(database, projection, { ...options, upTo });
    try {
      return await database.kysely.transaction().execute(async (transaction) => {
        await noTimeLimit(transaction);
        const live = await lockSlot(transaction, projection.name, 'live');
        const end = live?.checkpoint ?? LOG_START;
        const events = built + (await finishShadow(transaction, database, projection, end));
        const oldest = await oldestKeptDay(transaction);
        if (oldest !== undefined) {
          await projection.forget?.(oldest, targetOf(transaction, 'live'));
        }
        const tables: TableCheck[] = [];
        for (const table of projection.tables) tables.push(await compare(transaction, table));
        const equal = tables.every(({ missing, unexpected }) => missing + unexpected === 0);
        return { equal, events, tables };
      });
    } finally {
      await discardShadow(database, projection);
    }
  });
}

async function liveCheckpoint(database: Database, projection: Projection) {
  const state = await database.kysely
    .transaction()
    .execute((transaction) => lockSlot(transaction, projection.name, 'live'));
  return state?.checkpoint ?? LOG_START;
}

async function compare(transaction: Kysely<HooklineSchema>, table: string): Promise<TableCheck> {
  const live = sql.raw(`hookline.${table}`);
  const shadow = sql.raw(`hookline.${shadowName(table)}`);
  const { rows } = await sql<{ rows: bigint; missing: bigint; unexpected: bigint }>`
    WITH live AS MATERIALIZED (SELECT sha256(convert_to(t::text, 'UTF8')) AS row FROM ${live} t),
    made AS MATERIALIZED (SELECT sha256(convert_to(t::text, 'UTF8')) AS row FROM ${shadow} t)
    SELECT (SELECT count(*) FROM live) AS rows,
      (SELECT count(*) FROM (SELECT row FROM made EXCEPT ALL SELECT row FROM live) m) AS missing,
      (SELECT count(*) FROM (SELECT row FROM live EXCEPT ALL SELECT row FROM made) u) AS unexpected
  `.execute(transaction);
  const found = rows[0];
  return {
    table,
    rows: Number(found?.rows),
    missing: Number(found?.missing),
    unexpected: Number(found?.unexpected),
  };
}
