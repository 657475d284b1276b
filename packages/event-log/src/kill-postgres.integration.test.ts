import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { lineOf, newId } from '@hookline/contracts';
import {
  appendEvents,
  type Database,
  type EventToAppend,
  migrate,
  openDatabase,
  ownKey,
} from '@hookline/event-log';
import { freePort, startPostgres } from '@hookline/local-stack/servers';
import { eventually, tempDir } from '@hookline/testing';

const WRITERS = 4;
const BATCH = 250;
const BATCHES_BEFORE = 40;
const BATCHES_AFTER = 20;

test('P1: Postgres is killed while batches are appended; every confirmed batch is whole after the restart, and no other is there by half', async (t) => {
  await using owned = new AsyncDisposableStack();
  const folder = owned.use(await tempDir('killed-postgres'));
  const options = {
    dataDir: folder.path,
    port: await freePort(),
    logFile: join(folder.path, 'postgres.log'),
    superuserPassword: 'superuser',
    ownerPassword: 'owner',
  };
  const first = await startPostgres(options);
  owned.defer(() => first.stop());
  await migrate(first.url);
  const database = owned.use(
    openDatabase({ url: first.url, role: 'hookline_service', maxConnections: WRITERS }),
  );
  const confirmed = new Set<string>();
  const begun = new Set<string>();
  const stop = new AbortController();
  const writers = Array.from({ length: WRITERS }, (_, writer) =>
    write({ database, writer, confirmed, begun, signal: stop.signal }),
  );

  await untilConfirmed(confirmed, BATCHES_BEFORE);
  first.child.signal('SIGKILL');
  await first.child.exited;
  const second = await startPostgres(options);
  owned.defer(() => second.stop());
  await untilConfirmed(confirmed, confirmed.size + BATCHES_AFTER);
  stop.abort();
  const failures = (await Promise.all(writers)).reduce((sum, count) => sum + count, 0);

  assert.ok(failures > 0, 'appends were under way when Postgres died');
  const { rows } = await database.pool.query<{ batch: string; events: number }>(
    `SELECT source AS batch, count(*)::int AS events FROM hookline.event_log
     WHERE kind = 'server' GROUP BY source`,
  );
  const found = new Map(rows.map((row) => [row.batch, row.events]));
  assert.deepEqual(
    [...confirmed].filter((batch) => !found.has(batch)),
    [],
    'confirmed and lost',
  );
  assert.deepEqual(
    [...found].filter(([, events]) => events !== BATCH),
    [],
    'there by half',
  );
  assert.deepEqual(
    [...found.keys()].filter((batch) => !begun.has(batch)),
    [],
  );
  t.diagnostic(
    `${confirmed.size} batches confirmed, ${failures} appends failed, ${found.size} are there`,
  );
});

interface Writing {
  readonly database: Database;
  readonly writer: number;
  readonly confirmed: Set<string>;
  readonly begun: Set<string>;
  readonly signal: AbortSignal;
}

/** Appends one batch after the other, each once; answers how many appends failed. */
async function write({ database, writer, confirmed, begun, signal }: Writing): Promise<number> {
  let failures = 0;
  for (let number = 0; !signal.aborted; number += 1) {
    const batch = `/batches/${writer}-${number}`;
    begun.add(batch);
    try {
      await appendEvents(database.pool, eventsOf(batch, writer), { dedupeDays: 7 });
      confirmed.add(batch);
    } catch {
      failures += 1;
    }
  }
  return failures;
}

function eventsOf(batch: string, writer: number): EventToAppend[] {
  return Array.from({ length: BATCH }, (_, index) => {
    const eventId = newId('evt');
    const subject = `srv_${writer}_${index % 10}`;
    return {
      eventId,
      key: ownKey(eventId),
      line: lineOf('default', subject, 'node-1'),
      tenant: 'default',
      source: batch,
      type: 'server.started',
      subject,
      phase: 'post',
      status: 'success',
      extensions: {},
      data: `{"server_id":"${subject}"}`,
    };
  });
}

async function untilConfirmed(confirmed: ReadonlySet<string>, count: number): Promise<void> {
  await eventually(() => assert.ok(confirmed.size >= count, `${confirmed.size} of ${count}`), {
    timeoutMs: 30_000,
    intervalMs: 20,
  });
}
