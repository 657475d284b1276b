import type { Database } from '@hookline/event-log';

/** The event types that a tenant has added to the catalogue. */
export async function findCustomEventTypes(
  { kysely }: Database,
  tenant: string,
): Promise<readonly string[]> {
  const row = await kysely
    .selectFrom('hookline.tenant')
    .select('custom_event_types')
    .where('name', '=', tenant)
    .executeTakeFirst();
  return row?.custom_event_types ?? [];
}
