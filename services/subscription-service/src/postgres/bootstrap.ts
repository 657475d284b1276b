import { newId } from '@hookline/contracts';
import { apiKeyPrefix, hashApiKey, type Role } from '@hookline/credentials';
import type { Database, HooklineSchema } from '@hookline/event-log';
import { type Kysely, sql } from 'kysely';

export interface BootstrapKeys {
  readonly bootstrapApiKey: string | undefined;
  readonly bootstrapPublisherKey: string | undefined;
}

/** The tenant made while there is none. */
const TENANT = 'default';

/** `present`: there is a tenant. `without_key`: there is none, and no admin's key to make one with. */
export type Bootstrapped = 'made' | 'present' | 'without_key';

/**
 * Makes tenant `default` with the keys given, while no tenant exists. Their events are appended when
 * rows without events are adopted, see adopt.ts.
 *
 * Keys are given only to begin with: once there is a tenant, deleted ones included, they are
 * ignored, so that a key left in an environment opens nothing that was closed since. Of several
 * that start at once, one makes it and the others wait and find it.
 */
export async function bootstrap(database: Database, keys: BootstrapKeys): Promise<Bootstrapped> {
  const { bootstrapApiKey, bootstrapPublisherKey } = keys;
  return await database.kysely.transaction().execute(async (transaction) => {
    await sql`SELECT pg_advisory_xact_lock(hashtext('hookline.bootstrap'))`.execute(transaction);
    const existing = await transaction
      .selectFrom('hookline.tenant')
      .select('name')
      .limit(1)
      .executeTakeFirst();
    if (existing !== undefined) return 'present';
    if (bootstrapApiKey === undefined) return 'without_key';
    await transaction
      .insertInto('hookline.tenant')
      .values({ name: TENANT, tenant_id: newId('ten'), deleted_at: null })
      .execute();
    await insertKey(transaction, 'admin', bootstrapApiKey);
    if (bootstrapPublisherKey !== undefined) {
      await insertKey(transaction, 'publisher', bootstrapPublisherKey);
    }
    return 'made';
  });
}

async function insertKey(
  transaction: Kysely<HooklineSchema>,
  role: Role,
  key: string,
): Promise<void> {
  await transaction
    .insertInto('hookline.api_key')
    .values({
      key_id: newId('key'),
      tenant: TENANT,
      role,
      name: `bootstrap ${role}`,
      key_hash: hashApiKey(key),
      prefix: apiKeyPrefix(key),
      expires_at: null,
      revoked_at: null,
      last_used_at: null,
    })
    .execute();
}
