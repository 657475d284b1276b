import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from 'pg';
import { createTestDatabase } from './postgres.ts';

test('a test database is cloned from a template that was migrated once, and goes when dropped', async () => {
  let migrations = 0;
  const migrate = async (url: string) => {
    migrations += 1;
    await query(url, 'CREATE TABLE IF NOT EXISTS marker AS SELECT 7 AS value');
  };
  const first = await createTestDatabase({ migrate });
  await using second = await createTestDatabase({ migrate });
  assert.equal(migrations, 1);
  await query(first.url, 'DELETE FROM marker');
  assert.deepEqual(await query(second.url, 'SELECT value, current_user AS me FROM marker'), [
    { value: 7, me: 'hookline' },
  ]);
  await first.drop();
  await assert.rejects(query(first.url, 'SELECT 1'), { code: '3D000' });
});

test('the owner of a test database may make a role and become it, as migrations do', async () => {
  await using database = await createTestDatabase();
  const role = `${database.name}_service`;
  await query(database.url, `CREATE ROLE ${role} NOLOGIN`);
  const rows = await query(
    database.url,
    `SET ROLE ${role}; SELECT current_user AS me; RESET ROLE; DROP ROLE ${role}`,
  );
  assert.deepEqual(rows, [{ me: role }]);
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result: unknown = await client.query(text);
    const results = (Array.isArray(result) ? result : [result]) as { rows: unknown[] }[];
    return results.flatMap((one) => one.rows);
  } finally {
    await client.end();
  }
}
