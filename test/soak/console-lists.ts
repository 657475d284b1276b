/**
 * What the console's lists and figures cost among 1,000,000 events with an attempt each, and 100,000
 * subscriptions: `node test/soak/console-lists.ts [events] [subscriptions]`. A whole stack runs, and
 * every question is asked of the console over HTTP. Fails when the median of one is 200 ms or more.
 */
import { deliveryId, newId } from '@hookline/contracts';
import pg from 'pg';
import { startTestStack } from '../support/stack.ts';

const EVENTS = Number(process.argv[2] ?? 1_000_000);
const SUBSCRIPTIONS = Number(process.argv[3] ?? 100_000);
const BATCH = 10_000;
const HOUR_MS = 3_600_000;
const ROUNDS = 15;
const MS_MAX = 200;

await using stack = await startTestStack();
const pool = new pg.Pool({ connectionString: stack.endpoints.postgres, max: 1 });
const { id: first } = await stack.createWebhook({
  url: 'http://127.0.0.1:19999/',
  events: ['soak.never'],
  description: 'the first one',
});
for (let from = 0; from < SUBSCRIPTIONS; from += BATCH) await insertSubscriptions();
for (let from = 0; from < EVENTS; from += BATCH) await insertEvents(from);
await pool.query('VACUUM ANALYZE hookline.attempt_log, hookline.event_log, hookline.subscription');
console.log(`${EVENTS} events and attempts, ${SUBSCRIPTIONS} subscriptions`);

const questions = {
  'overview, an hour': '/console/overview',
  'overview, a day': '/console/overview?window=day',
  webhooks: '/v1/webhooks?page_size=100',
  'webhooks by text': '/v1/webhooks?page_size=100&query=first',
  'webhooks that are disabled': '/v1/webhooks?page_size=100&state=disabled',
  events: '/v1/events?page_size=100&omit_data=true',
  'events of a server': '/v1/events?page_size=100&omit_data=true&subject=srv_7',
  'events of a type': '/v1/events?page_size=100&omit_data=true&type=server.*',
  deliveries: '/v1/deliveries?page_size=100&include=last_attempt',
  'deliveries of a webhook': `/v1/webhooks/${first}/deliveries?page_size=100&include=last_attempt`,
  'dead deliveries': '/v1/deliveries?page_size=100&include=last_attempt&state=dead',
  'dead letters': '/v1/dead-letters?page_size=100',
};
let slow = 0;
for (const [what, path] of Object.entries(questions)) {
  const { median, most } = await timesOf(path);
  console.log(`${what}: median ${median.toFixed(0)} ms, most ${most.toFixed(0)} ms`);
  if (median >= MS_MAX) slow += 1;
}
await pool.end();
process.exitCode = slow === 0 ? 0 : 1;

async function timesOf(path: string) {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    const response = await stack.rest(path);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    times.push(performance.now() - startedAt);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(ROUNDS / 2)] ?? 0, most: sorted.at(-1) ?? 0 };
}

/** Copies of the first subscription, whose filter takes nothing that happens here. */
async function insertSubscriptions(): Promise<void> {
  const ids = Array.from({ length: BATCH }, () => newId('sub'));
  await pool.query(
    `INSERT INTO hookline.subscription
     SELECT (jsonb_populate_record(s, jsonb_build_object('subscription_id', u.id, 'hook_number', $3 + u.number))).*
     FROM hookline.subscription s, unnest($1::text[]) WITH ORDINALITY AS u(id, number) WHERE s.subscription_id = $2`,
    [ids, first, Math.floor(Math.random() * 1_000_000_000)],
  );
}

/** Events of the last hour, each with an attempt; one in 500 failed. */
async function insertEvents(from: number): Promise<void> {
  const now = Date.now();
  const rows = Array.from({ length: BATCH }, (_, index) => {
    const number = from + index;
    const timeMs = now - HOUR_MS + Math.floor((HOUR_MS * number) / EVENTS);
    const eventId = newId('evt', timeMs);
    return { number, timeMs, eventId, delivery: deliveryId(eventId, first) };
  });
  await pool.query(
    `WITH u AS (
       SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[]) AS u(event_id, delivery_id, time, number)
     ), events AS (
       INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id, tenant, source,
         type, time, subject, phase, status, extensions, data)
       SELECT 1, nextval('hookline.event_position'), 'server', time, 'default/s/srv_' || number % 5000, number / 5000 + 1,
         event_id, 'default', '/hosts/node-1', 'server.started', to_char(time, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
         'srv_' || number % 5000, 'post', 'success', '{}', '{"name":"production-web-01","status":"running"}'
       FROM u ORDER BY number
     )
     INSERT INTO hookline.attempt_log (attempt_id, delivery_id, subscription_id, tenant, event_id, event_type,
       event_recorded_at, subject, sequence, number, started_at, duration_ms, url, outcome, http_status, trace_id,
       dispatcher_id, delivery_state, recorded_at)
     SELECT 'att_' || substr(event_id, 5), delivery_id, $5, 'default', event_id, 'server.started', time,
       'srv_' || number % 5000, number / 5000 + 1, 1, time, 5 + number % 90, 'http://127.0.0.1:19999/',
       CASE WHEN number % 500 = 0 THEN 'timeout' ELSE 'succeeded' END, 200, '', 'soak',
       CASE WHEN number % 500 = 0 THEN 'dead' ELSE 'succeeded' END, time
     FROM u`,
    [
      rows.map((row) => row.eventId),
      rows.map((row) => row.delivery),
      rows.map((row) => new Date(row.timeMs).toISOString()),
      rows.map((row) => row.number),
      first,
    ],
  );
}
