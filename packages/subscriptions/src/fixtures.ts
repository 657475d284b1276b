import { newId } from '@hookline/contracts';
import { createSealer } from '@hookline/credentials';
import { type Database, migrate, openDatabase } from '@hookline/event-log';
import { createTestDatabase } from '@hookline/testing';

export { settingsOf } from './domain/settings-fixture.ts';

/** A sealer of tests' own; every call makes the same. */
export const testSealer = createSealer(Buffer.alloc(32, 7).toString('base64'));

/** A migrated database with the tenants named, connected as services are. */
export async function openTestStore(
  tenants: readonly string[] = ['default'],
): Promise<{ readonly database: Database } & AsyncDisposable> {
  const created = await createTestDatabase({ migrate });
  const database = openDatabase({ url: created.url, role: 'hookline_service' });
  for (const name of tenants) {
    await database.kysely
      .insertInto('hookline.tenant')
      .values({ name, tenant_id: newId('ten'), deleted_at: null })
      .execute();
  }
  return {
    database,
    async [Symbol.asyncDispose]() {
      await database.close();
      await created.drop();
    },
  };
}
