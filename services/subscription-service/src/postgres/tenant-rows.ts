import type { Database, HooklineSchema } from '@hookline/event-log';
import type { Kysely, Selectable } from 'kysely';
import type { TenantQuotas, TenantSettings } from '../domain/tenant.ts';

export type TenantRow = Selectable<HooklineSchema['hookline.tenant']>;

/** A tenant as its admins see it. */
export interface TenantView {
  readonly id: string;
  readonly name: string;
  readonly settings: TenantSettings;
  /** How many changes it has seen; its etag. */
  readonly version: bigint;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export function viewOfTenantRow(row: TenantRow): TenantView {
  return {
    id: row.tenant_id,
    name: row.name,
    settings: settingsOfRow(row),
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function settingsOfRow(row: TenantRow): TenantSettings {
  return {
    controlName: row.control_name,
    contacts: row.contacts,
    controlDomain: row.control_domain,
    controlSupportLink: row.control_support_link,
    quotas: quotasOf(row),
    customEventTypes: row.custom_event_types,
    strictEventTypes: row.strict_event_types,
  };
}

function quotasOf(row: TenantRow): TenantQuotas {
  return {
    ...(row.subscriptions_max !== null && { subscriptionsMax: Number(row.subscriptions_max) }),
    ...(row.events_per_second_max !== null && { eventsPerSecondMax: row.events_per_second_max }),
    ...(row.requests_per_second_max !== null && {
      requestsPerSecondMax: row.requests_per_second_max,
    }),
    ...(row.credentials_max !== null && { credentialsMax: Number(row.credentials_max) }),
  };
}

/** The columns that hold a tenant's settings. */
export function columnsOfSettings(settings: TenantSettings) {
  const { quotas } = settings;
  const count = (value: number | undefined) => (value === undefined ? null : BigInt(value));
  return {
    control_name: settings.controlName,
    contacts: [...settings.contacts],
    control_domain: settings.controlDomain,
    control_support_link: settings.controlSupportLink,
    subscriptions_max: count(quotas.subscriptionsMax),
    events_per_second_max: quotas.eventsPerSecondMax ?? null,
    requests_per_second_max: quotas.requestsPerSecondMax ?? null,
    credentials_max: count(quotas.credentialsMax),
    custom_event_types: [...settings.customEventTypes],
    strict_event_types: settings.strictEventTypes,
  };
}

/** A tenant that is not deleted, by its id. */
export function findTenantRow(
  db: Kysely<HooklineSchema>,
  id: string,
): Promise<TenantRow | undefined> {
  return db
    .selectFrom('hookline.tenant')
    .selectAll()
    .where('tenant_id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
}

/** Tenants by name, after a name, `limit` at most. */
export function listTenantRows(
  { kysely }: Database,
  query: { readonly name: string; readonly after: string; readonly limit: number },
): Promise<TenantRow[]> {
  const { name, after, limit } = query;
  return kysely
    .selectFrom('hookline.tenant')
    .selectAll()
    .where('deleted_at', 'is', null)
    .where('name', '>', after)
    .$if(name !== '', (q) => q.where('name', '=', name))
    .orderBy('name')
    .limit(limit)
    .execute();
}
