import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '@hookline/testing';
import { appendEvents } from '../append-events.ts';
import { eventOf, openTestLog } from '../fixtures.ts';
import { checkProjection } from './check-projection.ts';
import { createProjectionRunner, ProjectionVersionError } from './projection-runner.ts';
import { alone, ProjectionBusyError, rebuildProjection } from './rebuild-projection.ts';
import { serverProjection } from './server-projection.ts';

const options = { dedupeDays: 7 };
const COMMAND = fileURLToPath(new URL('../commands/projections.ts', import.meta.url));

let log: Awaited<ReturnType<typeof openTestLog>>;
before(async () => {
  log = await openTestLog();
});
after(() => log?.[Symbol.asyncDispose]());

async function appendMany(count: number, servers: number): Promise<void> {
  for (let from = 0; from < count; from += 500) {
    const events = Array.from({ length: Math.min(500, count - from) }, (_, n) => {
      const server = `srv_${(from + n) % servers}`;
      return eventOf({ server, data: `{"server_id":"${server}","name":"n-${from + n}"}` });
    });
    await appendEvents(log.service.pool, events, options);
  }
}

async function count(table: string): Promise<number> {
  const { rows } = await log.owner.pool.query<{ n: bigint }>(
    `SELECT count(*) AS n FROM hookline.${table}`,
  );
  return Number(rows[0]?.n);
}

/** Waits until the live projection has folded everything there is. */
async function followed(server: string, sequence: bigint): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await log.service.pool.query<{ sequence: bigint }>(
        'SELECT sequence FROM hookline.server WHERE server = $1',
        [server],
      );
      assert.equal(rows[0]?.sequence, sequence);
    },
    { timeoutMs: 20_000 },
  );
}

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...process.env, HOOKLINE_POSTGRES_OWNER_URL: log.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [[code], out, err] = await Promise.all([
    once(child, 'exit'),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code: code as number, out, err };
}

describe('the projection of servers', () => {
  test('P8: holds the latest event of each server, with the rows and the checkpoint in one commit', async () => {
    await appendMany(10, 2);
    const runners = [1, 2].map(() =>
      createProjectionRunner(log.service, serverProjection, { pollMs: 10 }),
    );
    for (const runner of runners) runner.start();
    await followed('srv_1', 5n);
    await appendMany(2, 2);
    for (const runner of runners) runner.wake();
    await followed('srv_1', 6n);
    await Promise.all(runners.map((runner) => runner.stop()));
    const rows = await log.service.kysely.selectFrom('hookline.server').selectAll().execute();
    assert.deepEqual(
      rows
        .map(({ server, sequence, name, last_type }) => [server, sequence, name, last_type])
        .sort(),
      [
        ['srv_0', 6n, 'n-0', 'server.started'],
        ['srv_1', 6n, 'n-1', 'server.started'],
      ],
    );
    const { events_count } = await log.service.kysely
      .selectFrom('hookline.projection')
      .select('events_count')
      .executeTakeFirstOrThrow();
    assert.equal(events_count, 12n);
  });

  test('P8: rebuilt over 20,000 events while writes go on, it equals the live one', async () => {
    await appendMany(20_000, 500);
    const runner = createProjectionRunner(log.service, serverProjection, { pollMs: 10 });
    runner.start();
    let writing = true;
    const writes = (async () => {
      for (let n = 0; writing; n += 1) await appendMany(20, 20 + (n % 5));
    })();
    const { events } = await rebuildProjection(log.owner, serverProjection);
    const check = await checkProjection(log.owner, serverProjection);
    writing = false;
    await writes;
    assert.ok(events >= 20_012, String(events));
    assert.ok(check.equal, JSON.stringify(check.tables));
    assert.ok(check.events >= events);
    assert.equal(check.tables[0]?.rows, 500);
    // The runner goes on with the tables that were swapped in.
    await appendMany(1, 1);
    const { rows } = await log.service.pool.query<{ version: bigint }>(
      "SELECT version FROM hookline.event_log WHERE subject = 'srv_0' ORDER BY version DESC LIMIT 1",
    );
    await followed('srv_0', rows[0]?.version ?? 0n);
    await runner.stop();
    assert.ok((await checkProjection(log.owner, serverProjection)).equal);
    assert.equal(await count("projection WHERE slot = 'building'"), 0);
    const { rows: indexes } = await log.owner.pool.query<{ indexname: string }>(
      "SELECT indexname FROM pg_indexes WHERE tablename LIKE 'server%' AND schemaname = 'hookline' ORDER BY 1",
    );
    assert.deepEqual(
      indexes.map(({ indexname }) => indexname),
      ['server_pkey', 'server_recent'],
    );
  });

  test('a row that was changed by hand, lost or made up is found, and mended by a rebuild', async () => {
    await log.owner.pool.query("UPDATE hookline.server SET name = 'x' WHERE server = 'srv_1'");
    await log.owner.pool.query("DELETE FROM hookline.server WHERE server = 'srv_2'");
    const found = await run('check', 'server');
    assert.equal(found.code, 3, found.err);
    assert.match(found.out, /499 rows, 2 rows missing or different, 1 unexpected/);
    const rebuilt = await run('rebuild', 'server');
    assert.equal(rebuilt.code, 0, rebuilt.err);
    const equal = await run('check', 'server');
    assert.equal(equal.code, 0, equal.err);
    assert.match(equal.out, /500 rows, equal/);
    assert.match((await run('list')).out, /^server {2}live {2}version 1 {2}\d+ events/);
  });

  test('rows of another version are left alone until they are rebuilt', async () => {
    const newer = { ...serverProjection, version: 2 };
    const runner = createProjectionRunner(log.service, newer);
    await assert.rejects(runner.runOnce(), ProjectionVersionError);
    await rebuildProjection(log.owner, newer);
    await appendMany(1, 1);
    await eventually(async () => assert.equal(await runner.runOnce(), 1));
    await rebuildProjection(log.owner, serverProjection);
  });

  test('two rebuilds at once do not mix', async () => {
    await alone(log.owner, serverProjection, async () => {
      await assert.rejects(rebuildProjection(log.owner, serverProjection), ProjectionBusyError);
    });
  });

  test('what the log has dropped is forgotten, by the live tables as by a rebuild', async () => {
    await log.owner.pool.query(
      `UPDATE hookline.server SET last_recorded_at = now() - interval '9 days' WHERE server = 'srv_3'`,
    );
    const runner = createProjectionRunner(log.service, serverProjection, { pollMs: 10 });
    runner.start();
    await eventually(async () => assert.equal(await count("server WHERE server = 'srv_3'"), 0));
    await runner.stop();
  });

  test('the command says what it takes, and what is wrong', async () => {
    assert.match((await run('--help')).out, /Usage: npx pnpm projections/);
    const unknown = await run('rebuild', 'nothing');
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /there is no projection "nothing"; there is server/);
    assert.equal((await run()).code, 2);
    assert.equal((await run('--frob')).code, 2);
  });
});
