import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type DispatchableEvent, newId } from '@hookline/contracts';
import { createSealer, SealError } from '@hookline/credentials';
import { appendEvents, type Database, ownKey } from '@hookline/event-log';
import { eventually } from '@hookline/testing';
import { openTestStore, settingsOf, testSealer } from '../fixtures.ts';
import { createSubscriptionStore, type SubscriptionStore } from '../store/subscription-store.ts';
import { createSubscriptionIndex, type SubscriptionIndex } from './subscription-index.ts';

const actor = 'key:test';
/** So long that nothing is found by looking now and then. */
const NEVER_MS = 3_600_000;

let opened: Awaited<ReturnType<typeof openTestStore>>;
let database: Database;
let store: SubscriptionStore;
const indexes: SubscriptionIndex[] = [];

before(async () => {
  opened = await openTestStore(['default', 'other']);
  database = opened.database;
  store = createSubscriptionStore(database, { sealer: testSealer });
});

after(async () => {
  for (const index of indexes) await index.stop();
  await opened[Symbol.asyncDispose]();
});

async function openIndex(reconcileMs = NEVER_MS): Promise<SubscriptionIndex> {
  const index = createSubscriptionIndex(database, { sealer: testSealer, reconcileMs });
  indexes.push(index);
  await index.start();
  return index;
}

async function append(tenant = 'default', type = 'server.started'): Promise<DispatchableEvent> {
  const eventId = newId('evt');
  const event = {
    eventId,
    key: ownKey(eventId),
    line: `${tenant}/srv_1`,
    tenant,
    source: 'node-1',
    type,
    subject: 'srv_1',
    phase: 'post',
    status: 'success',
    extensions: {},
    data: '{}',
  } as const;
  const [appended] = await appendEvents(database.pool, [event], { dedupeDays: 7 });
  assert.equal(appended?.kind, 'appended');
  return appended as DispatchableEvent;
}

/** What a dispatcher does with an event. */
async function matchOf(index: SubscriptionIndex, { event, subscriptionEpoch }: DispatchableEvent) {
  await index.catchUp(subscriptionEpoch);
  return index.match(event, subscriptionEpoch).map(({ id }) => id);
}

test('created, then published at once: the event finds the subscription, every time', async () => {
  const index = await openIndex();
  for (let round = 0; round < 100; round += 1) {
    const settings = settingsOf({ filter: { types: [`round.r${round}`] } });
    const { subscription } = await store.create({ tenant: 'default', actor, settings });
    const accepted = await append('default', `round.r${round}`);
    assert.deepEqual(await matchOf(index, accepted), [subscription.id]);
    const found = index.get(subscription.id);
    assert.ok(found !== undefined && found.epoch <= accepted.subscriptionEpoch);
  }
});

test('an event accepted before the creation does not find it, however late it is matched', async () => {
  const index = await openIndex();
  const earlier = await append('default', 'late.match');
  const settings = settingsOf({ filter: { types: ['late.*'] } });
  const { subscription } = await store.create({ tenant: 'default', actor, settings });
  await index.refresh();
  assert.ok(index.get(subscription.id));
  assert.deepEqual(await matchOf(index, earlier), []);
  assert.deepEqual(await matchOf(index, await append('default', 'late.match')), [subscription.id]);
});

test('while eight writers create, an index that follows the epochs misses none', async () => {
  const index = await openIndex();
  const stores = Array.from({ length: 8 }, () =>
    createSubscriptionStore(database, { sealer: testSealer }),
  );
  const settings = settingsOf({ filter: { types: ['storm.*'] } });
  const created = new Set<string>();
  let writing = true;
  const writers = Promise.all(
    stores.map(async (each, n) => {
      for (let round = 0; round < 25; round += 1) {
        const tenant = n % 2 === 0 ? 'default' : 'other';
        const made = await each.create({ tenant, actor, settings });
        created.add(made.subscription.id);
      }
    }),
  ).finally(() => {
    writing = false;
  });
  let rounds = 0;
  while (writing) {
    // All that is answered by now must be known once the present epoch is.
    const answered = [...created];
    const { event, subscriptionEpoch } = await append('default', 'storm.came');
    await index.catchUp(subscriptionEpoch);
    const missed = answered.filter((id) => index.get(id) === undefined);
    assert.deepEqual(missed, []);
    const matched = new Set(index.match(event, subscriptionEpoch).map(({ id }) => id));
    const expected = answered.filter((id) => index.get(id)?.tenant === 'default');
    assert.ok(expected.every((id) => matched.has(id)));
    rounds += 1;
  }
  await writers;
  assert.ok(rounds > 3);
  const { rows } = await database.pool.query<{ count: bigint; epochs: bigint }>(
    `SELECT count(*), count(DISTINCT epoch) AS epochs FROM hookline.subscription`,
  );
  assert.equal(rows[0]?.count, rows[0]?.epochs);
});

