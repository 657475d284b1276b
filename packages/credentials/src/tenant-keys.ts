import type { Sealer } from './sealer.ts';
import type { Query } from './verifier.ts';

/** The sealed keys of these tenants; those without one are missing from the answer. */
export async function readTenantKeys(
  query: Query,
  tenants: readonly string[],
): Promise<Map<string, string>> {
  const rows = (await query(
    'SELECT tenant, data_key FROM hookline.tenant_key WHERE tenant = ANY($1::text[])',
    [tenants],
  )) as readonly { tenant: string; data_key: string }[];
  return new Map(rows.map((row) => [row.tenant, row.data_key]));
}

/**
 * Gives tenants that are there their keys, unless they have one. The tenants' rows are locked
 * against a deletion under way: a deleted tenant gets no key again.
 */
export async function insertTenantKeys(
  query: Query,
  keys: readonly (readonly [tenant: string, dataKey: string])[],
): Promise<void> {
  await query(
    `INSERT INTO hookline.tenant_key (tenant, data_key)
     SELECT t.name, w.data_key FROM unnest($1::text[], $2::text[]) AS w(name, data_key)
       JOIN hookline.tenant t USING (name) WHERE t.deleted_at IS NULL
      ORDER BY t.name FOR SHARE OF t
     ON CONFLICT (tenant) DO NOTHING`,
    [keys.map(([tenant]) => tenant), keys.map(([, dataKey]) => dataKey)],
  );
}

/** Master keys that were in use once, base64. @throws SealError when the present one opens none of them */
export async function readRetiredKeys(query: Query, present: Sealer): Promise<string[]> {
  const rows = (await query(
    'SELECT key_id, master_key FROM hookline.retired_master_key',
    [],
  )) as readonly { key_id: string; master_key: string }[];
  return rows.map((row) => present.open(row.master_key, retiredContext(row.key_id)));
}

/** Where a retired master key belongs. */
export function retiredContext(keyId: string): string {
  return `retired-master-key:${keyId}`;
}
