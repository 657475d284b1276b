import type pg from 'pg';
import { idBound } from '../domain/id-bound.ts';

/** Attempts looked at in one stretch; of more, the newest. 60 stretches of it take some 60 ms. */
export const ATTEMPTS_OF_STRETCH_MAX = 400;
/** The newest events, which are counted. */
export const EVENTS_MAX = 20_000;
/** Waiting deliveries and dead letters looked at. */
export const COUNTED_MAX = 10_000;

/** The attempts looked at of one stretch; times in Unix milliseconds. */
export interface AttemptsRow {
  readonly stretch: number;
  readonly attempts: number;
  readonly succeeded: number;
  /** The time of the oldest delivery looked at, as its id has it. */
  readonly oldest_id: string;
  readonly p50: number;
  readonly p95: number;
}

export interface OverviewRows {
  readonly attempts: readonly AttemptsRow[];
  readonly latency: {
    readonly p50: number | null;
    readonly p95: number | null;
    readonly p99: number | null;
  };
  readonly events: readonly { readonly stretch: number; readonly events: number }[];
  /** Where counting the events ended, since there were more than EVENTS_MAX. */
  readonly eventsSince: Date | undefined;
  readonly waiting: number;
  readonly deadLetters: { readonly open: number; readonly looked: number };
}

export interface OverviewQuery {
  readonly tenant: string;
  readonly startMs: number;
  readonly stretchMs: number;
  readonly stretches: number;
}

/** Ids of deliveries begin with the time of their event, so that each stretch is one piece of an index. */
const SAMPLE = `WITH sample AS MATERIALIZED (
  SELECT s.stretch, a.delivery_id, a.outcome, a.duration_ms
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS s (low, high, stretch)
  CROSS JOIN LATERAL (
    SELECT delivery_id, outcome, duration_ms FROM hookline.attempt_log
    WHERE tenant = $1 AND delivery_id >= s.low AND delivery_id < s.high AND recorded_at >= $4
    ORDER BY delivery_id DESC LIMIT $5) a
)`;

const percentile = (share: number) =>
  `percentile_cont(${share}) WITHIN GROUP (ORDER BY duration_ms)`;

const ATTEMPTS = `${SAMPLE}
SELECT stretch::int - 1 AS stretch, count(*)::int AS attempts,
  (count(*) FILTER (WHERE outcome = 'succeeded'))::int AS succeeded, min(delivery_id) AS oldest_id,
  ${percentile(0.5)} AS p50, ${percentile(0.95)} AS p95, ${percentile(0.99)} AS p99, grouping(stretch) = 1 AS is_total
FROM sample GROUP BY GROUPING SETS ((stretch), ())`;

const EVENTS = `WITH newest AS MATERIALIZED (
  SELECT recorded_at FROM hookline.event_log
  WHERE kind = 'server' AND tenant = $1 AND recorded_at >= $2 ORDER BY position DESC LIMIT $4
)
SELECT floor(extract(epoch FROM recorded_at - $2) * 1000 / $3)::int AS stretch, count(*)::int AS events,
  min(recorded_at) AS oldest
FROM newest GROUP BY 1`;

const WAITING = `SELECT count(*)::int AS waiting FROM (
  SELECT FROM hookline.schedule WHERE tenant = $1 LIMIT $2) s`;

const DEAD_LETTERS = `SELECT count(*)::int AS looked,
  (count(*) FILTER (WHERE state IN ('open', 'redriving')))::int AS open
FROM (SELECT state FROM hookline.dead_letter
  WHERE tenant = $1 AND subscription_id <> '' ORDER BY died_at DESC LIMIT $2) d`;

/**
 * What an overview is made of. Every part is one piece of an index with a bound of its own: with a
 * million events and attempts it costs what it costs with some ten thousand.
 */
export async function readOverview(pool: pg.Pool, query: OverviewQuery): Promise<OverviewRows> {
  const { tenant, startMs, stretchMs } = query;
  const start = new Date(startMs);
  const bounds = Array.from({ length: query.stretches + 1 }, (_, index) =>
    idBound('dlv', startMs + index * stretchMs),
  );
  const read = <R extends pg.QueryResultRow>(name: string, text: string, values: unknown[]) =>
    pool.query<R>({ name: `overview-${name}`, text, values });
  const [attempts, events, waiting, dead] = await Promise.all([
    read<AttemptsRow & { readonly is_total: boolean; readonly p99: number }>('attempts', ATTEMPTS, [
      ...[tenant, bounds.slice(0, -1), bounds.slice(1), start, ATTEMPTS_OF_STRETCH_MAX],
    ]),
    read<{ stretch: number; events: number; oldest: Date }>('events', EVENTS, [
      ...[tenant, start, stretchMs, EVENTS_MAX],
    ]),
    read<{ waiting: number }>('waiting', WAITING, [tenant, COUNTED_MAX + 1]),
    read<{ open: number; looked: number }>('dead', DEAD_LETTERS, [tenant, COUNTED_MAX]),
  ]);
  const total = attempts.rows.find((row) => row.is_total);
  const counted = events.rows.reduce((sum, row) => sum + row.events, 0);
  const oldest = events.rows.map((row) => row.oldest).sort((a, b) => Number(a) - Number(b))[0];
  return {
    attempts: attempts.rows.filter((row) => !row.is_total),
    latency: { p50: total?.p50 ?? null, p95: total?.p95 ?? null, p99: total?.p99 ?? null },
    events: events.rows,
    eventsSince: counted < EVENTS_MAX ? undefined : oldest,
    waiting: waiting.rows[0]?.waiting ?? 0,
    deadLetters: dead.rows[0] ?? { open: 0, looked: 0 },
  };
}
