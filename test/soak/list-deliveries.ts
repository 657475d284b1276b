/**
 * Lists deliveries among many attempts: `node test/soak/list-deliveries.ts [attempts]`, by default
 * 1,000,000 over 100 subscriptions and three days, one in 500 of them dead. Fails when the median of
 * a page's time is 50 ms or more.
 */
import { deliveryId, newId } from '@hookline/contracts';
import { migrate, openDatabase } from '@hookline/event-log';
import { createTestDatabase } from '@hookline/testing';
import {
  type DeliveryQuery,
  listDeliveries,
} from '../../services/dispatcher/src/postgres/list-deliveries.ts';

const ATTEMPTS = Number(process.argv[2] ?? 1_000_000);
const SUBSCRIPTIONS = Array.from({ length: 100 }, () => newId('sub'));
const BATCH = 10_000;
const DAY_MS = 24 * 60 * 60_000;
const PAGE_MS_MAX = 50;

await using created = await createTestDatabase({ migrate });
await using owner = openDatabase({ url: created.url, statementTimeoutMs: 0 });
await using service = openDatabase({ url: created.url, role: 'hookline_service' });
const newest = Date.now();
const oldest = newest - 2 * DAY_MS;
for (const day of [1, 2]) {
  for (const parent of ['attempt_log', 'event_log_server']) {
    await owner.pool.query('SELECT hookline.make_partition($1, (current_date - $2::int)::date)', [
      parent,
      day,
    ]);
  }
}
let rare = '';
for (let from = 0; from < ATTEMPTS; from += BATCH) await insert(from);
await owner.pool.query('VACUUM ANALYZE hookline.attempt_log');
await owner.pool.query('VACUUM ANALYZE hookline.dead_letter');
console.log(`${ATTEMPTS} attempts inserted`);

const [subscriptionId = ''] = SUBSCRIPTIONS;
const questions: Record<string, Partial<DeliveryQuery>> = {
  everything: {},
  'one subscription': { subscriptionId },
  'one event': { eventId: rare },
  dead: { states: ['dead'] },
  'dead of one subscription': { states: ['dead'], subscriptionId },
  'succeeded of one subscription': { states: ['succeeded'], subscriptionId },
  timeouts: { outcomes: ['timeout'] },
  'a common type': { typePatterns: ['^server\\.started$'] },
  'a type that never was': { typePatterns: ['^server\\.never$'] },
  'one server': { subject: 'srv_7' },
  'the day before': { before: idAt(newest - DAY_MS) },
  scheduled: { states: ['scheduled', 'pending'] },
};
let slow = 0;
for (const [what, given] of Object.entries(questions)) {
  const { times, rows } = await pages({ tenant: 'default', limit: 50, ...given });
  const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  const most = Math.max(...times);
  console.log(
    `${what}: ${times.length} pages, ${rows} rows, median ${median.toFixed(1)} ms, most ${most.toFixed(1)} ms`,
  );
  if (median >= PAGE_MS_MAX) slow += 1;
}
process.exitCode = slow === 0 ? 0 : 1;

async function pages(query: DeliveryQuery) {
  const times: number[] = [];
  let rows = 0;
  let before = query.before;
  for (let page = 0; page < 20; page += 1) {
    const startedAt = performance.now();
    const found = await listDeliveries(service.pool, {
      ...query,
      ...(before !== undefined && { before }),
    });
    times.push(performance.now() - startedAt);
    rows += found.rows.length;
    if (found.next === undefined) break;
    before = found.next;
  }
  return { times, rows };
}

function idAt(timeMs: number): string {
  return newId('dlv', timeMs).slice(0, 14);
}

async function insert(from: number): Promise<void> {
  const numbers = Array.from({ length: BATCH }, (_, index) => from + index);
  const rows = numbers.map((number) => {
    const time = oldest + Math.floor(((newest - oldest) * number) / ATTEMPTS);
    const eventId = newId('evt', time);
    const subscription = SUBSCRIPTIONS[number % SUBSCRIPTIONS.length] as string;
    if (number === Math.floor(ATTEMPTS / 2)) rare = eventId;
    return {
      ...{ time: new Date(time).toISOString(), eventId, subscription },
      delivery: deliveryId(eventId, subscription),
      // Neither falls on the same subscriptions only.
      isDead: (number * 7) % 499 === 0,
      server: `srv_${(number * 13) % 5_000}`,
    };
  });
  const values = [
    rows.map((row) => row.delivery),
    rows.map((row) => row.subscription),
    rows.map((row) => row.eventId),
    rows.map((row) => row.time),
    rows.map((row) => row.server),
    rows.map((row) => row.isDead),
  ];
  const unnested = `unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::boolean[])
    AS u(delivery_id, subscription_id, event_id, time, server, is_dead)`;
  await service.pool.query(
    `WITH dead AS (
       INSERT INTO hookline.dead_letter (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
         line, sequence, attempts_count, cause)
       SELECT delivery_id, subscription_id, 'default', event_id, 'server.started', time, 'default/s/' || server, 1, 1,
         'timeout' FROM ${unnested} WHERE is_dead
     ), events AS (
       INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id, tenant, source,
         type, time, subject, phase, extensions, data)
       SELECT 1, nextval('hookline.event_position'), 'server', time, 'default/s/' || server, 1, event_id, 'default', '/h',
         'server.started', '', server, 'post', '{}', '{}' FROM ${unnested} WHERE server = 'srv_7')
     INSERT INTO hookline.attempt_log (attempt_id, delivery_id, subscription_id, tenant, event_id, event_type,
       event_recorded_at, subject, sequence, number, started_at, duration_ms, url, outcome, http_status, trace_id,
       dispatcher_id, delivery_state, recorded_at)
     SELECT 'att_' || delivery_id, delivery_id, subscription_id, 'default', event_id, 'server.started', time, server, 1, 1,
       time, 12, 'https://receiver.example/', CASE WHEN is_dead THEN 'timeout' ELSE 'succeeded' END,
       CASE WHEN is_dead THEN NULL ELSE 200 END, '0af7651916cd43dd8448eb211c80319c', 'dsp_1',
       CASE WHEN is_dead THEN 'dead' ELSE 'succeeded' END, time + interval '20 ms' FROM ${unnested}`,
    values,
  );
}
