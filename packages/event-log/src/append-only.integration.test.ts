import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { appendEvents } from './append-events.ts';
import { eventOf, openTestLog } from './fixtures.ts';
import { checkSchema, migrate } from './migrate.ts';

let log: Awaited<ReturnType<typeof openTestLog>>;
before(async () => {
  log = await openTestLog();
  await appendEvents(log.service.pool, [eventOf({})], { dedupeDays: 7 });
});
after(() => log?.[Symbol.asyncDispose]());

async function tablesOfLogs(): Promise<string[]> {
  const { rows } = await log.owner.pool.query<{ name: string }>(
    `SELECT format('hookline.%I', relname) AS name FROM pg_class
     WHERE relnamespace = 'hookline'::regnamespace AND relkind IN ('r', 'p')
       AND (relname LIKE 'event_log%' OR relname LIKE 'attempt_log%' OR relname = 'maintenance_log') ORDER BY relname`,
  );
  return rows.map((row) => row.name);
}

test('the logs refuse UPDATE, DELETE and TRUNCATE on the root and on each partition, to the service and to the owner', async () => {
  await log.service.pool.query('SELECT hookline.ensure_partitions(5)');
  const tables = await tablesOfLogs();
  assert.ok(tables.length > 8, tables.join());
  // Of a trigger for each row there must be a row, else nothing is refused and nothing is lost.
  const holding = new Set(
    (
      await log.owner.pool.query<{ name: string }>(
        `SELECT DISTINCT tableoid::regclass::text AS name FROM hookline.event_log`,
      )
    ).rows.map((row) => row.name),
  );
  holding.add('hookline.event_log').add('hookline.event_log_server');
  // Making partitions has put rows into it.
  holding.add('hookline.maintenance_log');
  for (const table of tables) {
    for (const statement of [
      `UPDATE ${table} SET ${table.endsWith('maintenance_log') ? 'parent' : 'tenant'} = 'x'`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ]) {
      await assert.rejects(log.service.pool.query(statement), /permission denied/, statement);
      if (!statement.startsWith('TRUNCATE') && !holding.has(table)) continue;
      await assert.rejects(log.owner.pool.query(statement), /append-only/, statement);
    }
  }
});

test('every partition has the triggers, those made later too', async () => {
  await log.service.pool.query('SELECT hookline.ensure_partitions(6)');
  const tables = await tablesOfLogs();
  for (const table of tables) {
    const { rows } = await log.owner.pool.query<{ tgname: string }>(
      `SELECT tgname FROM pg_trigger WHERE tgrelid = $1::regclass AND tgname LIKE 'append_only%' ORDER BY 1`,
      [table],
    );
    assert.deepEqual(
      rows.map((row) => row.tgname),
      ['append_only_row', 'append_only_truncate'],
      table,
    );
  }
});

test('services own nothing and cannot make or drop a table', async () => {
  const { rows } = await log.owner.pool.query(
    `SELECT relname FROM pg_class WHERE relowner = 'hookline_service'::regrole`,
  );
  assert.deepEqual(rows, []);
  for (const statement of [
    'CREATE TABLE hookline.own (x int)',
    'DROP TABLE hookline.event_log',
    'ALTER TABLE hookline.event_log DISABLE TRIGGER ALL',
    "SELECT hookline.make_partition('event_log_server', current_date + 9)",
    "INSERT INTO hookline.maintenance_log (action, parent, day) VALUES ('dropped', 'event_log_server', current_date)",
    "UPDATE hookline.schema_requirement SET program_at_least = 'x'",
  ]) {
    await assert.rejects(log.service.pool.query(statement), /permission denied|must be owner/);
  }
});

test('migrations may be run again, and by several at once', async () => {
  await Promise.all([migrate(log.url), migrate(log.url), migrate(log.url)]);
  await checkSchema(log.service.kysely);
});
