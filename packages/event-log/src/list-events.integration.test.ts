import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appendEvents, type EventToAppend } from './append-events.ts';
import { eventOf, openTestLog } from './fixtures.ts';
import { type EventsQuery, listEvents } from './list-events.ts';

let log: Awaited<ReturnType<typeof openTestLog>>;
before(async () => {
  log = await openTestLog();
});
after(() => log?.[Symbol.asyncDispose]());

async function append(count: number, change: (index: number) => Partial<EventToAppend>) {
  const events = Array.from({ length: count }, (_, index) => ({
    ...eventOf({}),
    ...change(index),
  }));
  for (let at = 0; at < events.length; at += 500) {
    await appendEvents(log.service.pool, events.slice(at, at + 500), { dedupeDays: 7 });
  }
  return events.map(({ eventId }) => eventId);
}

/** Every page of a question, and how many there were. */
async function readAll(query: EventsQuery) {
  const ids: string[] = [];
  let before: bigint | undefined;
  let pages = 0;
  do {
    const page = await listEvents(log.service.pool, {
      ...query,
      ...(before !== undefined && { before }),
    });
    ids.push(...page.events.map(({ id }) => id));
    before = page.next;
    pages += 1;
  } while (before !== undefined);
  return { ids, pages };
}

test('events are listed newest first, page by page, each once, of one tenant, or of one server', async () => {
  const tenant = 'pages';
  const subject = (index: number) => `srv_${index % 2}`;
  const ids = await append(7, (index) => ({
    tenant,
    subject: subject(index),
    line: `${tenant}/s/${subject(index)}`,
  }));
  const newestFirst = ids.toReversed();
  assert.deepEqual(await readAll({ tenant, limit: 3 }), { ids: newestFirst, pages: 3 });
  assert.deepEqual(await readAll({ tenant, limit: 7 }), { ids: newestFirst, pages: 1 });
  const ofServer = newestFirst.filter((_, index) => index % 2 === 1);
  assert.deepEqual(await readAll({ tenant, subject: 'srv_1', limit: 2 }), {
    ids: ofServer,
    pages: 2,
  });
  assert.deepEqual(await readAll({ tenant: 'nobody', limit: 3 }), { ids: [], pages: 1 });
  assert.deepEqual((await readAll({ tenant: 'nobody', subject: 'srv_1', limit: 3 })).ids, []);
});

test('filters and ranges of time narrow a list', async () => {
  const tenant = 'filters';
  const [first, second, third] = await append(3, (index) => ({
    tenant,
    line: `${tenant}/s/x`,
    type: ['server.started', 'user.created', 'server.stopped'][index] as string,
    source: index === 0 ? '/a' : '/b',
    ...(index === 2 ? { status: 'fail' as const } : {}),
    ...(index === 1 ? { phase: 'pre' as const } : {}),
  }));
  const list = async (query: Partial<EventsQuery>) =>
    (await readAll({ tenant, limit: 10, ...query })).ids;
  assert.deepEqual(await list({ typeExpressions: ['^server\\.', '^x$'] }), [third, first]);
  assert.deepEqual(await list({ source: '/a' }), [first]);
  assert.deepEqual(await list({ statuses: ['fail'] }), [third]);
  assert.deepEqual(await list({ phases: ['pre'] }), [second]);
  const soon = new Date(Date.now() + 60_000);
  const ago = new Date(Date.now() - 3_600_000);
  assert.deepEqual(await list({ from: ago, to: soon }), [third, second, first]);
  assert.deepEqual(await list({ to: ago }), []);
  assert.deepEqual(await list({ from: soon }), []);
});

test('a page ends before its payloads exceed 2 MiB, and without payloads it does not', async () => {
  const tenant = 'large';
  const data = JSON.stringify({ pad: 'x'.repeat(250_000) });
  const ids = await append(10, () => ({ tenant, line: `${tenant}/s/x`, data }));
  const { events, next } = await listEvents(log.service.pool, { tenant, limit: 10 });
  assert.equal(events.length, 8);
  assert.equal(events[0]?.data, data);
  assert.ok(next !== undefined);
  assert.deepEqual((await readAll({ tenant, limit: 10 })).ids, ids.toReversed());
  const bare = await listEvents(log.service.pool, { tenant, limit: 10, omitData: true });
  assert.deepEqual([bare.events.length, bare.next, bare.events[0]?.data], [10, undefined, '']);
});

test('P9: a filter that hardly ever matches looks at a bounded stretch for each page, and misses nothing', async () => {
  const tenant = 'rare';
  await log.owner.pool.query(
    `INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id, tenant, source,
       type, time, phase, extensions, data)
     SELECT 1, nextval('hookline.event_position'), 'server', now(), 'rare/s/x', n, 'evt_' || n, $1, '/a',
       CASE WHEN n IN (1, 60001) THEN 'server.rare' ELSE 'server.started' END, '2026-01-01T00:00:00Z', 'post', '{}', '{}'
     FROM generate_series(1, 60001) AS n`,
    [tenant],
  );
  const query = { tenant, limit: 5, typeExpressions: ['^server\\.rare$'] };
  const first = await listEvents(log.service.pool, query);
  assert.deepEqual(
    first.events.map(({ id }) => id),
    ['evt_60001'],
  );
  assert.ok(first.next !== undefined, 'there is more to look at');
  assert.deepEqual(await readAll(query), { ids: ['evt_60001', 'evt_1'], pages: 2 });
  const plan = await log.owner.pool.query(
    `EXPLAIN SELECT position FROM hookline.event_log WHERE kind = 'server' AND tenant = 'rare' AND position < 10
       ORDER BY position DESC LIMIT 5`,
  );
  assert.match(JSON.stringify(plan.rows), /Index (Only )?Scan/);
});
