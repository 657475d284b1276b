import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import { type Appended, appendEvents, FencedError } from './append-events.ts';
import { appendOrRefuse, createEventAppender } from './event-appender.ts';
import { eventOf, openTestLog } from './fixtures.ts';
import { QueueFullError } from './group-commit.ts';
import { acquireLease } from './lease.ts';
import { findUnsettled, takeStale } from './outbox.ts';
import { listEvents, readEvents } from './read-events.ts';

const OPTIONS = { dedupeDays: 7 };

let log: Awaited<ReturnType<typeof openTestLog>>;
before(async () => {
  log = await openTestLog();
});
after(() => log?.[Symbol.asyncDispose]());

const pool = () => log.service.pool;
const sequenceOf = (result: { kind: string }) =>
  result.kind === 'appended'
    ? (result as Appended & { kind: 'appended' }).event.sequence
    : undefined;

describe('appending', () => {
  test('P7: each server has its own sequence from 1, without gaps, in the order of the batch', async () => {
    const servers = ['seq-a', 'seq-b', 'seq-a', 'seq-a', 'seq-b'];
    const first = await appendEvents(
      pool(),
      servers.map((server) => eventOf({ server })),
      OPTIONS,
    );
    assert.deepEqual(first.map(sequenceOf), [1n, 1n, 2n, 3n, 2n]);
    const second = await appendEvents(
      pool(),
      servers.map((server) => eventOf({ server })),
      OPTIONS,
    );
    assert.deepEqual(second.map(sequenceOf), [4n, 3n, 5n, 6n, 4n]);
  });

  test('a repeat makes no second event and uses up no sequence, in one batch and across batches', async () => {
    const once = eventOf({ server: 'rep', sourceId: 'm-1' });
    const [first, inBatch] = await appendEvents(
      pool(),
      [once, eventOf({ server: 'rep', sourceId: 'm-1' })],
      OPTIONS,
    );
    assert.ok(first?.kind === 'appended');
    assert.deepEqual(inBatch, {
      kind: 'repeated',
      eventId: first.event.id,
      position: first.event.position,
    });
    const [later, next] = await appendEvents(
      pool(),
      [eventOf({ server: 'rep', sourceId: 'm-1' }), eventOf({ server: 'rep', sourceId: 'm-2' })],
      OPTIONS,
    );
    assert.deepEqual(later, inBatch);
    assert.equal(next && sequenceOf(next), 2n);
  });

  test('the same source id from another host is another event', async () => {
    const results = await appendEvents(
      pool(),
      ['node-1', 'node-2'].map((host) => eventOf({ host, sourceId: 'shared' })),
      OPTIONS,
    );
    assert.deepEqual(
      results.map((result) => result.kind),
      ['appended', 'appended'],
    );
  });

  test('a key of an earlier day is known while it is kept, and forgotten after', async () => {
    const key = eventOf({ sourceId: 'old' }).key;
    await log.owner.pool.query(
      `SELECT hookline.make_partition('idempotency_key', (current_date - $1::int)) FROM generate_series(1, 1)`,
      [3],
    );
    await log.owner.pool.query(
      `INSERT INTO hookline.idempotency_key (key, day, event_id, position) VALUES ($1, current_date - 3, 'evt_old', 5)`,
      [key],
    );
    const [known] = await appendEvents(pool(), [eventOf({ sourceId: 'old' })], OPTIONS);
    assert.deepEqual(known, { kind: 'repeated', eventId: 'evt_old', position: 5n });
    const [forgotten] = await appendEvents(pool(), [eventOf({ sourceId: 'old' })], {
      dedupeDays: 2,
    });
    assert.equal(forgotten?.kind, 'appended');
  });

  test('writers that race with the same messages make each of them once', async () => {
    const batch = () =>
      Array.from({ length: 50 }, (_, n) =>
        eventOf({ server: `race-${n % 7}`, sourceId: `r-${n}` }),
      );
    const results = await Promise.all(
      Array.from({ length: 6 }, () => appendEvents(pool(), batch(), OPTIONS)),
    );
    for (let n = 0; n < 50; n += 1) {
      const ofOne = results.map((result) => result[n]);
      assert.equal(ofOne.filter((result) => result?.kind === 'appended').length, 1);
      const ids = ofOne.map((r) => (r?.kind === 'appended' ? r.event.id : r?.eventId));
      assert.equal(new Set(ids).size, 1);
    }
  });

  test('a key that is committed while an append waits for it makes the append begin anew, with the rest', async () => {
    const taken = eventOf({ server: 'taken', sourceId: 'taken' });
    const other = await log.owner.pool.connect();
    await other.query('BEGIN');
    await other.query(
      `INSERT INTO hookline.idempotency_key (key, day, event_id, position) VALUES ($1, current_date, 'evt_other', 7)`,
      [taken.key],
    );
    const appending = appendEvents(pool(), [taken, eventOf({ server: 'taken' })], OPTIONS);
    await eventually(async () => {
      const { rows } = await log.owner.pool.query(
        `SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'`,
      );
      assert.equal(rows.length, 1);
    });
    await other.query('COMMIT');
    other.release();
    const [repeated, next] = await appending;
    assert.deepEqual(repeated, { kind: 'repeated', eventId: 'evt_other', position: 7n });
    assert.equal(next && sequenceOf(next), 1n);
  });

  test('the row at fault is refused alone, and its neighbours are appended in order', async () => {
    const data = ['{"n":1}', '{"n":2}', '{"bad":"\u0000"}', '{"n":3}'];
    const results = await appendOrRefuse(
      pool(),
      data.map((text) => eventOf({ server: 'bisect', data: text })),
      OPTIONS,
    );
    assert.deepEqual(
      results.map((result) => result.kind),
      ['appended', 'appended', 'refused', 'appended'],
    );
    assert.deepEqual(results.map(sequenceOf), [1n, 2n, undefined, 3n]);
  });

  test('the same append again, after its answer was lost, ends as the first did', async () => {
    const events = [eventOf({ server: 'twice' }), eventOf({ server: 'twice' })];
    const first = await appendOrRefuse(pool(), events, OPTIONS);
    const again = await appendOrRefuse(pool(), events, OPTIONS);
    assert.deepEqual(again, first);
  });

  test('data keeps its bytes: key order, number spelling, white space', async () => {
    const data = '{ "b" : 1e2,\n "a":1.0, "é":"\\u00e9" }';
    const [result] = await appendEvents(pool(), [eventOf({ data })], OPTIONS);
    assert.ok(result?.kind === 'appended');
    const stored = (await readEvents(pool(), { eventIds: [result.event.id] })).get(result.event.id);
    assert.deepEqual(stored?.event, result.event);
    assert.equal(stored?.event.data, data);
  });

  test('P5: an event is not read for another tenant', async () => {
    const [result] = await appendEvents(pool(), [eventOf({})], OPTIONS);
    assert.ok(result?.kind === 'appended');
    const eventIds = [result.event.id];
    assert.equal((await readEvents(pool(), { eventIds, tenant: 'other' })).size, 0);
    assert.equal((await readEvents(pool(), { eventIds, tenant: 'default' })).size, 1);
    assert.deepEqual(await listEvents(pool(), { tenant: 'other', limit: 10 }), []);
  });

  test('a writer whose lease has been taken over appends nothing', async () => {
    const lease = await acquireLease(pool(), { name: 'l', holder: 'one', durationMs: 1 });
    assert.ok(lease);
    const fence = { lease: 'l', epoch: lease.epoch };
    const [before] = await appendEvents(pool(), [eventOf({ server: 'fence' })], {
      ...OPTIONS,
      fence,
    });
    assert.equal(before?.kind, 'appended');
    let taken: Awaited<ReturnType<typeof acquireLease>>;
    do {
      taken = await acquireLease(pool(), { name: 'l', holder: 'two', durationMs: 60_000 });
    } while (taken === undefined);
    assert.equal(taken.epoch, lease.epoch + 1n);
    await assert.rejects(
      appendEvents(pool(), [eventOf({ server: 'fence' })], { ...OPTIONS, fence }),
      FencedError,
    );
    assert.equal(
      await acquireLease(pool(), { name: 'l', holder: 'one', durationMs: 1 }),
      undefined,
    );
  });

  test('single events of many callers share commits, and a full queue refuses', async () => {
    const appender = createEventAppender(pool(), { ...OPTIONS, queuedMax: 100 });
    const submitted = Array.from({ length: 100 }, () =>
      appender.submit(eventOf({ server: 'grp' })),
    );
    await assert.rejects(appender.submit(eventOf({})), QueueFullError);
    const sequences = (await Promise.all(submitted)).map(sequenceOf);
    assert.deepEqual(
      sequences,
      Array.from({ length: 100 }, (_, n) => BigInt(n + 1)),
    );
    await appender.stop();
  });
});

