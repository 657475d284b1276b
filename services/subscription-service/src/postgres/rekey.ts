import {
  createSealer,
  createTenantSealer,
  keyContext,
  parseMasterKey,
  readRetiredKeys,
  retiredContext,
  type Sealer,
  sealingKeyOf,
} from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import { resealDocuments } from '@hookline/subscriptions';
import { sql } from 'kysely';

export interface RekeyOptions {
  /** As the owner: services may not change a tenant's key. */
  readonly database: Database;
  readonly masterKey: string;
  /** Those that were in use before. */
  readonly olderKeys: readonly string[];
  /** One line for a person. */
  readonly onProgress: (line: string) => void;
}

/** How many values were sealed anew, by where they are. */
export interface Rekeyed {
  readonly tenantKeys: number;
  readonly retiredKeys: number;
  readonly answers: number;
  readonly subscriptions: number;
}

const BATCH = 500;

/**
 * Seals everything that a master key seals anew with the present one: the tenants' keys above all,
 * then what older versions sealed directly. Events are never rewritten; for those that hold values
 * sealed directly, the key of that time is kept, sealed by the present one.
 *
 * Each batch is a transaction of its own and picks what is left, so it can be cut off and run again;
 * running it once more changes nothing. Throws SealError for a value whose key was not given.
 */
export async function rekey(options: RekeyOptions): Promise<Rekeyed> {
  const { database, masterKey, olderKeys, onProgress } = options;
  const query = async (text: string, values: unknown[]) =>
    (await database.pool.query(text, values)).rows;
  const given = createSealer(masterKey, olderKeys);
  const retired = await readRetiredKeys(query, given);
  const present = createSealer(masterKey, [...olderKeys, ...retired]);
  const tell = (what: string) => (done: number) => onProgress(`${what}: ${done} sealed anew`);

  const retiredKeys = await resealRetired(database, present, olderKeys);
  const tenantKeys = await resealColumn(database, present, {
    table: 'hookline.tenant_key',
    key: ['tenant'],
    column: 'data_key',
    contextOf: ([tenant = '']) => keyContext(tenant),
    onProgress: tell('keys of tenants'),
  });
  const answers = await resealColumn(database, present, {
    table: 'hookline.request',
    key: ['tenant', 'method', 'request_id'],
    column: 'response',
    contextOf: (names) => `request:${names.join('/')}`,
    onProgress: tell('kept answers'),
  });
  const sealer = createTenantSealer({ master: present, query });
  const onSubscriptions = tell('subscriptions');
  const subscriptions = await resealDocuments(database, { sealer, onProgress: onSubscriptions });
  return { tenantKeys, retiredKeys, answers, subscriptions };
}

interface SealedColumn {
  readonly table: string;
  readonly key: readonly string[];
  readonly column: string;
  readonly contextOf: (key: readonly string[]) => string;
  readonly onProgress: (done: number) => void;
}

/** Values sealed by the tenants' own keys (`v2.`) are none of the master key's. */
async function resealColumn(
  { kysely }: Database,
  sealer: Sealer,
  { table, key, column, contextOf, onProgress }: SealedColumn,
): Promise<number> {
  const names = sql.join(key.map((name) => sql.ref(name)));
  const sealed = sql.ref(column);
  const target = sql.table(table);
  let done = 0;
  for (;;) {
    const count = await kysely.transaction().execute(async (transaction) => {
      const { rows } = await sql<{ key: string[]; sealed: string }>`
        SELECT ARRAY[${names}] AS key, ${sealed} AS sealed FROM ${target}
        WHERE ${sealed} LIKE 'v1.%' AND ${sealed} NOT LIKE ${`v1.${sealer.keyId}.%`}
        ORDER BY ${names} LIMIT ${BATCH} FOR UPDATE`.execute(transaction);
      for (const row of rows) {
        const context = contextOf(row.key);
        const anew = sealer.seal(sealer.open(row.sealed, context), context);
        await sql`UPDATE ${target} SET ${sealed} = ${anew}
          WHERE ARRAY[${names}] = ${row.key}::text[]`.execute(transaction);
      }
      return rows.length;
    });
    done += count;
    if (count > 0) onProgress(done);
    if (count < BATCH) return done;
  }
}

/** Keeps the older keys that kept events need, and seals those kept before anew. */
async function resealRetired(
  database: Database,
  present: Sealer,
  olderKeys: readonly string[],
): Promise<number> {
  const { kysely } = database;
  for (const text of olderKeys) {
    const { id } = sealingKeyOf(parseMasterKey(text));
    if (id === present.keyId) continue;
    const { rows } = await sql`
      SELECT FROM hookline.event_log_aggregate WHERE data LIKE ${`%"v1.${id}.%`} LIMIT 1`.execute(
      kysely,
    );
    if (rows.length === 0) continue;
    const sealed = present.seal(text, retiredContext(id));
    await sql`INSERT INTO hookline.retired_master_key (key_id, master_key) VALUES (${id}, ${sealed})
      ON CONFLICT (key_id) DO NOTHING`.execute(kysely);
  }
  return await resealColumn(database, present, {
    table: 'hookline.retired_master_key',
    key: ['key_id'],
    column: 'master_key',
    contextOf: ([id = '']) => retiredContext(id),
    onProgress: () => {},
  });
}
