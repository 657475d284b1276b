import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Database, migrate, openDatabase } from '@hookline/event-log';
import { createTestDatabase } from '@hookline/testing';
import { createSealer } from './sealer.ts';
import { SealError, ShreddedError } from './sealing-key.ts';
import { createTenantSealer, openTenantSealer, type TenantSealerOptions } from './tenant-sealer.ts';

const masterKey = Buffer.alloc(32, 7).toString('base64');
const newMasterKey = Buffer.alloc(32, 8).toString('base64');
const owned = new AsyncDisposableStack();
const context = 'subscription:acme/sub_1:secret';

let database: Database;

before(async () => {
  const { url } = owned.use(await createTestDatabase({ migrate }));
  database = owned.use(openDatabase({ url, role: 'hookline_service' }));
  await query(
    "INSERT INTO hookline.tenant (tenant_id, name) SELECT 'ten_' || n, n FROM unnest($1::text[]) n",
    [['acme', 'other', 'gone', 'x', 'y']],
  );
});

after(() => owned.disposeAsync());

const query = async (text: string, values: unknown[]) =>
  (await database.pool.query(text, values)).rows;
const open = (options: Partial<TenantSealerOptions> = {}) =>
  createTenantSealer({ master: createSealer(masterKey), query, ...options });

test('P5 each tenant has a key of its own, the same in every process; a value opens in no other tenant', async () => {
  const [one, two] = [open(), open()];
  await Promise.all([one.ready(['acme', 'other']), two.ready(['acme', 'other'])]);
  const sealed = one.seal('supersecret', context);
  assert.match(sealed, /^v2\./);
  assert.equal(two.open(sealed, context), 'supersecret');
  assert.throws(() => two.open(sealed, 'subscription:other/sub_1:secret'), SealError);
  const other = one.seal('supersecret', 'subscription:other/sub_1:secret');
  assert.notEqual(other.split('.')[1], sealed.split('.')[1]);
});

test('without its key at hand nothing is sealed; with the master key sealed directly, a value still opens', async () => {
  const sealer = open();
  assert.throws(() => sealer.seal('x', context), /key of tenant acme is not at hand/);
  assert.equal(sealer.open(createSealer(masterKey).seal('older', context), context), 'older');
});

test('a tenant whose key was deleted gets none again: what it sealed is shredded', async () => {
  const sealer = open();
  await sealer.ready(['gone']);
  const place = 'subscription:gone/sub_1:secret';
  const sealed = sealer.seal('supersecret', place);
  await query("UPDATE hookline.tenant SET deleted_at = now() WHERE name = 'gone'", []);
  await query("DELETE FROM hookline.tenant_key WHERE tenant = 'gone'", []);
  assert.equal(sealer.open(sealed, place), 'supersecret');
  sealer.forget('gone');
  await sealer.ready(['gone']);
  assert.throws(() => sealer.open(sealed, place), ShreddedError);
  assert.throws(() => sealer.seal('more', place), ShreddedError);
  assert.deepEqual(await query("SELECT FROM hookline.tenant_key WHERE tenant = 'gone'", []), []);
});

test('keys in memory are bounded, and looked up again after a while', async () => {
  let asked = 0;
  let nowMs = 0;
  const counting = (text: string, values: unknown[]) => {
    asked += 1;
    return query(text, values);
  };
  await open().ready(['x', 'y', 'acme']);
  const sealer = open({ query: counting, entriesMax: 2, now: () => nowMs });
  await sealer.ready(['x', 'y']);
  await sealer.ready(['x', 'y']);
  assert.equal(asked, 1);
  nowMs = 60_000;
  await sealer.ready(['y']);
  assert.equal(asked, 2);
  await sealer.ready(['acme']);
  assert.throws(() => sealer.seal('', 'subscription:x/sub_1:secret'), /not at hand/);
});

test('a key sealed anew by a master key that a process does not know yet goes on in that process', async () => {
  let nowMs = 0;
  const older = open({ now: () => nowMs });
  await older.ready(['acme']);
  const sealed = older.seal('supersecret', context);
  const [row] = await query("SELECT data_key FROM hookline.tenant_key WHERE tenant = 'acme'", []);
  const both = createSealer(newMasterKey, [masterKey]);
  const anew = both.seal(both.open(row.data_key, 'tenant-key:acme'), 'tenant-key:acme');
  const replace = 'UPDATE hookline.tenant_key SET data_key = $1 WHERE tenant = $2';
  await assert.rejects(query(replace, [anew, 'acme']), /permission denied/);
  await query("DELETE FROM hookline.tenant_key WHERE tenant = 'acme'", []);
  await query("INSERT INTO hookline.tenant_key (tenant, data_key) VALUES ('acme', $1)", [anew]);
  nowMs = 60_000;
  await older.ready(['acme']);
  assert.equal(older.open(sealed, context), 'supersecret');
  const newer = await openTenantSealer({ masterKey: newMasterKey, olderKeys: [], query });
  await newer.ready(['acme']);
  assert.equal(newer.open(sealed, context), 'supersecret');
  await assert.rejects(open().ready(['acme']), SealError);
});