describe('the outbox', () => {
  test('P1: every accepted event waits in the outbox, and a stale one is handed to one sweeper', async () => {
    const [result] = await appendEvents(pool(), [eventOf({ server: 'swept' })], OPTIONS);
    assert.ok(result?.kind === 'appended');
    const { position } = result.event;
    assert.ok((await findUnsettled(pool(), [position])).has(position));
    const none = await takeStale(pool(), { olderThanMs: 60_000, limit: 100 });
    assert.deepEqual(none, []);
    const [one, other] = await Promise.all([
      takeStale(pool(), { olderThanMs: 0, limit: 10_000 }),
      takeStale(pool(), { olderThanMs: 60_000, limit: 10_000 }),
    ]);
    const found = one.find((entry) => entry.event.position === position);
    assert.deepEqual(found?.event, result.event);
    assert.deepEqual(other, []);
    const positions = one.map((entry) => entry.event.position);
    assert.deepEqual(
      positions,
      [...positions].sort((a, b) => (a < b ? -1 : 1)),
    );
  });

  test('an event younger than the oldest message of EVENTS is no loss', async () => {
    await appendEvents(pool(), [eventOf({ server: 'young' })], OPTIONS);
    const recordedBefore = new Date(Date.now() - 3_600_000);
    assert.deepEqual(await takeStale(pool(), { olderThanMs: 0, recordedBefore, limit: 10 }), []);
  });
});
