import { type Database, VersionConflictError } from '@hookline/event-log';
import { sql } from 'kysely';
import type { ApiKeyEvent } from '../domain/api-key.ts';
import type { TenantEvent } from '../domain/tenant.ts';
import { type Administration, metadataOf } from './act.ts';
import type { ApiKeyRow } from './api-key-rows.ts';
import { type AggregatePlace, appendFirst, streamOf } from './sealed-fields.ts';
import { settingsOfRow, type TenantRow } from './tenant-rows.ts';

const ADOPTED_PER_QUERY = 500;
const bootstrap = { actor: 'bootstrap', remoteAddress: '' };

/**
 * Puts rows on record that have no events: those that the first start makes, and those of
 * installations older than these events. Their author is `bootstrap`.
 */
export async function adoptAll(administration: Administration): Promise<void> {
  const { database } = administration;
  for (;;) {
    const rows = await withoutEvents<TenantRow>(database, 'tenant', 'tenant_id');
    await administration.sealer.ready(rows.map(({ name }) => name));
    for (const row of rows) await adoptTenant(administration, row);
    if (rows.length < ADOPTED_PER_QUERY) break;
  }
  for (;;) {
    const rows = await withoutEvents<ApiKeyRow>(database, 'api_key', 'key_id');
    await administration.sealer.ready(rows.map(({ tenant }) => tenant));
    for (const row of rows) await adoptApiKey(administration, row);
    if (rows.length < ADOPTED_PER_QUERY) return;
  }
}

/** The tenant's key must be at hand. */
export async function adoptTenant(administration: Administration, row: TenantRow): Promise<void> {
  const { tenant_id: id, name } = row;
  const event: TenantEvent = {
    type: 'TenantCreated',
    id,
    name,
    settings: settingsOfRow(row),
    at: row.created_at.toISOString(),
  };
  await adopt(administration, { kind: 'tenant', tenant: name, id }, event);
}

/** The tenant's key must be at hand. */
export async function adoptApiKey(administration: Administration, row: ApiKeyRow): Promise<void> {
  const { key_id: id, tenant } = row;
  const event: ApiKeyEvent = {
    type: 'ApiKeyCreated',
    id,
    tenant,
    role: row.role,
    name: row.name,
    keyHash: row.key_hash,
    prefix: row.prefix,
    creator: row.creator,
    ...(row.expires_at !== null && { expiresAt: row.expires_at.toISOString() }),
    at: row.created_at.toISOString(),
  };
  await adopt(administration, { kind: 'api-key', tenant, id }, event);
}

async function withoutEvents<R>(
  { kysely }: Database,
  table: 'tenant' | 'api_key',
  idColumn: string,
): Promise<R[]> {
  const kind = table === 'tenant' ? 'tenant:' : 'api-key:';
  const deleted =
    table === 'tenant' ? sql`AND r.deleted_at IS NULL` : sql`AND r.revoked_at IS NULL`;
  const { rows } = await sql<R>`
    SELECT r.* FROM ${sql.table(`hookline.${table}`)} r
    WHERE NOT EXISTS (SELECT FROM hookline.stream_version v
      WHERE v.stream = ${kind} || r.${sql.ref(idColumn)}) ${deleted}
    LIMIT ${ADOPTED_PER_QUERY}`.execute(kysely);
  return rows;
}

async function adopt<E extends TenantEvent | ApiKeyEvent>(
  { database, sealer }: Administration,
  place: AggregatePlace,
  event: E,
): Promise<void> {
  const stream = streamOf(place);
  const known = await database.kysely
    .selectFrom('hookline.stream_version')
    .select('version')
    .where('stream', '=', stream)
    .executeTakeFirst();
  if (known !== undefined) return;
  const metadata = metadataOf(bootstrap, place.tenant, sealer);
  try {
    await database.kysely
      .transaction()
      .execute((transaction) => appendFirst(transaction, place, { event, sealer, metadata }));
  } catch (error) {
    // Another process adopted it at the same time.
    if (!(error instanceof VersionConflictError)) throw error;
  }
}
