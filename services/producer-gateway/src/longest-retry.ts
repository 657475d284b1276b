import { type RetryPolicy, resolveRetryPolicy } from '@hookline/subscriptions';
import type pg from 'pg';

/** How long a delivery may be on its way under a retry policy, and whose policy it is. */
export interface LongestRetry {
  readonly durationMs: number;
  /** `preset "standard"`, or the subscription that the policy is of. */
  readonly whose: string;
}

/** The longest an attempt may take: the bound of a subscription's timeout. */
const ATTEMPT_MS_MAX = 30_000;

/** From the first attempt to the end of the last, every wait as long as jitter can make it. */
export function retryDurationMs(policy: RetryPolicy): number {
  const { delaysMs, jitter, attemptsMax } = resolveRetryPolicy(policy);
  const waitsMs = delaysMs.reduce((sum, delayMs) => sum + delayMs, 0);
  return waitsMs * (1 + jitter) + attemptsMax * ATTEMPT_MS_MAX;
}

/**
 * The longest retry policy in use. `standard` always counts, since a subscription that says nothing
 * has it; besides, those of every subscription that is not deleted.
 */
export async function findLongestRetry(pool: pg.Pool): Promise<LongestRetry> {
  const { rows } = await pool.query<{ policy: string; subscription_id: string }>(
    `SELECT document::json #>> '{settings,retryPolicy}' AS policy, min(subscription_id) AS subscription_id
     FROM hookline.subscription WHERE state <> 'deleted' GROUP BY 1`,
  );
  const found: LongestRetry[] = rows
    .filter((row) => row.policy !== null)
    .map((row) => ({
      durationMs: retryDurationMs(JSON.parse(row.policy) as RetryPolicy),
      whose: `subscription ${row.subscription_id}`,
    }));
  const standard = {
    durationMs: retryDurationMs({ preset: 'standard' }),
    whose: 'preset "standard"',
  };
  return found.reduce(
    (longest, one) => (one.durationMs > longest.durationMs ? one : longest),
    standard,
  );
}
