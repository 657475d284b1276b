import { DomainError } from '@hookline/contracts';
import { createTokenBucket, type TokenBucket } from './domain/token-bucket.ts';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { TenantDirectory } from './tenant-directory.ts';

/** How many events a second each tenant may publish, over whichever way, through this gateway. */
export interface Quotas {
  /** How many the tenant may publish now; Infinity without a quota. */
  available(tenant: string): number;
  take(tenant: string, count: number): void;
  /** The most it may publish at once; Infinity without a quota. */
  burst(tenant: string): number;
  /** How long until the tenant may publish one; 0: now. */
  waitMs(tenant: string): number;
  /** Takes `count`, or throws DomainError `resource_exhausted` that says when there is room. */
  admit(tenant: string, count: number): void;
}

export interface QuotasOptions {
  readonly directory: Pick<TenantDirectory, 'get'>;
  /** Of tenants without a quota of their own; undefined: no limit. */
  readonly eventsPerSecondDefault: number | undefined;
  readonly metrics: GatewayMetrics;
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** Buckets are made when a tenant is first met; past so many those of the longest unused are dropped. */
const BUCKETS_MAX = 20_000;

export function createQuotas(options: QuotasOptions): Quotas {
  const { directory, eventsPerSecondDefault, metrics, now = () => performance.now() } = options;
  const buckets = new Map<string, TokenBucket>();

  /** A changed quota begins with a full bucket. */
  const bucketOf = (tenant: string): TokenBucket | undefined => {
    const perSecond = directory.get(tenant)?.eventsPerSecond ?? eventsPerSecondDefault;
    const known = buckets.get(tenant);
    if (perSecond === undefined) {
      if (known !== undefined) buckets.delete(tenant);
      return undefined;
    }
    if (known?.perSecond === perSecond) return known;
    const bucket = createTokenBucket(perSecond, now());
    buckets.delete(tenant);
    buckets.set(tenant, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > BUCKETS_MAX && oldest !== undefined) buckets.delete(oldest);
    return bucket;
  };

  return {
    available: (tenant) => bucketOf(tenant)?.available(now()) ?? Number.POSITIVE_INFINITY,
    take: (tenant, count) => bucketOf(tenant)?.take(count, now()),
    burst: (tenant) => bucketOf(tenant)?.burst ?? Number.POSITIVE_INFINITY,
    waitMs: (tenant) => bucketOf(tenant)?.waitMs(1, now()) ?? 0,
    admit(tenant, count) {
      const bucket = bucketOf(tenant);
      if (bucket === undefined || count === 0) return;
      const waitMs = bucket.waitMs(count, now());
      if (waitMs === 0) {
        bucket.take(count, now());
        return;
      }
      metrics.throttled('requests');
      throw new DomainError(
        'resource_exhausted',
        `the tenant's quota of ${bucket.perSecond} events a second is used up; try again in ${Math.ceil(waitMs / 1000)} s, or have an administrator raise it`,
        { retryAfterMs: waitMs },
      );
    },
  };
}
