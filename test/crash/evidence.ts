import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { eventually } from '@hookline/testing';
import pg from 'pg';

/** Reads what is on record, as owner of the database; survives a Postgres that is killed. */
export function openRecord(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  pool.on('error', () => {});
  return pool;
}

/** What is looked at of a request that a receiver got. */
export interface SeenRequest {
  readonly headers: IncomingHttpHeaders;
}

export interface Evidence {
  readonly pool: pg.Pool;
  /** Event ids by source id, as the publisher was told. */
  readonly confirmed: ReadonlyMap<string, ReadonlySet<string>>;
  /** What the receiver got, growing while deliveries come in. */
  readonly requests: readonly SeenRequest[];
  readonly timeoutMs: number;
}

/** One event for each source id, and not one event twice under two source ids. Returns the ids. */
export function eventIdsOf(confirmed: Evidence['confirmed']): Set<string> {
  const torn = [...confirmed].filter(([, ids]) => ids.size !== 1);
  assert.deepEqual(torn, [], 'a source id is confirmed with one event id, however often');
  const ids = new Set([...confirmed.values()].flatMap((one) => [...one]));
  assert.equal(ids.size, confirmed.size, 'two source ids make two events');
  return ids;
}

/** P1: every confirmed event reaches the receiver. Resolves with the time at which the last one had. */
export async function allArrive({ confirmed, requests, timeoutMs }: Evidence): Promise<number> {
  const wanted = eventIdsOf(confirmed);
  await eventually(
    () => {
      const seen = new Set(requests.map((request) => header(request, 'hookline-event-id')));
      const missing = [...wanted].filter((id) => !seen.has(id));
      assert.equal(missing.length, 0, `not delivered: ${missing.slice(0, 5).join(' ')} …`);
    },
    { timeoutMs, intervalMs: 100 },
  );
  return performance.now();
}

/** P2: one webhook-id for each event, another for each other. Returns how many requests were repeats. */
export function oneIdEach(requests: readonly SeenRequest[]): number {
  const byEvent = Map.groupBy(requests, (request) => header(request, 'hookline-event-id'));
  const ids = [...byEvent.values()].map(
    (group) => new Set(group.map((request) => header(request, 'webhook-id'))),
  );
  assert.ok(ids.every((one) => one.size === 1));
  assert.equal(new Set(ids.flatMap((one) => [...one])).size, byEvent.size);
  return requests.length - byEvent.size;
}

/** Nothing is left to be done: the outbox and the schedule are empty. */
export async function nothingLeft({ pool, timeoutMs }: Evidence): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await pool.query(
        `SELECT (SELECT count(*)::int FROM hookline.outbox) AS outbox,
           (SELECT count(*)::int FROM hookline.schedule) AS schedule,
           (SELECT coalesce(sum(waiting), 0)::int FROM hookline.backlog) AS waiting,
           (SELECT count(*)::int FROM hookline.dead_letter) AS dead`,
      );
      assert.deepEqual(rows, [{ outbox: 0, schedule: 0, waiting: 0, dead: 0 }]);
    },
    { timeoutMs, intervalMs: 200 },
  );
}

/**
 * P3: each request the receiver saw is on record under its number, with what became of it or as
 * `unknown`, and each delivery has succeeded. Returns how many attempts are on record as unknown.
 */
export async function everyAttemptOnRecord({ pool, requests }: Evidence): Promise<number> {
  const { rows } = await pool.query<{ attempt: string; recorded: number; unknown: number }>(
    `SELECT delivery_id || '#' || number AS attempt, count(*)::int AS recorded,
       count(*) FILTER (WHERE outcome = 'unknown')::int AS unknown
     FROM hookline.attempt_log GROUP BY delivery_id, number`,
  );
  const recorded = new Map(rows.map((row) => [row.attempt, row.recorded]));
  const seen = Map.groupBy(
    requests,
    (request) => `${header(request, 'webhook-id')}#${header(request, 'hookline-attempt')}`,
  );
  const unrecorded = [...seen].filter(
    ([attempt, group]) => (recorded.get(attempt) ?? 0) < group.length,
  );
  assert.deepEqual(
    unrecorded.slice(0, 5).map(([attempt, group]) => `${attempt}: ${group.length} seen`),
    [],
    `${unrecorded.length} attempts that the receiver saw are not on record`,
  );
  const failed = await pool.query(
    `SELECT delivery_id FROM hookline.attempt_log GROUP BY delivery_id
     HAVING NOT bool_or(outcome = 'succeeded' AND delivery_state = 'succeeded') LIMIT 5`,
  );
  assert.deepEqual(failed.rows, [], 'every delivery has succeeded');
  return rows.reduce((sum, row) => sum + row.unknown, 0);
}

/** The log holds exactly the confirmed events, numbered per server without a gap from 1. */
export async function logIsExact({ pool, confirmed, requests }: Evidence): Promise<void> {
  const { rows } = await pool.query<{ event_id: string; subject: string; version: string }>(
    "SELECT event_id, subject, version FROM hookline.event_log WHERE kind = 'server' ORDER BY subject, version",
  );
  const wanted = eventIdsOf(confirmed);
  assert.deepEqual(
    rows.filter((row) => !wanted.has(row.event_id)),
    [],
    'no event is in the log that nobody was told of',
  );
  assert.equal(rows.length, wanted.size);
  const sequences = Map.groupBy(rows, (row) => row.subject);
  for (const [server, events] of sequences) {
    const numbers = events.map((event) => Number(event.version));
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
      `the sequence of ${server} is 1, 2, 3 …`,
    );
  }
  const numbers = new Map(rows.map((row) => [row.event_id, Number(row.version)]));
  for (const request of requests) {
    const eventId = header(request, 'hookline-event-id');
    assert.equal(Number(header(request, 'hookline-sequence')), numbers.get(eventId));
  }
}

function header(request: SeenRequest, name: string): string {
  const value = request.headers[name];
  assert.equal(typeof value, 'string', `${name} is sent once`);
  return value as string;
}
