import { setTimeout as delay } from 'node:timers/promises';
import {
  acquireLease,
  type DropResult,
  dropPartition,
  type ExpiredPartition,
  ensurePartitions,
  findExpiredPartitions,
  type Lease,
  type Retention,
  releaseLease,
} from '@hookline/event-log';
import { createPeriodic, type Periodic, StartError } from '@hookline/service-runtime';
import type { Logger } from '@hookline/telemetry';
import type pg from 'pg';
import { findLongestRetry } from './longest-retry.ts';

const LEASE_NAME = 'maintenance';
/** Longer than any one step, so that a second gateway never drops beside this one. */
const LEASE_MS = 120_000;
/** A drop gives way to whoever uses the table; it is tried so often before it is left to the next run. */
const DROP_TRIES_MAX = 5;
const DROP_PAUSE_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * 1000;

export interface MaintenanceOptions extends Retention {
  readonly pool: pg.Pool;
  /** This process, different at every start. */
  readonly holder: string;
  readonly intervalMs: number;
  readonly logger: Logger;
}

/**
 * Keeps the partitions: makes those of the coming days, drops those past their retention, at start
 * and every interval. Making is done by every gateway, since nothing can be stored without;
 * dropping by one at a time, under a lease.
 */
export function createMaintenance(options: MaintenanceOptions): Periodic {
  const { pool, holder, intervalMs, logger } = options;

  const runOnce = async (signal: AbortSignal): Promise<void> => {
    await ensurePartitions(pool);
    const lease = await acquireLease(pool, { name: LEASE_NAME, holder, durationMs: LEASE_MS });
    if (lease === undefined) return;
    try {
      await dropExpired(options, signal);
    } finally {
      await release(pool, lease);
    }
  };

  return createPeriodic({ name: 'maintenance of partitions', intervalMs, runOnce, logger });
}

async function dropExpired(options: MaintenanceOptions, signal: AbortSignal): Promise<void> {
  const { pool, logger, holder } = options;
  const expired = await findExpiredPartitions(pool, options);
  const fault = await retentionFault(pool, options.retentionDays);
  if (fault !== undefined) logger.error(`events and attempts are not dropped: ${fault}`);
  // What keeps a day keeps the days after it too: what waits on it would wait on them as well.
  let held = fault !== undefined;
  for (const partition of expired) {
    if (signal.aborted) return;
    const isKeys = partition.parent === 'idempotency_key';
    if (held && !isKeys) continue;
    const renewed = await acquireLease(pool, { name: LEASE_NAME, holder, durationMs: LEASE_MS });
    if (renewed === undefined) return;
    const result = await dropPatiently(pool, partition, signal);
    if (result === 'dropped') {
      logger.info(
        { table: partition.parent, day: partition.day },
        'dropped a partition past its retention',
      );
    } else if (result !== 'gone') {
      logger.warn(
        { table: partition.parent, day: partition.day },
        `a partition past its retention is kept until the next run: ${REASONS[result]}`,
      );
      if (!isKeys) held = true;
    }
  }
}

const REASONS = {
  busy: 'others used the table all the time',
  waiting: 'deliveries of that day are under way',
} as const;

async function dropPatiently(
  pool: pg.Pool,
  partition: ExpiredPartition,
  signal: AbortSignal,
): Promise<DropResult> {
  for (let tries = 1; ; tries += 1) {
    const result = await dropPartition(pool, partition);
    const isDone = result === 'dropped' || result === 'gone';
    if (isDone || tries === DROP_TRIES_MAX || signal.aborted) return result;
    await delay(DROP_PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}

/** Whoever comes next need not wait for the lease to run out; if Postgres is away, it has to. */
async function release(pool: pg.Pool, lease: Lease): Promise<void> {
  await releaseLease(pool, lease).catch(() => {});
}

/** @throws StartError when events would be dropped while their deliveries may still be retried */
export async function refuseShortRetention(pool: pg.Pool, retentionDays: number): Promise<void> {
  const fault = await retentionFault(pool, retentionDays);
  if (fault === undefined) return;
  throw new StartError(fault, 'raise HOOKLINE_RETENTION_DAYS, or shorten that retry policy');
}

async function retentionFault(pool: pg.Pool, retentionDays: number): Promise<string | undefined> {
  const { durationMs, whose } = await findLongestRetry(pool);
  const needed = Math.ceil((durationMs + DAY_MS) / DAY_MS);
  if (retentionDays >= needed) return undefined;
  const hours = Math.ceil(durationMs / 3_600_000);
  return `HOOKLINE_RETENTION_DAYS is ${retentionDays}, and must be at least ${needed}: the retry policy of ${whose} may last ${hours} hours, and a day is added to the longest`;
}
