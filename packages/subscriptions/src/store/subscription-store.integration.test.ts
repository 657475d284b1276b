import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import { type Database, readStream } from '@hookline/event-log';
import { openTestStore, settingsOf, testSealer } from '../fixtures.ts';
import { foldStream } from './append-change.ts';
import { createSubscriptionCodec } from './sealed-document.ts';
import { createSubscriptionStore, type SubscriptionStore } from './subscription-store.ts';

const actor = 'key:test';
const SECRET = 'whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0';

let opened: Awaited<ReturnType<typeof openTestStore>>;
let database: Database;
let store: SubscriptionStore;

before(async () => {
  opened = await openTestStore(['default', 'other']);
  database = opened.database;
  store = createSubscriptionStore(database, { sealer: testSealer });
});

after(async () => {
  await opened[Symbol.asyncDispose]();
});

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof DomainError && error.code === code;

test('what was created is what is read, without its secret', async () => {
  const settings = settingsOf({
    auth: { kind: 'basic', username: 'u', password: 'p4ssw0rd' },
    headers: { 'X-Shop': '7' },
  });
  const { subscription, secret } = await store.create({ tenant: 'default', actor, settings });
  assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(subscription.version, 1);
  const read = await store.get({ tenant: 'default', subscriptionId: subscription.id });
  assert.deepEqual(read, subscription);
  assert.deepEqual(read.settings, settings);
  assert.ok(!JSON.stringify(read).includes(secret));
});

test('neither the log nor the read model nor the kept answer holds a secret in clear', async () => {
  const settings = settingsOf({ auth: { kind: 'bearer', token: 'tok-6b1f2d', base64: false } });
  await store.create({ tenant: 'default', actor, settings, secret: SECRET, requestId: 'clear' });
  const { rows } = await database.pool.query<{ text: string }>(
    `SELECT data AS text FROM hookline.event_log UNION ALL SELECT document FROM hookline.subscription
     UNION ALL SELECT response FROM hookline.request`,
  );
  assert.ok(rows.length >= 3);
  for (const { text } of rows) {
    assert.ok(!text.includes(SECRET) && !text.includes('tok-6b1f2d'));
  }
});

test('another tenant sees nothing and deletes nothing (P5)', async () => {
  const { subscription } = await store.create({ tenant: 'default', actor, settings: settingsOf() });
  const target = { tenant: 'other', subscriptionId: subscription.id, actor };
  await assert.rejects(store.get(target), refusedWith('not_found'));
  await assert.rejects(store.delete(target), refusedWith('not_found'));
  await assert.rejects(store.disable({ ...target, reason: 'x' }), refusedWith('not_found'));
  const page = await store.list({ tenant: 'other', pageSize: 10 });
  assert.deepEqual(page, { subscriptions: [], nextPageToken: '' });
});

test('a deleted subscription is gone, and deleting it again is refused', async () => {
  const { subscription } = await store.create({ tenant: 'default', actor, settings: settingsOf() });
  const target = { tenant: 'default', subscriptionId: subscription.id, actor };
  await store.delete(target);
  await assert.rejects(store.get(target), refusedWith('not_found'));
  await assert.rejects(store.delete(target), refusedWith('not_found'));
  const late = await store.disable({ ...target, reason: 'late' });
  assert.deepEqual([late.kind, late.subscription.state], ['unchanged', 'deleted']);
});

test('disabling takes effect once, keeps its reason and changes what the etag stands for', async () => {
  const { subscription } = await store.create({ tenant: 'default', actor, settings: settingsOf() });
  const target = { tenant: 'default', subscriptionId: subscription.id, actor: 'system:test' };
  const results = await Promise.all(
    Array.from({ length: 5 }, (_, n) => store.disable({ ...target, reason: `reason ${n}` })),
  );
  assert.equal(results.filter(({ kind }) => kind === 'changed').length, 1);
  const read = await store.get(target);
  assert.equal(read.state, 'disabled');
  assert.match(read.disabledReason ?? '', /^reason \d$/);
  await assert.rejects(store.delete({ ...target, etag: '1' }), refusedWith('conflict'));
  await store.delete({ ...target, etag: String(read.version) });
  const other = await store.create({ tenant: 'default', actor, settings: settingsOf() });
  await store.disable({ ...target, subscriptionId: other.subscription.id, reason: 'stays so' });
});

