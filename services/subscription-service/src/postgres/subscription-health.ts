import type { AttemptRow, Database } from '@hookline/event-log';
import { readBlockedLines } from './blocked-lines.ts';

/** Newest attempts that health is made from: what it costs at most, whatever there is. */
export const ATTEMPTS_READ_MAX = 50_000;
/** Dead letters counted at most. */
const DEAD_LETTERS_COUNTED_MAX = 100_000;
/** A dispatcher without a heartbeat for so long is dead. */
const DEAD_AFTER_SECONDS = 15;

export interface WindowRow {
  /** Its length; shorter than asked for when ATTEMPTS_READ_MAX began later. */
  readonly window_ms: number;
  readonly attempts: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** How often each outcome occurred. */
  readonly outcomes: Readonly<Record<string, number>>;
}

export interface HealthRow {
  readonly blocked_until: Date | null;
  /** Claimed and due ones alike. */
  readonly waiting: bigint;
  readonly in_flight: number;
  readonly oldest_waiting_at: Date | null;
  readonly next_due_at: Date | null;
  readonly dead_letters: number;
  readonly dispatchers: number;
  /** Of those, how many treat the endpoint in a way of their own; the sums are over these. */
  readonly dispatchers_known: number;
  readonly breaker: 'closed' | 'open' | 'half_open' | null;
  readonly concurrency_limit: number;
  readonly dispatchers_with_rate: number;
  readonly rate: number;
  readonly failures_since_success: number;
  readonly last_success_at: Date | null;
  readonly last_failure_at: Date | null;
}

const NEWEST = `
WITH newest AS MATERIALIZED (
  SELECT recorded_at, started_at, duration_ms, outcome FROM hookline.attempt_log
  WHERE tenant = $1 AND subscription_id = $2 AND recorded_at >= now() - interval '31 days'
  ORDER BY recorded_at DESC LIMIT $3
)`;

/** Of an endpoint that one dispatcher tries and another does not, the breaker counts as open. */
const HEALTH = `${NEWEST}, success AS (
  SELECT max(recorded_at) AS at FROM newest WHERE outcome = 'succeeded'
), living AS (
  SELECT dispatcher_id FROM hookline.dispatcher WHERE heartbeat_at > now() - make_interval(secs => $5)
), states AS (
  SELECT count(*)::int AS dispatchers_known, coalesce(sum(concurrency_limit), 0)::int AS concurrency_limit,
    count(rate)::int AS dispatchers_with_rate, coalesce(sum(rate), 0) AS rate,
    CASE WHEN bool_or(breaker = 'open') THEN 'open' WHEN bool_or(breaker = 'half_open') THEN 'half_open'
      ELSE max(breaker) END AS breaker
  FROM hookline.endpoint_state JOIN living USING (dispatcher_id) WHERE subscription_id = $2
)
SELECT
  (SELECT CASE WHEN blocked_until > now() AND blocked_until < 'infinity' THEN blocked_until END
    FROM hookline.backlog WHERE subscription_id = $2) AS blocked_until,
  coalesce((SELECT waiting FROM hookline.backlog WHERE subscription_id = $2), 0) AS waiting,
  (SELECT count(*)::int FROM hookline.schedule
    WHERE subscription_id = $2 AND claimed_by IS NOT NULL) AS in_flight,
  (SELECT min(event_recorded_at) FROM hookline.schedule WHERE subscription_id = $2) AS oldest_waiting_at,
  (SELECT min(due_at) FROM hookline.schedule
    WHERE subscription_id = $2 AND claimed_by IS NULL AND NOT held) AS next_due_at,
  (SELECT count(*)::int FROM (SELECT FROM hookline.dead_letter
    WHERE subscription_id = $2 AND state = 'open' LIMIT $4) d) AS dead_letters,
  (SELECT count(*)::int FROM living) AS dispatchers,
  (SELECT count(*)::int FROM newest n, success s
    WHERE s.at IS NULL OR n.recorded_at > s.at) AS failures_since_success,
  (SELECT max(started_at + make_interval(secs => duration_ms / 1000)) FROM newest
    WHERE outcome = 'succeeded') AS last_success_at,
  (SELECT max(started_at + make_interval(secs => duration_ms / 1000)) FROM newest
    WHERE outcome <> 'succeeded') AS last_failure_at,
  states.*
FROM states`;

const WINDOWS = `${NEWEST}, reach AS (
  SELECT CASE WHEN count(*) = $3 THEN min(recorded_at) END AS since FROM newest
), windows AS (
  SELECT w.hours, greatest(now() - make_interval(hours => w.hours), r.since) AS since
  FROM unnest($4::int[]) AS w(hours) CROSS JOIN reach r
), counted AS (
  SELECT w.hours, n.outcome, count(*)::int AS count FROM windows w JOIN newest n ON n.recorded_at >= w.since
  GROUP BY w.hours, n.outcome
)
SELECT (extract(epoch FROM now() - w.since) * 1000)::float8 AS window_ms, count(n.*)::int AS attempts,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY n.duration_ms) AS p50,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY n.duration_ms) AS p95,
  percentile_cont(0.99) WITHIN GROUP (ORDER BY n.duration_ms) AS p99,
  coalesce((SELECT jsonb_object_agg(c.outcome, c.count) FROM counted c WHERE c.hours = w.hours), '{}') AS outcomes
FROM windows w LEFT JOIN newest n ON n.recorded_at >= w.since
GROUP BY w.hours, w.since ORDER BY w.hours`;

/**
 * How an endpoint fares, as the record has it. Every part goes by an index of the subscription and
 * reads a bounded number of rows: the newest 50,000 attempts of 31 days, 100,000 dead letters. At
 * the first bound a window is as long as those attempts reach, and says so; figures since the last
 * success count up to it.
 */
export async function readHealth(
  database: Database,
  { tenant, subscriptionId }: { readonly tenant: string; readonly subscriptionId: string },
) {
  const { pool } = database;
  const newest = [tenant, subscriptionId, ATTEMPTS_READ_MAX];
  const [health, windows, last, blockedLines] = await Promise.all([
    pool.query<HealthRow>({
      name: 'subscription-health',
      text: HEALTH,
      values: [...newest, DEAD_LETTERS_COUNTED_MAX, DEAD_AFTER_SECONDS],
    }),
    pool.query<WindowRow>({
      name: 'subscription-windows',
      text: WINDOWS,
      values: [...newest, [1, 24]],
    }),
    pool.query<AttemptRow>({
      name: 'last-attempt-of-subscription',
      text: `SELECT * FROM hookline.attempt_log WHERE tenant = $1 AND subscription_id = $2
        ORDER BY recorded_at DESC LIMIT 1`,
      values: [tenant, subscriptionId],
    }),
    readBlockedLines(database, { tenant, subscriptionId }),
  ]);
  const [row] = health.rows;
  if (row === undefined) throw new Error('the health of a subscription has no row');
  return { row, windows: windows.rows, lastAttempt: last.rows[0], blockedLines };
}
