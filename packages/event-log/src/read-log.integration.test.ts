import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { eventually } from '@hookline/testing';
import type pg from 'pg';
import { appendToStream } from './aggregate-store.ts';
import { appendEvents } from './append-events.ts';
import { checkpointAtEnd, checkpointBefore } from './find-checkpoint.ts';
import { eventOf, openTestLog } from './fixtures.ts';
import { raiseLogEpochAfterRestore } from './log-epoch.ts';
import { checkpointOf, LOG_START, type LogCheckpoint, type LoggedEvent } from './logged-event.ts';
import { readLog } from './read-log.ts';
import { tailLog } from './tail-log.ts';

let log: Awaited<ReturnType<typeof openTestLog>>;
before(async () => {
  log = await openTestLog();
});
after(() => log?.[Symbol.asyncDispose]());

const options = { dedupeDays: 7 };
const metadata = { tenant: 'default', actor: 'test' };

/** Small, seeded, so that a failure can be run again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A transaction that has its number, and stays open until it is ended. */
async function openTransaction(): Promise<pg.PoolClient> {
  const client = await log.service.pool.connect();
  await client.query('BEGIN');
  return client;
}

async function append(client: pg.PoolClient, server: string): Promise<string> {
  const event = eventOf({ server });
  await appendEvents(client as unknown as pg.Pool, [event], options);
  return event.eventId;
}

async function idsAfter(checkpoint: LogCheckpoint): Promise<string[]> {
  return (await readLog(log.service.pool, { after: checkpoint })).events.map(
    (event) => event.eventId,
  );
}

test('a slow transaction in the middle hides nothing: what came after it waits, and comes after it', async () => {
  const start = await checkpointAtEnd(log.service.pool);
  const slow = await openTransaction();
  const first = await append(slow, 'slow');
  const second = eventOf({ server: 'fast' });
  await appendEvents(log.service.pool, [second], options);
  assert.deepEqual(await idsAfter(start), []);
  await slow.query('COMMIT');
  slow.release();
  await eventually(async () => assert.deepEqual(await idsAfter(start), [first, second.eventId]));
});

test('of two writers of one server, the one that numbers first is read first, though the other began before', async () => {
  const start = await checkpointAtEnd(log.service.pool);
  const holder = await openTransaction();
  const first = await append(holder, 'shared');
  // It waits for the line; had it a number by now, it would be read in the wrong place.
  const third = eventOf({ server: 'shared' });
  const waiting = appendEvents(log.service.pool, [third], options);
  const second = await append(holder, 'shared');
  await holder.query('COMMIT');
  holder.release();
  await waiting;
  await eventually(async () =>
    assert.deepEqual(await idsAfter(start), [first, second, third.eventId]),
  );
});

test('of eight writers at random, a tailing reader sees every committed event once, each stream in its order', async () => {
  const start = await checkpointAtEnd(log.service.pool);
  const seed = Date.now() % 100_000;
  const committed = new Set<string>();
  let failures = 0;

  async function serverWriter(random: (below: number) => number): Promise<void> {
    for (let round = 0; round < 25; round++) {
      const events = Array.from({ length: 1 + random(6) }, () =>
        eventOf({ server: `random-${random(4)}` }),
      );
      await appendEvents(log.service.pool, events, options);
      for (const event of events) committed.add(event.eventId);
    }
  }
  async function slowWriter(random: (below: number) => number): Promise<void> {
    for (let round = 0; round < 12; round++) {
      const client = await openTransaction();
      const id = await append(client, `random-slow-${random(3)}`);
      await client.query('SELECT pg_sleep($1::float8 / 1000)', [random(30)]);
      const kept = random(4) > 0;
      await client.query(kept ? 'COMMIT' : 'ROLLBACK');
      client.release();
      if (kept) committed.add(id);
    }
  }
  async function aggregateWriter(random: (below: number) => number): Promise<void> {
    for (let round = 0; round < 25; round++) {
      const stream = `random:${random(3)}`;
      const { rows } = await log.service.pool.query<{ version: bigint }>(
        'SELECT version FROM hookline.stream_version WHERE stream = $1',
        [stream],
      );
      const events = [{ type: 'Changed', data: { round } }];
      const expectedVersion = rows[0]?.version ?? 0n;
      await log.service.kysely
        .transaction()
        .execute((transaction) =>
          appendToStream(transaction, { stream, expectedVersion, events, metadata }),
        )
        .catch(() => {
          failures += 1;
        });
    }
  }

  const seen: LoggedEvent[] = [];
  const tail = tailLog(log.owner.pool, { after: start, pageEvents: 17, pollMs: 5 });
  const reading = (async () => {
    for await (const page of tail) seen.push(...page.events);
  })();
  const writers = [serverWriter, serverWriter, serverWriter, serverWriter, slowWriter, slowWriter];
  await Promise.all(
    [...writers, aggregateWriter, aggregateWriter].map((write, n) => write(randomFrom(seed + n))),
  );
  const { rows } = await log.service.pool.query<{ event_id: string }>(
    "SELECT event_id FROM hookline.event_log WHERE stream LIKE 'random:%'",
  );
  for (const { event_id } of rows) committed.add(event_id);
  assert.equal(rows.length + failures, 50);
  await eventually(() => assert.ok(seen.length >= committed.size), { timeoutMs: 10_000 });
  tail.stop();
  await reading;

  assert.deepEqual(
    seen.map((event) => event.eventId).sort(),
    [...committed].sort(),
    `seed ${seed}`,
  );
  const versions = new Map<string, bigint>();
  for (const event of seen) {
    const expected = (versions.get(event.stream) ?? 0n) + 1n;
    assert.equal(event.version, expected, `stream ${event.stream}, seed ${seed}`);
    versions.set(event.stream, event.version);
  }
});

