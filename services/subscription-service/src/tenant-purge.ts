import { createPeriodic, type Lifecycle } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import { type PurgeParts, purgeDeletedTenants } from './postgres/purge-tenants.ts';

/** Deleting is woken; this finds what another process left when it ended. */
const INTERVAL_MS = 60_000;
/** Longer than a tenant of some thousand subscriptions takes. The rest goes on without the caller. */
const WAIT_MS = 5_000;

export interface TenantPurge extends Lifecycle {
  /** Begins at once; resolves when the tenant is purged, or after 5 s while it goes on. */
  purge(tenant: string): Promise<void>;
}

/** Takes away what deleted tenants have, in the background. */
export function createTenantPurge(parts: PurgeParts, logger: Logger): TenantPurge {
  const waiting = new Map<string, () => void>();
  const periodic = createPeriodic({
    name: 'purging deleted tenants',
    intervalMs: INTERVAL_MS,
    runOnce: (signal) =>
      purgeDeletedTenants(
        {
          ...parts,
          onPurged(tenant) {
            logger.info({ tenant }, 'a deleted tenant was purged: its key is destroyed');
            parts.onPurged(tenant);
            waiting.get(tenant)?.();
          },
        },
        signal,
      ),
    logger,
  });
  return {
    ...periodic,
    async purge(tenant) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.set(tenant, resolve);
      const timer = setTimeout(resolve, WAIT_MS);
      periodic.wake();
      await promise;
      clearTimeout(timer);
      waiting.delete(tenant);
    },
  };
}
