import assert from 'node:assert/strict';
import { test } from 'node:test';
import { migrate, openDatabase } from '@hookline/event-log';
import { createTestDatabase, eventually } from '@hookline/testing';
import { hashApiKey, newApiKey } from './api-key.ts';
import { createApiKeyVerifier } from './verifier.ts';

test('P5: keys in Postgres: valid, expired, revoked, and the time of their use', async () => {
  await using testDatabase = await createTestDatabase({ migrate });
  await using database = openDatabase({ url: testDatabase.url, role: 'hookline_service' });
  const { pool } = database;
  await pool.query(
    "INSERT INTO hookline.tenant (tenant_id, name) VALUES ('ten_1', 'default'), ('ten_2', 'acme') ON CONFLICT DO NOTHING",
  );
  const insert = async (
    keyId: string,
    tenant: string,
    expiresAt: string | null,
  ): Promise<string> => {
    const key = newApiKey();
    await pool.query(
      `INSERT INTO hookline.api_key (key_id, tenant, role, name, key_hash, expires_at)
       VALUES ($1, $2, 'publisher', 'test', $3, $4)`,
      [keyId, tenant, hashApiKey(key), expiresAt],
    );
    return key;
  };
  const valid = await insert('key_valid', 'default', null);
  const other = await insert('key_other', 'acme', '2999-01-01T00:00:00Z');
  const expired = await insert('key_expired', 'default', '2020-01-01T00:00:00Z');
  const query = async (sql: string, parameters: unknown[]) =>
    (await pool.query(sql, parameters)).rows;
  const verifier = createApiKeyVerifier(query);

  const answers = await Promise.all(
    [valid, other, expired, newApiKey()].map((key) => verifier.verify(key)),
  );
  assert.deepEqual(answers, [
    { tenant: 'default', keyId: 'key_valid', role: 'publisher' },
    { tenant: 'acme', keyId: 'key_other', role: 'publisher' },
    undefined,
    undefined,
  ]);
  const used = await query(
    'SELECT key_id FROM hookline.api_key WHERE last_used_at IS NOT NULL ORDER BY 1',
    [],
  );
  assert.deepEqual(used, [{ key_id: 'key_other' }, { key_id: 'key_valid' }]);

  await pool.query("UPDATE hookline.api_key SET revoked_at = now() WHERE key_id = 'key_valid'");
  await eventually(async () => assert.equal(await verifier.verify(valid), undefined));
});