describe('a live tail', () => {
  test('is woken by an append, long before its poll', async () => {
    const tail = tailLog(log.service.pool, {
      after: await checkpointAtEnd(log.service.pool),
      pollMs: 60_000,
    });
    const pages = tail[Symbol.asyncIterator]();
    const next = pages.next();
    const event = eventOf({ server: 'woken' });
    await appendEvents(log.service.pool, [event], options);
    const waker = setInterval(tail.wake, 20);
    const page = await next;
    clearInterval(waker);
    assert.deepEqual(
      page.value?.events.map((each: LoggedEvent) => each.eventId),
      [event.eventId],
    );
    tail.stop();
    assert.equal((await pages.next()).done, true);
  });

  test('stops at once, though it waits', async () => {
    const tail = tailLog(log.service.pool, {
      after: await checkpointAtEnd(log.service.pool),
      pollMs: 60_000,
    });
    const next = tail[Symbol.asyncIterator]().next();
    tail.stop();
    assert.equal((await next).done, true);
  });

  test('throws what its read threw', async () => {
    const tail = tailLog(log.service.pool, { after: 'nowhere' as LogCheckpoint });
    await assert.rejects(tail[Symbol.asyncIterator]().next(), /not a checkpoint/);
  });
});

test('read on from a time, nothing recorded since is left out', async () => {
  const future = new Date(Date.now() + 3_600_000);
  await using old = await openTestLog();
  const insert = (minutes: number) =>
    old.owner.pool.query(
      `INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version,
        event_id, tenant, source, type, time, phase, extensions, data)
       VALUES (1, nextval('hookline.event_position'), 'aggregate', $1, 's', $2, $3, 't', 's', 'T', '', 'post', '{}', '{}')`,
      [new Date(future.getTime() + minutes * 60_000), minutes + 1, `evt_${minutes}`],
    );
  for (let minutes = 0; minutes < 60; minutes++) await insert(minutes);
  const from = async (minutes: number) => {
    const time = new Date(future.getTime() + minutes * 60_000);
    const after = await checkpointBefore(old.service.pool, time);
    const { events } = await eventually(async () => {
      const page = await readLog(old.service.pool, { after });
      assert.equal(page.events.at(-1)?.eventId, 'evt_59');
      return page;
    });
    return 60 - events.length;
  };
  assert.equal(await from(30), 24);
  assert.equal(await from(-10), 0);
  assert.equal(await from(3), 0);
  assert.equal(await from(100), 59);
});

describe('after a restore into another cluster, where transaction ids begin anew', () => {
  async function restored() {
    const opened = await openTestLog();
    await appendEvents(opened.service.pool, [eventOf({})], options);
    // As a dump brings them: rows of transactions that this cluster has yet to run.
    await opened.owner.pool.query(
      `INSERT INTO hookline.event_log (log_epoch, transaction_id, position, kind, recorded_at, stream,
        version, event_id, tenant, source, type, time, phase, extensions, data)
       VALUES (1, '900000000000', nextval('hookline.event_position'), 'aggregate', now(), 's', 1,
        'evt_restored', 't', 's', 'T', '', 'post', '{}', '{}')`,
    );
    return opened;
  }

  test('a new epoch begins, once, and a reader goes on from its checkpoint', async () => {
    await using opened = await restored();
    const checkpoint = checkpointOf({ logEpoch: 1, transactionId: '900000000000', position: 2n });
    assert.equal(await raiseLogEpochAfterRestore(opened.owner.kysely), true);
    assert.equal(await raiseLogEpochAfterRestore(opened.owner.kysely), false);
    const event = eventOf({});
    await appendEvents(opened.service.pool, [event], options);
    await eventually(async () => {
      const { events } = await readLog(opened.service.pool, { after: checkpoint });
      assert.deepEqual(
        events.map(({ eventId, logEpoch }) => [eventId, logEpoch]),
        [[event.eventId, 2]],
      );
    });
    const all = await readLog(opened.service.pool, { after: LOG_START });
    assert.equal(all.events.length, 3);
    assert.equal(all.events[1]?.eventId, 'evt_restored');
  });

  test('another cluster is told by its identifier, though its transactions are further on', async () => {
    await using opened = await openTestLog();
    assert.equal(await raiseLogEpochAfterRestore(opened.owner.kysely), false);
    await opened.owner.pool.query("UPDATE hookline.log_epoch SET system_identifier = '1'");
    assert.equal(await raiseLogEpochAfterRestore(opened.owner.kysely), true);
    assert.equal(await raiseLogEpochAfterRestore(opened.owner.kysely), false);
  });
});
