import type { AcceptedEvent } from '@hookline/contracts';
import { SealError, type Sealer } from '@hookline/credentials';
import type { Database } from '@hookline/event-log';
import type { TenantSettings } from '../domain/settings.ts';
import { createSubscriptionCodec } from '../store/sealed-document.ts';
import { createFilterIndex, type FilterIndex } from './filter-index.ts';
import { type IndexedSubscription, toIndexedSubscription } from './indexed-subscription.ts';
import { readChanges, readTenants } from './read-changes.ts';

/** What the index logs with; a pino logger fits. */
export interface IndexLogger {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SubscriptionIndexOptions {
  readonly sealer: Sealer;
  readonly logger?: IndexLogger;
  /** Pause between looks at the database that nobody asked for, in milliseconds. Default 2,000. */
  readonly reconcileMs?: number;
}

/** Every subscription of every tenant in memory, and which of them an event is for. */
export interface SubscriptionIndex {
  /**
   * Loads everything, then looks for changes now and then. Throws SealError when the master key is
   * not the one the secrets were sealed with, and whatever Postgres throws.
   */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Every change up to this epoch is known. */
  epoch(): number;
  /** Looks for changes now, for instance after a wake-up. Calls under way share one look. */
  refresh(): Promise<void>;
  /** Resolves when every change up to this epoch is known; at once when it is. */
  catchUp(epoch: number): Promise<void>;
  /**
   * The active and paused subscriptions that an event is for, each once. `subscriptionEpoch` is the
   * one under which the event was accepted: a subscription that began to match later is left out.
   */
  match(event: AcceptedEvent, subscriptionEpoch: number): IndexedSubscription[];
  /** A subscription in whatever state; a deleted one until 10,000 others have been deleted after it. */
  get(subscriptionId: string): IndexedSubscription | undefined;
}

const DELETED_MAX = 10_000;
/** Secrets that are tried before the master key is taken for a wrong one. */
const KEY_TRIES_MAX = 10;
/** Tenants changed by transactions that were open for so long are seen as well. */
const TENANT_OVERLAP_MS = 60_000;

const UNKNOWN_TENANT: TenantSettings = {
  controlDomain: '',
  controlName: '',
  controlSupportLink: '',
  contacts: [],
};

export function createSubscriptionIndex(
  database: Database,
  options: SubscriptionIndexOptions,
): SubscriptionIndex {
  const { logger, reconcileMs = 2_000 } = options;
  const codec = createSubscriptionCodec(options.sealer);
  const byId = new Map<string, IndexedSubscription>();
  const byTenant = new Map<string, FilterIndex<IndexedSubscription>>();
  const tenants = new Map<string, TenantSettings>();
  const deleted = new Set<string>();
  let tenantsSeen = new Date(0);
  let known = -1n;
  let deletedAfter = 0n;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const tenantSettings = (name: string) => tenants.get(name) ?? UNKNOWN_TENANT;

  function apply(subscription: IndexedSubscription): void {
    const { id, tenant, state } = subscription;
    const before = byId.get(id);
    const filters = byTenant.get(tenant) ?? createFilterIndex<IndexedSubscription>();
    if (before !== undefined) filters.remove(before);
    byId.set(id, subscription);
    if (state === 'active' || state === 'paused') filters.add(subscription);
    if (filters.isEmpty()) byTenant.delete(tenant);
    else byTenant.set(tenant, filters);
    if (state === 'deleted') rememberDeleted(id);
  }

  function rememberDeleted(id: string): void {
    deleted.add(id);
    if (deleted.size <= DELETED_MAX) return;
    const oldest = deleted.values().next().value as string;
    deleted.delete(oldest);
    byId.delete(oldest);
  }

  async function look(): Promise<void> {
    const changedTenants = await readTenants(
      database,
      new Date(Math.max(0, tenantsSeen.getTime() - TENANT_OVERLAP_MS)),
    );
    for (const [name, settings] of changedTenants.tenants) tenants.set(name, settings);
    tenantsSeen = changedTenants.newest;
    for (let more = true; more && !stopped; ) {
      const changes = await readChanges(database, { known, deletedAfter });
      await options.sealer.ready(changes.rows.map(({ tenant }) => tenant));
      // All of a page at once: between two turns of the event loop the index is never half a change.
      for (const row of changes.rows) apply(toIndexedSubscription(row, codec, tenantSettings));
      known = changes.epoch;
      more = changes.more;
    }
  }

  function refresh(): Promise<void> {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function reconcile(): Promise<void> {
    try {
      await refresh();
    } catch (error) {
      logger?.warn({ err: error }, 'changes of subscriptions could not be read; trying again');
    }
    scheduleReconcile();
  }

  function scheduleReconcile(): void {
    if (!stopped) timer = setTimeout(() => void reconcile(), reconcileMs);
  }

  return {
    async start() {
      deletedAfter = await currentEpoch(database);
      await refresh();
      checkKey(byId.values(), logger);
      scheduleReconcile();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking?.catch(() => {});
    },
    epoch: () => Number(known),
    refresh,
    async catchUp(epoch) {
      if (known >= epoch) return;
      // A look under way may have begun before the change; the second one began after the call.
      await refresh();
      if (known >= epoch) return;
      await refresh();
      if (known < epoch) {
        const fields = { wanted: epoch, known: Number(known) };
        logger?.warn(fields, 'an event names a newer epoch of subscriptions than the database has');
      }
    },
    match(event, subscriptionEpoch) {
      const matched = byTenant.get(event.tenant)?.match(event) ?? [];
      return matched.filter(({ matchesFromEpoch }) => matchesFromEpoch <= subscriptionEpoch);
    },
    get: (subscriptionId) => byId.get(subscriptionId),
  };
}

async function currentEpoch({ kysely }: Database): Promise<bigint> {
  const row = await kysely
    .selectFrom('hookline.subscription_epoch')
    .select('value')
    .executeTakeFirstOrThrow();
  return row.value;
}

/** Opens secrets until one opens; throws when the first few do not, since then the key is the wrong one. */
function checkKey(
  subscriptions: Iterable<IndexedSubscription>,
  logger: IndexLogger | undefined,
): void {
  let fault: SealError | undefined;
  let tries = 0;
  for (const subscription of subscriptions) {
    try {
      void subscription.secrets;
      return;
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      fault ??= error;
      tries += 1;
      if (tries === KEY_TRIES_MAX) break;
      const fields = { subscription_id: subscription.id };
      logger?.error(fields, `the secret of a subscription cannot be opened: ${error.message}`);
    }
  }
  if (fault !== undefined) throw fault;
}
