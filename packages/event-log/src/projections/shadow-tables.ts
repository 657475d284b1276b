import { type Kysely, sql } from 'kysely';
import type { HooklineSchema } from '../schema.ts';
import type { Projection } from './projection.ts';
import { shadowName } from './projection-slot.ts';

/** Makes empty tables shaped as the live ones, and drops what a rebuild that was killed left. */
export async function makeShadowTables(
  transaction: Kysely<HooklineSchema>,
  projection: Projection,
): Promise<void> {
  await dropShadowTables(transaction, projection);
  for (const table of projection.tables) {
    await sql
      .raw(
        `CREATE TABLE hookline.${shadowName(table)} (LIKE hookline.${table} INCLUDING ALL);
         GRANT SELECT, INSERT, UPDATE, DELETE ON hookline.${shadowName(table)} TO hookline_service`,
      )
      .execute(transaction);
  }
}

export async function dropShadowTables(
  transaction: Kysely<HooklineSchema>,
  projection: Projection,
): Promise<void> {
  for (const table of projection.tables) {
    await sql.raw(`DROP TABLE IF EXISTS hookline.${shadowName(table)}`).execute(transaction);
  }
}

/**
 * Puts the shadow tables in the place of the live ones. Readers wait for the commit and then find
 * the new rows; their statements need not know. Indexes take the old names, so that migrations find
 * them as they made them.
 */
export async function swapTables(
  transaction: Kysely<HooklineSchema>,
  projection: Projection,
): Promise<void> {
  for (const table of projection.tables) {
    const names = await indexNames(transaction, table);
    const shadowNames = await indexNames(transaction, shadowName(table));
    await sql
      .raw(
        `DROP TABLE hookline.${table};
         ALTER TABLE hookline.${shadowName(table)} RENAME TO ${table}`,
      )
      .execute(transaction);
    for (const [definition, shadow] of shadowNames) {
      const name = names.get(definition);
      if (name === undefined) throw new Error(`no index of ${table} is ${definition}`);
      await sql.raw(`ALTER INDEX hookline."${shadow}" RENAME TO "${name}"`).execute(transaction);
    }
  }
}

/** The names of a table's indexes by what they are. */
async function indexNames(
  transaction: Kysely<HooklineSchema>,
  table: string,
): Promise<Map<string, string>> {
  const { rows } = await sql<{ name: string; definition: string }>`
    SELECT c.relname AS name, i.indisprimary || ' ' ||
      regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX \\S+ ON \\S+ ', '\\1') AS definition
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ${`hookline.${table}`}::regclass`.execute(transaction);
  return new Map(rows.map(({ name, definition }) => [definition, name]));
}
