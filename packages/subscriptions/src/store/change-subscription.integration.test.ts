import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DomainError } from '@hookline/contracts';
import type { Database } from '@hookline/event-log';
import { openTestStore, settingsOf, testSealer } from '../fixtures.ts';
import { createSubscriptionStore, type SubscriptionStore } from './subscription-store.ts';

const actor = 'key:test';
let opened: Awaited<ReturnType<typeof openTestStore>>;
let database: Database;
let store: SubscriptionStore;

before(async () => {
  opened = await openTestStore(['default', 'small', 'busy']);
  database = opened.database;
  store = createSubscriptionStore(database, { sealer: testSealer });
});

after(async () => {
  await opened[Symbol.asyncDispose]();
});

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof DomainError && error.code === code;

async function createOne(tenant = 'default') {
  const made = await store.create({ tenant, actor, settings: settingsOf() });
  return { tenant, actor, subscriptionId: made.subscription.id, secret: made.secret };
}

test('a subscription is paused, resumed, disabled and re-enabled, each change read as it was answered', async () => {
  const target = await createOne();
  const paused = await store.pause(target);
  assert.equal(paused.subscription.state, 'paused');
  assert.deepEqual(await store.get(target), paused.subscription);
  assert.deepEqual(await store.pause(target), { ...paused, kind: 'unchanged' });
  assert.equal((await store.resume(target)).subscription.state, 'active');
  const disabled = await store.disable({ ...target, reason: '410 Gone' });
  assert.deepEqual(await store.get(target), disabled.subscription);
  await assert.rejects(store.pause(target), refusedWith('failed_precondition'));
  const resumed = await store.resume(target);
  assert.deepEqual(resumed.missedSince, disabled.subscription.disabledAt);
  assert.deepEqual(await store.get(target), resumed.subscription);
  assert.equal(resumed.subscription.version, 5);
});

test('an update changes what it revises, re-enables, and is refused under an old etag', async () => {
  const target = await createOne();
  await store.disable({ ...target, reason: 'failing' });
  const revise = () => settingsOf({ url: 'https://other.example.com/', description: 'moved' });
  const etagged = { ...target, etag: '1' };
  await assert.rejects(store.update(etagged, revise), refusedWith('conflict'));
  const { subscription, missedSince } = await store.update({ ...target, etag: '2' }, revise);
  assert.ok(missedSince);
  assert.equal(subscription.state, 'active');
  assert.equal(subscription.settings.description, 'moved');
  assert.deepEqual(await store.get(target), subscription);
  const same = await store.update(target, (current) => current);
  assert.deepEqual(same, { kind: 'unchanged', subscription });
});

test('changes that come at once all happen, one after the other', async () => {
  const target = await createOne();
  await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      store.update(target, (current) => ({
        ...current,
        headers: { ...current.headers, [`X-${n}`]: '1' },
      })),
    ),
  );
  const found = await store.get(target);
  assert.equal(Object.keys(found.settings.headers).length, 6);
  assert.equal(found.version, 7);
});

test('a rotation is repeated with its secret, once, and another request under its id is refused', async () => {
  const target = await createOne();
  const rotation = { overlapMs: 60_000, requestId: 'rotate-1' };
  const [first, second] = await Promise.all([
    store.rotateSecret(target, rotation),
    store.rotateSecret(target, rotation),
  ]);
  assert.deepEqual(first, second);
  assert.notEqual(first.secret, target.secret);
  assert.equal((await store.get(target)).version, 2);
  await assert.rejects(
    store.rotateSecret(target, { ...rotation, overlapMs: 1 }),
    refusedWith('already_exists'),
  );
  const { rows } = await database.pool.query<{ text: string }>(
    `SELECT data AS text FROM hookline.event_log UNION ALL SELECT document FROM hookline.subscription
     UNION ALL SELECT response FROM hookline.request`,
  );
  for (const { text } of rows) assert.ok(!text.includes(first.secret));
});

test('an ed25519 key is made when asked for, shown by its public half, and sealed at rest', async () => {
  const target = await createOne();
  assert.equal((await store.get(target)).publicKey, undefined);
  const options = { signing: 'ed25519' };
  const { subscription } = await store.update(target, (current) => ({ ...current, options }));
  assert.match(subscription.publicKey ?? '', /^whpk_/);
  assert.deepEqual(await store.get(target), subscription);
  const rotated = await store.rotateSecret(target, { overlapMs: 0 });
  assert.notEqual(rotated.subscription.publicKey, subscription.publicKey);
  const { rows } = await database.pool.query<{ text: string }>(
    'SELECT data AS text FROM hookline.event_log UNION ALL SELECT document FROM hookline.subscription',
  );
  assert.ok(rows.every(({ text }) => !text.includes('whsk_')));
});

test('a quota holds when many create at once, and a deletion gives a place back', async () => {
  await database.pool.query(
    "UPDATE hookline.tenant SET subscriptions_max = 5 WHERE name = 'small'",
  );
  const other = createSubscriptionStore(database, { sealer: testSealer });
  const results = await Promise.allSettled(
    Array.from({ length: 16 }, (_, n) =>
      (n % 2 === 0 ? store : other).create({
        tenant: 'small',
        actor,
        settings: settingsOf(),
        ...(n % 3 === 0 && { requestId: `quota-${n}` }),
      }),
    ),
  );
  const made = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  assert.equal(made.length, 5);
  for (const result of results) {
    if (result.status === 'rejected') assert.ok(refusedWith('resource_exhausted')(result.reason));
  }
  const [first] = made;
  assert.ok(first);
  await store.delete({ tenant: 'small', actor, subscriptionId: first.subscription.id });
  await createOne('small');
  await assert.rejects(createOne('small'), refusedWith('resource_exhausted'));
  const { rows } = await database.pool.query<{ count: bigint }>(
    "SELECT subscriptions_count AS count FROM hookline.tenant WHERE name = 'small'",
  );
  assert.equal(rows[0]?.count, 5n);
});

test('what nobody waits for any more is not done', async () => {
  const target = await createOne('busy');
  const signal = AbortSignal.abort();
  await assert.rejects(store.pause({ ...target, signal }));
  await assert.rejects(store.create({ tenant: 'busy', actor, settings: settingsOf(), signal }));
  const { subscriptions } = await store.list({ tenant: 'busy', pageSize: 10 });
  assert.deepEqual(
    subscriptions.map(({ id, state }) => [id, state]),
    [[target.subscriptionId, 'active']],
  );
});
