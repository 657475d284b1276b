import { isTenantName } from '@hookline/contracts';

/** How INGEST is divided among readers: the tenants that each shard lists. */
export type ShardLayout = ReadonlyMap<string, readonly string[]>;

/** The shard of every tenant that no shard lists, and of what is of no tenant. It always exists. */
export const SHARD_ALL = 'all';

/** In place of a layout: one shard, for everything. */
const NONE = 'none';
const SHARD_NAME = /^[a-z0-9-]{1,40}$/;
const SHARDS_MAX = 64;

/**
 * Reads `a=tenant-1,tenant-2;b=tenant-3`: shards separated by semicolons, each with a name, an equals
 * sign and its tenants separated by commas; spaces count for nothing. `none`, or nothing, is one shard
 * for everything. Undefined when it is not so: a name that is none, a shard without tenants or named
 * `all`, a shard or a tenant named twice, more than 64 shards.
 */
export function parseShardLayout(text: string): ShardLayout | undefined {
  const packed = text.replaceAll(/\s/g, '');
  const layout = new Map<string, string[]>();
  if (packed === '' || packed === NONE) return layout;
  const listed = new Set<string>();
  for (const part of packed.split(';')) {
    const [name = '', list = '', ...more] = part.split('=');
    const isSound = SHARD_NAME.test(name) && name !== SHARD_ALL && more.length === 0;
    if (!isSound || layout.has(name)) return undefined;
    const tenants = list.split(',');
    for (const tenant of tenants) {
      if (!isTenantName(tenant) || listed.has(tenant)) return undefined;
      listed.add(tenant);
    }
    layout.set(name, tenants);
  }
  return layout.size > SHARDS_MAX ? undefined : layout;
}

/** The one spelling of a layout: everything in the order of names. */
export function formatShardLayout(layout: ShardLayout): string {
  return [...layout]
    .map(([name, tenants]) => `${name}=${[...tenants].sort().join(',')}`)
    .sort()
    .join(';');
}

/** Which shard reads a tenant. */
export function shardOf(layout: ShardLayout, tenant: string): string {
  for (const [name, tenants] of layout) if (tenants.includes(tenant)) return name;
  return SHARD_ALL;
}
