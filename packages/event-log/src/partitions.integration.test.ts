import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { deliveryId, newId } from '@hookline/contracts';
import { appendEvents } from './append-events.ts';
import { openDatabase } from './database.ts';
import { eventOf, openTestLog } from './fixtures.ts';
import { checkSchema, migrate, SchemaTooNewError } from './migrate.ts';
import { ensurePartitions, withPartitions } from './partitions.ts';
import {
  dropPartition,
  type ExpiredPartition,
  findExpiredPartitions,
  findRetentionBoundary,
} from './partitions-retention.ts';

const OPTIONS = { dedupeDays: 7 };
const RETENTION = { retentionDays: 90, dedupeDays: 7 };
const DAY_MS = 24 * 60 * 60 * 1000;
/** Noon of a day long past its retention. */
const OLD = new Date(Math.floor(Date.now() / DAY_MS - 120) * DAY_MS + DAY_MS / 2);
const OLD_DAY = OLD.toISOString().slice(0, 10);

let log: Awaited<ReturnType<typeof openTestLog>>;
beforeEach(async () => {
  log = await openTestLog();
});
afterEach(() => log?.[Symbol.asyncDispose]());

const service = () => log.service.pool;
const owner = () => log.owner.pool;

async function partitions(): Promise<string[]> {
  const { rows } = await owner().query<{ name: string }>(
    `SELECT parent || ' ' || to_char(day, 'YYYY-MM-DD') AS name FROM hookline.list_partitions() ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

async function dropAllPartitions(): Promise<void> {
  await owner().query(`DO $$ DECLARE p record; BEGIN
    FOR p IN SELECT * FROM hookline.list_partitions() LOOP
      EXECUTE format('DROP TABLE hookline.%I', p.parent || to_char(p.day, '_YYYYMMDD'));
    END LOOP; END $$`);
}

/** An event of the old day, in the log, with its partitions; nothing waits for it yet. */
async function oldEvent() {
  for (const parent of ['event_log_server', 'attempt_log', 'idempotency_key']) {
    await owner().query('SELECT hookline.make_partition($1, $2)', [parent, OLD_DAY]);
  }
  const eventId = newId('evt', OLD.getTime());
  await owner().query(
    `INSERT INTO hookline.event_log (log_epoch, position, kind, recorded_at, stream, version, event_id,
       tenant, source, type, time, phase, extensions, data)
     VALUES (1, nextval('hookline.event_position'), 'server', $1, 'default/s/old', 1, $2, 'default', '/h',
       'server.started', '', 'post', '{}', '{}')`,
    [OLD, eventId],
  );
  return { eventId, subscriptionId: newId('sub') };
}

async function wait(old: { eventId: string; subscriptionId: string }, claimedBy?: string) {
  const delivery = deliveryId(old.eventId, old.subscriptionId);
  await service().query(
    `INSERT INTO hookline.schedule (delivery_id, subscription_id, tenant, event_id, event_type, event_recorded_at,
       line, sequence, due_at, attempts_count, attempt_number, claimed_by)
     VALUES ($1, $2, 'default', $3, 'server.started', $4, 'default/s/old', 1, now(), 3, 3, $5)`,
    [delivery, old.subscriptionId, old.eventId, OLD, claimedBy ?? null],
  );
  await service().query('INSERT INTO hookline.backlog (subscription_id, waiting) VALUES ($1, 3)', [
    old.subscriptionId,
  ]);
  return delivery;
}

const eventsOfOldDay: ExpiredPartition = {
  parent: 'event_log_server',
  day: OLD_DAY,
  keepDays: RETENTION.retentionDays,
};

describe('making partitions', () => {
  test('an append finds no partition of today and makes it, also when many come at once', async () => {
    await dropAllPartitions();
    const other = openDatabase({ url: log.url, role: 'hookline_service' });
    const appends = Array.from({ length: 12 }, (_, index) =>
      appendEvents(
        index % 2 === 0 ? service() : other.pool,
        [eventOf({ server: `s${index}` })],
        OPTIONS,
      ),
    );
    const results = (await Promise.all(appends)).flat();
    await other.close();
    assert.deepEqual(new Set(results.map(({ kind }) => kind)), new Set(['appended']));
    const today = new Date().toISOString().slice(0, 10);
    assert.ok((await partitions()).includes(`attempt_log ${today}`));
  });

  test('a write to the log of attempts makes its day too; a fault of the row itself is not tried again', async () => {
    await dropAllPartitions();
    let tries = 0;
    const write = (number: number) =>
      withPartitions(service(), () => {
        tries += 1;
        return service().query(
          `INSERT INTO hookline.attempt_log (attempt_id, delivery_id, subscription_id, tenant, event_id,
             event_type, event_recorded_at, sequence, number, started_at, duration_ms, url, outcome, trace_id,
             dispatcher_id, delivery_state)
           VALUES ('att_1', 'dlv_1', 'sub_1', 'default', 'evt_1', 'server.started', now(), 1, $1, now(), 1, '',
             'succeeded', '', 'd', 'succeeded')`,
          [number],
        );
      });
    await write(1);
    assert.equal(tries, 2);
    await assert.rejects(write(2 ** 40), /out of range/);
    assert.equal(tries, 3);
  });

  test('a partition is made beside a transaction that writes and one that reads', async () => {
    const client = await owner().connect();
    try {
      await client.query('BEGIN');
      await client.query(
        'LOCK TABLE hookline.event_log_server, hookline.attempt_log IN ROW EXCLUSIVE MODE',
      );
      await client.query('SELECT count(*) FROM hookline.event_log');
      await service().query('SELECT hookline.ensure_partitions(5)');
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
    const ahead = new Date(Date.now() + 5 * DAY_MS).toISOString().slice(0, 10);
    assert.ok((await partitions()).includes(`event_log_server ${ahead}`));
    await ensurePartitions(service());
  });
});

describe('dropping partitions', () => {
  test('what still waits on an expiring day becomes a dead letter in the same commit, and then the day is gone', async () => {
    const old = await oldEvent();
    const delivery = await wait(old);
    await service().query(
      `INSERT INTO hookline.outbox (position, event_id, recorded_at, line, sequence, subscription_epoch)
       VALUES (1, $1, $2, 'default/s/old', 1, 0)`,
      [old.eventId, OLD],
    );
    const expired = await findExpiredPartitions(service(), RETENTION);
    assert.deepEqual(
      expired.map(({ parent, day }) => [parent, day]),
      [
        ['idempotency_key', OLD_DAY],
        ['event_log_server', OLD_DAY],
        ['attempt_log', OLD_DAY],
      ],
    );
    for (const partition of expired) {
      assert.equal(await dropPartition(service(), partition), 'dropped');
      assert.equal(await dropPartition(service(), partition), 'gone');
    }
    const dead = await owner().query(
      'SELECT delivery_id, cause, attempts_count, state, subscription_id FROM hookline.dead_letter ORDER BY attempts_count DESC',
    );
    assert.deepEqual(dead.rows, [
      {
        delivery_id: delivery,
        cause: 'expired',
        attempts_count: 3,
        state: 'open',
        subscription_id: old.subscriptionId,
      },
      {
        delivery_id: `dlv_${old.eventId.slice(4)}`,
        cause: 'expired',
        attempts_count: 0,
        state: 'open',
        subscription_id: '',
      },
    ]);
    const left = await owner().query(
      'SELECT (SELECT count(*) FROM hookline.schedule) + (SELECT count(*) FROM hookline.outbox) AS waiting, (SELECT waiting FROM hookline.backlog) AS backlog',
    );
    assert.deepEqual(left.rows, [{ waiting: 0n, backlog: 2n }]);
    const { rows } = await service().query(
      `SELECT action, parent, rows_affected AS rows FROM hookline.maintenance_log WHERE day = $1 AND action <> 'made' ORDER BY maintenance_id`,
      [OLD_DAY],
    );
    assert.deepEqual(rows, [
      { action: 'dropped', parent: 'idempotency_key', rows: 0n },
      { action: 'expired', parent: 'outbox', rows: 1n },
      { action: 'expired', parent: 'schedule', rows: 1n },
      { action: 'dropped', parent: 'event_log_server', rows: 0n },
      { action: 'dropped', parent: 'attempt_log', rows: 0n },
    ]);
    const boundary = await findRetentionBoundary(service());
    assert.equal(boundary?.toISOString(), new Date(Date.parse(OLD_DAY) + DAY_MS).toISOString());
    assert.deepEqual(await findExpiredPartitions(service(), RETENTION), []);
  });

  test('a delivery that a living dispatcher holds keeps its day; one of a dead dispatcher does not', async () => {
    const old = await oldEvent();
    await owner().query("INSERT INTO hookline.dispatcher (dispatcher_id) VALUES ('d-1')");
    await wait(old, 'd-1');
    assert.equal(await dropPartition(service(), eventsOfOldDay), 'waiting');
    assert.ok((await partitions()).includes(`event_log_server ${OLD_DAY}`));
    await owner().query(
      "UPDATE hookline.dispatcher SET heartbeat_at = now() - interval '5 minutes'",
    );
    assert.equal(await dropPartition(service(), eventsOfOldDay), 'dropped');
    const { rows } = await owner().query<{ error: string }>(
      'SELECT error FROM hookline.dead_letter',
    );
    assert.match(rows[0]?.error ?? '', /an attempt was under way/);
  });

  test('a drop gives way to who uses the table, and other days go on', async () => {
    const old = await oldEvent();
    await wait(old);
    const client = await owner().connect();
    try {
      await client.query('BEGIN');
      await client.query('SELECT count(*) FROM hookline.attempt_log');
      const attempts = { ...eventsOfOldDay, parent: 'attempt_log' } as const;
      const startedAt = performance.now();
      const dropped = dropPartition(service(), attempts);
      assert.equal(await dropped, 'busy');
      assert.ok(performance.now() - startedAt < 2_000);
      const [appended] = await appendEvents(service(), [eventOf({})], OPTIONS);
      assert.equal(appended?.kind, 'appended');
    } finally {
      await client.query('ROLLBACK');
      client.release();
    }
    assert.ok((await partitions()).includes(`attempt_log ${OLD_DAY}`));
  });

  test('writers and a drop beside each other: nothing deadlocks, nothing fails', async () => {
    await oldEvent();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let round = 0; round < 20; round += 1) {
        const [appended] = await appendEvents(
          service(),
          [eventOf({ server: `w${writer}` })],
          OPTIONS,
        );
        assert.equal(appended?.kind, 'appended');
      }
    });
    let result = await dropPartition(service(), eventsOfOldDay);
    while (result === 'busy') result = await dropPartition(service(), eventsOfOldDay);
    assert.equal(result, 'dropped');
    await Promise.all(writers);
  });

  test('Postgres refuses what is too young, and tables that are kept, whatever the caller says', async () => {
    const drop = (parent: string, day: string, days: number | null) =>
      service().query('SELECT hookline.drop_partition($1, $2::date, $3)', [parent, day, days]);
    const today = new Date().toISOString().slice(0, 10);
    await assert.rejects(drop('event_log_server', today, 1), /is not older than 1 days/);
    await assert.rejects(drop('event_log_server', today, 0), /must be at least 1/);
    await assert.rejects(drop('event_log_server', today, null), /must be at least 1/);
    await assert.rejects(drop('event_log_aggregate', OLD_DAY, 90), /not a table whose partitions/);
    await assert.rejects(
      service().query('SELECT hookline.expire_deliveries($1::date, 1, 10)', [today]),
      /is not older/,
    );
  });
});

describe('a schema that needs a newer program', () => {
  test('shuts this one out, in services and in migrations, and one that does not lets it work', async () => {
    await owner().query(
      "INSERT INTO hookline.migration (name, timestamp) VALUES ('9999-later', '2030-01-01')",
    );
    await checkSchema(log.service.kysely);
    await migrate(log.url);
    await owner().query("UPDATE hookline.schema_requirement SET program_at_least = '9999-later'");
    for (const attempt of [() => checkSchema(log.service.kysely), () => migrate(log.url)]) {
      await assert.rejects(attempt(), (error) => {
        assert.ok(error instanceof SchemaTooNewError);
        assert.match(
          error.message,
          /needs a program that knows schema "9999-later".*newer version/,
        );
        return true;
      });
    }
  });
});
