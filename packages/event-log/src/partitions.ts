import type pg from 'pg';

/** Days of partitions that stand ready; a service that cannot make new ones for so long has time to be mended. */
const DAYS_AHEAD = 3;
/** Each try waits at most 500 ms for a lock, so that it holds nobody up for longer. */
const TRIES_MAX = 5;
const LOCK_NOT_AVAILABLE = '55P03';

const making = new WeakMap<pg.Pool, Promise<void>>();

/**
 * Makes the partitions of the coming days; cheap when they are there. Callers of the same pool share
 * one call, those of other processes take turns. Throws when a lock is not to be had five times over.
 */
export function ensurePartitions(pool: pg.Pool): Promise<void> {
  let underWay = making.get(pool);
  if (underWay === undefined) {
    underWay = makePartitions(pool).finally(() => making.delete(pool));
    making.set(pool, underWay);
  }
  return underWay;
}

async function makePartitions(pool: pg.Pool): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await pool.query('SELECT hookline.ensure_partitions($1)', [DAYS_AHEAD]);
      return;
    } catch (error) {
      if (!isLockTimeout(error) || tries === TRIES_MAX) throw error;
    }
  }
}

/**
 * Runs a write, and once more with partitions made if the day's was missing: maintenance may have
 * been off for days, and a row must not wait for it.
 */
export async function withPartitions<T>(pool: pg.Pool, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isMissingPartition(error)) throw error;
  }
  await ensurePartitions(pool);
  return await write();
}

/** A lock was not to be had within lock_timeout; nothing was done. */
export function isLockTimeout(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === LOCK_NOT_AVAILABLE;
}

/** PostgreSQL reports it as a check violation, but unlike one it names no constraint. */
function isMissingPartition(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === '23514' && constraint === undefined;
}