test('another tenant’s subscriptions never match (P5)', async () => {
  const index = await openIndex();
  const settings = settingsOf({ filter: { types: ['walled.*'] } });
  const { subscription } = await store.create({ tenant: 'other', actor, settings });
  assert.deepEqual(await matchOf(index, await append('default', 'walled.x')), []);
  assert.deepEqual(await matchOf(index, await append('other', 'walled.x')), [subscription.id]);
});

test('disabled and deleted ones stop matching and can still be looked up', async () => {
  const index = await openIndex();
  const settings = settingsOf({ filter: { types: ['ending.*'] } });
  const make = async () =>
    (await store.create({ tenant: 'default', actor, settings })).subscription.id;
  const [kept, failing, unwanted] = [await make(), await make(), await make()];
  assert.equal((await matchOf(index, await append('default', 'ending.x'))).length, 3);
  await store.disable({ tenant: 'default', subscriptionId: failing, actor, reason: '410 Gone' });
  await store.delete({ tenant: 'default', subscriptionId: unwanted, actor });
  assert.deepEqual(await matchOf(index, await append('default', 'ending.x')), [kept]);
  assert.equal(index.get(failing)?.state, 'disabled');
  assert.equal(index.get(failing)?.disabledReason, '410 Gone');
  assert.equal(index.get(unwanted)?.state, 'deleted');
  const fresh = await openIndex();
  assert.equal(fresh.get(unwanted), undefined);
  assert.equal(fresh.epoch(), index.epoch());
});

test('secrets, credentials and the tenant’s settings are there for a delivery', async () => {
  const index = await openIndex(20);
  const { subscription, secret } = await store.create({
    tenant: 'default',
    actor,
    settings: settingsOf({ auth: { kind: 'bearer', token: 'tok', base64: true } }),
  });
  const indexed = await eventually(() => {
    const found = index.get(subscription.id);
    assert.ok(found);
    return found;
  });
  assert.deepEqual(indexed.secrets, [secret]);
  assert.deepEqual(indexed.auth, { kind: 'bearer', token: 'tok', base64: true });
  assert.equal(indexed.hookNumber, subscription.hookNumber);
  await database.pool.query(
    `UPDATE hookline.tenant SET control_name = 'Panel', contacts = '{ops@example.com}', updated_at = now()
     WHERE name = 'default'`,
  );
  await eventually(() => assert.equal(indexed.tenantSettings.controlName, 'Panel'));
  assert.deepEqual(indexed.tenantSettings.contacts, ['ops@example.com']);
});

test('with another master key the index does not start, and says why', async () => {
  const sealer = createSealer(Buffer.alloc(32, 9).toString('base64'));
  const index = createSubscriptionIndex(database, { sealer });
  await assert.rejects(
    index.start(),
    (error) => error instanceof SealError && /HOOKLINE_MASTER_KEY/.test(error.message),
  );
  await index.stop();
});

test('calls that wait for one epoch share the look at the database, and an epoch of the future does not hang', async () => {
  const warnings: string[] = [];
  let queries = 0;
  const counted: Database = {
    ...database,
    pool: new Proxy(database.pool, {
      get(pool, name) {
        if (name === 'query') queries += 1;
        const value: unknown = Reflect.get(pool, name);
        return typeof value === 'function' ? value.bind(pool) : value;
      },
    }),
  };
  const logger = { warn: (_: object, text: string) => warnings.push(text), error: () => {} };
  const index = createSubscriptionIndex(counted, {
    sealer: testSealer,
    logger,
    reconcileMs: NEVER_MS,
  });
  indexes.push(index);
  await index.start();
  await store.create({ tenant: 'default', actor, settings: settingsOf() });
  const wanted = index.epoch() + 1;
  queries = 0;
  await Promise.all(Array.from({ length: 50 }, () => index.catchUp(wanted)));
  assert.ok(queries <= 2, `${queries} queries`);
  await index.catchUp(index.epoch() + 1_000);
  assert.equal(warnings.length, 1);
});