test('a request id answers as the first time, secret included, and refuses another request', async () => {
  const command = { tenant: 'default', actor, settings: settingsOf(), requestId: 'order-17' };
  const answers = await Promise.all([1, 2, 3, 4].map(() => store.create(command)));
  const again = await store.create(command);
  for (const answer of answers) assert.deepEqual(answer, again);
  await store.delete({ tenant: 'default', subscriptionId: again.subscription.id, actor });
  assert.deepEqual(await store.create(command), again);
  const different = settingsOf({ url: 'https://elsewhere.example.com/' });
  await assert.rejects(
    store.create({ ...command, settings: different }),
    refusedWith('already_exists'),
  );
  const elsewhere = await store.create({ ...command, tenant: 'other' });
  assert.notEqual(elsewhere.subscription.id, again.subscription.id);
});

test('an answer is kept for 24 hours', async () => {
  const command = { tenant: 'default', actor, settings: settingsOf(), requestId: 'aged' };
  const first = await store.create(command);
  await database.pool.query(
    "UPDATE hookline.request SET created_at = now() - interval '25 hours' WHERE request_id = 'aged'",
  );
  const second = await store.create(command);
  assert.notEqual(second.subscription.id, first.subscription.id);
  await database.pool.query(
    "UPDATE hookline.request SET created_at = now() - interval '25 hours' WHERE request_id = 'aged'",
  );
  assert.equal(await store.forgetRequests(), 1);
});

test('a tenant that is not there is refused, and its neighbours in the commit are created', async () => {
  const tenants = ['default', 'nobody', 'other', 'nobody', 'default'];
  const results = await Promise.allSettled(
    tenants.map((tenant) => store.create({ tenant, actor, settings: settingsOf() })),
  );
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
  );
});

test('hook numbers count up within a tenant, each used once', async () => {
  const made = await Promise.all(
    Array.from({ length: 100 }, () =>
      store.create({ tenant: 'other', actor, settings: settingsOf() }),
    ),
  );
  const numbers = made.map(({ subscription }) => subscription.hookNumber);
  assert.equal(new Set(numbers).size, 100);
  const { rows } = await database.pool.query<{ last: number }>(
    "SELECT hook_number_last AS last FROM hookline.tenant WHERE name = 'other'",
  );
  assert.equal(Math.max(...numbers), rows[0]?.last);
});

test('pages list every subscription once, newest first, and refuse a token of another list', async () => {
  await database.pool.query(
    "INSERT INTO hookline.tenant (name, tenant_id) VALUES ('paged', 'ten_paged')",
  );
  const ids: string[] = [];
  for (let n = 0; n < 7; n += 1) {
    const settings = settingsOf({
      description: n % 2 === 0 ? 'Even 50%' : 'odd',
      format: n < 3 ? 'cdhosting' : 'standard',
    });
    ids.push((await store.create({ tenant: 'paged', actor, settings })).subscription.id);
  }
  const listed: string[] = [];
  let pageToken = '';
  do {
    const page = await store.list({ tenant: 'paged', pageSize: 3, pageToken });
    listed.push(...page.subscriptions.map(({ id }) => id));
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(listed, ids.toSorted().reverse());
  const first = await store.list({ tenant: 'paged', pageSize: 3 });
  const foreign = {
    tenant: 'paged',
    pageSize: 3,
    pageToken: first.nextPageToken,
    formats: ['slack'],
  };
  await assert.rejects(store.list(foreign), refusedWith('invalid_argument'));
  await assert.rejects(store.list({ ...foreign, pageToken: 'x' }), refusedWith('invalid_argument'));
  const even = await store.list({
    tenant: 'paged',
    pageSize: 10,
    query: 'EVEN 50%',
    formats: ['standard'],
  });
  assert.equal(even.subscriptions.length, 2);
});

test('every row is what its log folds to (P8)', async () => {
  const codec = createSubscriptionCodec(testSealer);
  const rows = await database.kysely.selectFrom('hookline.subscription').selectAll().execute();
  assert.ok(new Set(rows.map(({ state }) => state)).size >= 3);
  for (const row of rows) {
    const { subscription_id: id, tenant } = row;
    const stream = await readStream(database.kysely, `subscription:${id}`);
    const folded = foldStream(stream.events, codec);
    const document = codec.openDocument(row.document, { tenant, id });
    const auth = document.auth();
    assert.deepEqual(folded, {
      id,
      tenant,
      hookNumber: row.hook_number,
      state: row.state,
      ...(row.disabled_reason !== null && { disabledReason: row.disabled_reason }),
      settings: {
        ...document.settings,
        notificationEmails: document.notificationEmails(),
        ...(auth !== undefined && { auth }),
      },
      ...(row.disabled_at !== null && { disabledAt: row.disabled_at.toISOString() }),
      ...(row.enabled_at !== null && { enabledAt: row.enabled_at.toISOString() }),
      secrets: document.secrets(),
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    });
    assert.equal(stream.version, row.version);
  }
});
