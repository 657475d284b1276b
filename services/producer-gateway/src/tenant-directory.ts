import { isDeepStrictEqual } from 'node:util';
import { createPeriodic, type Lifecycle } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';

/** What the gateway knows of a tenant. */
export interface KnownTenant {
  readonly name: string;
  /** Its quota; undefined: the default of the installation. */
  readonly eventsPerSecond: number | undefined;
  /** Whether an event of an unknown type, or whose data its type does not allow, is refused. */
  readonly strict: boolean;
  /** Event types of its own, beyond the catalogue. */
  readonly customTypes: ReadonlySet<string>;
}

export interface TenantDirectory extends Lifecycle {
  /** Reads what changed, now. Throws what Postgres throws. */
  load(): Promise<void>;
  /** The tenants that are there, as of some seconds ago. */
  all(): readonly KnownTenant[];
  /** One tenant as last read; undefined when it is unknown or deleted. */
  get(name: string): KnownTenant | undefined;
  /** Asks the table again for those of `names` that are not known. Throws what Postgres throws. */
  lookUp(names: readonly string[]): Promise<void>;
  /** Calls back after tenants came, changed or went. Returns an unsubscribe. */
  onChange(listener: () => void): () => void;
}

export interface TenantDirectoryOptions {
  readonly pool: pg.Pool;
  readonly logger: Logger;
  readonly intervalMs: number;
}

/** A change is dated by the start of its transaction, and may be seen that much later. */
const OVERLAP_MS = 30_000;

interface TenantRow {
  readonly name: string;
  readonly events_per_second_max: number | null;
  readonly strict_event_types: boolean;
  readonly custom_event_types: readonly string[];
  readonly is_deleted: boolean;
  readonly updated_at: Date;
}

const COLUMNS =
  'name, events_per_second_max, strict_event_types, custom_event_types, deleted_at IS NOT NULL AS is_deleted, updated_at';

function tenantOf(row: TenantRow): KnownTenant {
  return {
    name: row.name,
    eventsPerSecond: row.events_per_second_max ?? undefined,
    strict: row.strict_event_types,
    customTypes: new Set(row.custom_event_types),
  };
}

/** Follows the table of tenants: all of it at the start, then what changed. */
export function createTenantDirectory(options: TenantDirectoryOptions): TenantDirectory {
  const { pool, logger, intervalMs } = options;
  const tenants = new Map<string, KnownTenant>();
  const listeners = new Set<() => void>();
  let newest = new Date(0);

  const apply = (rows: readonly TenantRow[]): void => {
    let changed = false;
    for (const row of rows) {
      const { name, is_deleted } = row;
      const tenant = tenantOf(row);
      if (is_deleted) changed = tenants.delete(name) || changed;
      else if (!isDeepStrictEqual(tenants.get(name), tenant)) {
        tenants.set(name, tenant);
        changed = true;
      }
    }
    if (changed) for (const listener of [...listeners]) listener();
  };

  const readChanges = async (): Promise<void> => {
    const since = new Date(newest.getTime() - OVERLAP_MS);
    const { rows } = await pool.query<TenantRow>({
      name: 'gateway-tenants-changed',
      text: `SELECT ${COLUMNS} FROM hookline.tenant WHERE updated_at >= $1 ORDER BY updated_at`,
      values: [since],
    });
    apply(rows);
    newest = rows.at(-1)?.updated_at ?? newest;
  };

  const periodic = createPeriodic({
    name: 'following the tenants',
    intervalMs,
    runOnce: readChanges,
    logger,
  });

  return {
    ...periodic,
    load: readChanges,
    all: () => [...tenants.values()],
    get: (name) => tenants.get(name),
    async lookUp(names) {
      const unknown = names.filter((name) => !tenants.has(name));
      if (unknown.length === 0) return;
      const { rows } = await pool.query<TenantRow>({
        name: 'gateway-tenants-named',
        text: `SELECT ${COLUMNS} FROM hookline.tenant WHERE name = ANY($1::text[])`,
        values: [unknown],
      });
      apply(rows);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
