import { randomBytes } from 'node:crypto';
import { createSealer, type Sealer } from './sealer.ts';
import {
  openWith,
  parseSealed,
  SealError,
  type SealingKey,
  ShreddedError,
  sealingKeyOf,
  sealWith,
} from './sealing-key.ts';
import { insertTenantKeys, readRetiredKeys, readTenantKeys } from './tenant-keys.ts';
import type { Query } from './verifier.ts';

export interface TenantSealerOptions {
  /** Seals and opens the tenants' keys. */
  readonly master: Sealer;
  readonly query: Query;
  /** How many tenants' keys are kept in memory; the one unused for longest goes first. Default 100,000, some 30 MB. */
  readonly entriesMax?: number;
  /** How long a key is used before `ready` looks whether it is still there, in milliseconds. Default 60,000. */
  readonly believedMs?: number;
  /** Milliseconds since some start, never going back; for tests. */
  readonly now?: () => number;
}

/** A key that is made together with its tenant, before others can know it. */
export interface NewTenantKey {
  readonly sealer: Pick<Sealer, 'seal' | 'open'>;
  /** What belongs into hookline.tenant_key. */
  readonly dataKey: string;
}

/** Seals each value under the key of its tenant, which the context names: `<what>:<tenant>/…`. */
export interface TenantSealer extends Sealer {
  /** The key of a tenant that is just being created; written by the caller, in its transaction. */
  newTenantKey(tenant: string): NewTenantKey;
  /** Forgets a tenant's key: it was deleted, here or elsewhere. */
  forget(tenant: string): void;
}

interface Entry {
  /** Undefined: the tenant has none any more. */
  readonly key: SealingKey | undefined;
  readonly until: number;
}

const TENANTS_PER_QUERY = 1_000;

/** Opens the sealer of a service: the master keys given, those retired, and the tenants' keys. */
export async function openTenantSealer(options: {
  readonly masterKey: string;
  readonly olderKeys: readonly string[];
  readonly query: Query;
}): Promise<TenantSealer> {
  const { masterKey, olderKeys, query } = options;
  const given = createSealer(masterKey, olderKeys);
  const retired = await readRetiredKeys(query, given);
  return createTenantSealer({ master: createSealer(masterKey, [...olderKeys, ...retired]), query });
}

/**
 * Seals secrets and personal data under a random key of their tenant: `v2.<key id>.…`. The keys are
 * in hookline.tenant_key, sealed by the master key. So the master key can be changed though events
 * are never rewritten, and deleting a tenant's key leaves nothing of it readable in kept events.
 *
 * Sealing and opening are synchronous and need the key at hand: await `ready` first. What the master
 * key sealed directly (`v1.`) still opens.
 */
export function createTenantSealer(options: TenantSealerOptions): TenantSealer {
  const { master, query, entriesMax = 100_000, believedMs = 60_000 } = options;
  const { now = () => performance.now() } = options;
  const entries = new Map<string, Entry>();

  const keep = (tenant: string, key: SealingKey | undefined): void => {
    entries.delete(tenant);
    entries.set(tenant, { key, until: now() + believedMs });
    const oldest = entries.keys().next();
    if (entries.size > entriesMax && !oldest.done) entries.delete(oldest.value);
  };

  const openKey = (tenant: string, dataKey: string): SealingKey | undefined => {
    try {
      return sealingKeyOf(Buffer.from(master.open(dataKey, keyContext(tenant)), 'base64'));
    } catch (error) {
      // Sealed anew with a master key that this process does not know yet: its copy is the same key.
      const known = entries.get(tenant)?.key;
      if (known === undefined) throw error;
      return known;
    }
  };

  const load = async (tenants: readonly string[]): Promise<void> => {
    const found = await readTenantKeys(query, tenants);
    const missing = tenants.filter((tenant) => !found.has(tenant));
    if (missing.length > 0) {
      const made = missing.map((tenant): [string, string] => [tenant, newDataKey(tenant).dataKey]);
      await insertTenantKeys(query, made);
      for (const [tenant, key] of await readTenantKeys(query, missing)) found.set(tenant, key);
    }
    for (const tenant of tenants) {
      const dataKey = found.get(tenant);
      keep(tenant, dataKey === undefined ? undefined : openKey(tenant, dataKey));
    }
  };

  const newDataKey = (tenant: string) => {
    const bytes = randomBytes(32);
    return {
      key: sealingKeyOf(bytes),
      dataKey: master.seal(bytes.toString('base64'), keyContext(tenant)),
    };
  };

  const keyFor = (context: string): SealingKey => {
    const tenant = tenantIn(context);
    const entry = entries.get(tenant);
    if (entry === undefined) throw new SealError(`the key of tenant ${tenant} is not at hand`);
    if (entry.key === undefined) {
      throw new ShreddedError(`tenant ${tenant} has no key: it was deleted, or never was`);
    }
    return entry.key;
  };

  const sealer: TenantSealer = {
    keyId: master.keyId,
    seal: (plaintext, context) => sealWith(keyFor(context), 'v2', { plaintext, context }),
    open(sealed, context) {
      const parts = parseSealed(sealed);
      if (parts.form === 'v1') return master.open(sealed, context);
      return openWith(keyFor(context), parts, context);
    },
    isStale: (sealed) => sealed.startsWith('v1.') && master.isStale(sealed),
    async ready(tenants) {
      const time = now();
      const wanted = [...new Set(tenants)].filter((tenant) => {
        const entry = entries.get(tenant);
        return entry === undefined || entry.until <= time;
      });
      for (let start = 0; start < wanted.length; start += TENANTS_PER_QUERY) {
        await load(wanted.slice(start, start + TENANTS_PER_QUERY));
      }
    },
    newTenantKey(tenant) {
      const { key, dataKey } = newDataKey(tenant);
      return {
        dataKey,
        sealer: {
          seal: (plaintext, context) => sealWith(key, 'v2', { plaintext, context }),
          open: (sealed, context) => openWith(key, parseSealed(sealed), context),
        },
      };
    },
    forget(tenant) {
      entries.delete(tenant);
    },
  };
  return sealer;
}

/** Where a tenant's key belongs. */
export function keyContext(tenant: string): string {
  return `tenant-key:${tenant}`;
}

function tenantIn(context: string): string {
  const tenant = /^[a-z-]+:([a-z0-9-]{1,40})\//.exec(context)?.[1];
  if (tenant === undefined) throw new Error(`the context "${context}" names no tenant`);
  return tenant;
}
