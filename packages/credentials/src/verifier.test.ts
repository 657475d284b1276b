import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashApiKey, newApiKey } from './api-key.ts';
import { createApiKeyVerifier, type Query } from './verifier.ts';

function keyTable() {
  const rows = new Map<
    string,
    { key_id: string; key_hash: string; tenant: string; role: string }
  >();
  const asked: string[][] = [];
  const query: Query = async (_sql, parameters) => {
    const hashes = parameters[0] as string[];
    asked.push(hashes);
    return hashes.flatMap((hash) => rows.get(hash) ?? []);
  };
  const add = (role = 'editor'): string => {
    const key = newApiKey();
    const key_hash = hashApiKey(key);
    rows.set(key_hash, { key_id: `key_${rows.size}`, key_hash, tenant: 'default', role });
    return key;
  };
  return { query, asked, add, revoke: (key: string) => rows.delete(hashApiKey(key)) };
}

test('a key is known by its hash, and a text that is no key is not asked for', async () => {
  const table = keyTable();
  const key = table.add();
  const verifier = createApiKeyVerifier(table.query);
  assert.deepEqual(await verifier.verify(key), {
    tenant: 'default',
    keyId: 'key_0',
    role: 'editor',
  });
  assert.equal(await verifier.verify(newApiKey()), undefined);
  assert.equal(await verifier.verify('hk_short'), undefined);
  assert.equal(table.asked.length, 2);
  assert.ok(!JSON.stringify(table.asked).includes('hk_'));
});

test('checks that come together share a query, and answers are believed for two seconds', async () => {
  const table = keyTable();
  const keys = [table.add(), table.add()];
  let nowMs = 0;
  const verifier = createApiKeyVerifier(table.query, { now: () => nowMs });
  const checkAll = () => Promise.all([...keys, ...keys].map((key) => verifier.verify(key)));
  await checkAll();
  assert.deepEqual(
    table.asked.map((hashes) => hashes.length),
    [2],
  );
  nowMs = 1_999;
  await checkAll();
  assert.equal(table.asked.length, 1);
  nowMs = 2_000;
  await checkAll();
  assert.equal(table.asked.length, 2);
});

test('a revoked key is refused within two seconds', async () => {
  const table = keyTable();
  const key = table.add();
  let nowMs = 0;
  const verifier = createApiKeyVerifier(table.query, { now: () => nowMs });
  assert.notEqual(await verifier.verify(key), undefined);
  table.revoke(key);
  nowMs = 2_000;
  assert.equal(await verifier.verify(key), undefined);
});

test('a key that is forgotten is asked for again at once, and no answer read before is remembered', async () => {
  const table = keyTable();
  const [key, other] = [table.add(), table.add()];
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let hold = false;
  const verifier = createApiKeyVerifier(
    async (sql, parameters) => {
      const rows = await table.query(sql, parameters);
      if (hold) await held;
      return rows;
    },
    { now: () => 0 },
  );
  await verifier.verify(other);
  hold = true;
  const asked = verifier.verify(key);
  await new Promise(setImmediate);
  table.revoke(key);
  verifier.forget('key_0');
  release();
  assert.equal((await asked)?.keyId, 'key_0');
  assert.equal(await verifier.verify(key), undefined);
  const before = table.asked.length;
  assert.equal((await verifier.verify(other))?.keyId, 'key_1');
  assert.equal(table.asked.length, before);
});

test('what is remembered is bounded; the least recently used goes first', async () => {
  const table = keyTable();
  const [often, once] = [table.add(), table.add()];
  const verifier = createApiKeyVerifier(table.query, { entriesMax: 2, now: () => 0 });
  for (const key of [often, once, often, newApiKey()]) await verifier.verify(key);
  assert.equal(table.asked.length, 3);
  await verifier.verify(often);
  assert.equal(table.asked.length, 3);
  await verifier.verify(once);
  assert.equal(table.asked.length, 4);
});

test('a database that cannot be asked is an error, not a wrong key, and is asked again', async () => {
  const table = keyTable();
  const key = table.add();
  let broken = true;
  const verifier = createApiKeyVerifier((sql, parameters) =>
    broken ? Promise.reject(new Error('no connection')) : table.query(sql, parameters),
  );
  await assert.rejects(verifier.verify(key), /no connection/);
  broken = false;
  assert.equal((await verifier.verify(key))?.keyId, 'key_0');
});

test('a row with a role that is not known lets nobody in', async () => {
  const table = keyTable();
  const key = table.add('owner');
  assert.equal(await createApiKeyVerifier(table.query).verify(key), undefined);
});
