/**
 * Makes a day of attempts long past its retention and times the drop, while a writer appends all the
 * time: the day must go in under a second, and no write may wait noticeably.
 */
import { parseArgs } from 'node:util';
import { dropPartition, migrate, openDatabase } from '@hookline/event-log';
import { createTestDatabase } from '@hookline/testing';
import type pg from 'pg';

const usage = `Usage: node test/soak/drop-partition.ts [options]

Times the drop of a day's partition of attempts beside a writer. Ends with 1 when it takes a second.

Options:
  --rows <n>   attempts of the day (default 1000000)
  --help       show this text`;

const DROP_MS_MAX = 1_000;
const KEEP_DAYS = 90;

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, help: { type: 'boolean' } },
});
const rows = Number(values.rows);

if (values.help) console.log(usage);
else if (!Number.isInteger(rows) || rows < 1) {
  console.error(`--rows is "${values.rows}"; give a whole number from 1\n\n${usage}`);
  process.exitCode = 1;
} else process.exitCode = (await soak()) ? 0 : 1;

async function soak(): Promise<boolean> {
  await using created = await createTestDatabase({ migrate });
  await using owner = openDatabase({ url: created.url, statementTimeoutMs: 600_000 });
  await using service = openDatabase({ url: created.url, role: 'hookline_service' });
  const day = await fillDay(owner.pool);
  const writer = startWriter(service.pool);
  const startedAt = performance.now();
  const result = await dropPartition(service.pool, {
    parent: 'attempt_log',
    day,
    keepDays: KEEP_DAYS,
  });
  const dropMs = performance.now() - startedAt;
  const writes = await writer.stop();
  console.log(`partition of ${rows} attempts: ${result} in ${dropMs.toFixed(0)} ms`);
  console.log(`beside it: ${writes.count} writes, the slowest ${writes.slowestMs.toFixed(0)} ms`);
  return result === 'dropped' && dropMs < DROP_MS_MAX;
}

/** A hundred days back, rows of the usual width and with all indexes. */
async function fillDay(pool: pg.Pool): Promise<string> {
  const day = new Date(Date.now() - 100 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  await pool.query('SELECT hookline.make_partition($1, $2)', ['attempt_log', day]);
  const startedAt = performance.now();
  await pool.query(insertAttempts('$1::date + make_interval(secs => (n % 86400))', '$2'), [
    day,
    rows,
  ]);
  const size = await pool.query<{ size: string }>(
    'SELECT pg_size_pretty(pg_total_relation_size($1::regclass)) AS size',
    [`hookline.attempt_log_${day.replaceAll('-', '')}`],
  );
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`filled ${day} in ${seconds} s: ${size.rows[0]?.size ?? '?'} with indexes`);
  return day;
}

function insertAttempts(time: string, count: string): string {
  return `INSERT INTO hookline.attempt_log (attempt_id, delivery_id, subscription_id, tenant, event_id,
      event_type, event_recorded_at, sequence, number, started_at, duration_ms, url, outcome, http_status,
      response_body, response_body_encoding, trace_id, dispatcher_id, delivery_state, recorded_at)
    SELECT 'att_' || md5(n::text), 'dlv_' || md5('d' || n), 'sub_' || (n % 500), 'default', 'evt_' || md5('e' || n),
      'server.started', ${time}, n, 1, ${time}, 12, 'https://receiver.example/hooks', 'succeeded', 200,
      repeat('ok ', 20), 'text', md5(n::text), 'soak', 'succeeded', ${time}
    FROM generate_series(1, ${count}) AS n`;
}

function startWriter(pool: pg.Pool) {
  let stopped = false;
  const written = { count: 0, slowestMs: 0 };
  const loop = async () => {
    while (!stopped) {
      const startedAt = performance.now();
      await pool.query(insertAttempts('now()', '10'));
      written.count += 1;
      written.slowestMs = Math.max(written.slowestMs, performance.now() - startedAt);
    }
  };
  const finished = loop();
  return {
    async stop() {
      stopped = true;
      await finished;
      return written;
    },
  };
}
