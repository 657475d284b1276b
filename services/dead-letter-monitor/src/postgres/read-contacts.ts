import type { HooklineSchema } from '@hookline/event-log';
import type { Kysely } from 'kysely';

/** Who is told of trouble that no subscription names anybody for; nobody for a tenant that is not there. */
export async function readContacts(
  db: Kysely<HooklineSchema>,
  tenant: string,
): Promise<readonly string[]> {
  const row = await db
    .selectFrom('hookline.tenant')
    .select('contacts')
    .where('name', '=', tenant)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row?.contacts ?? [];
}
