import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { deliveryId } from '@hookline/contracts';
import { eventually, startReceiver } from '@hookline/testing';
import { verifyStandardWebhook } from '@hookline/webhook-signature';
import { blockBacklog } from './postgres/claims.ts';
import { listDeliveries } from './postgres/list-deliveries.ts';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

let world: TestDispatchers;
before(async () => {
  world = await startTestDispatchers();
  await world.startDispatcher();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

type Receiver = Awaited<ReturnType<typeof startReceiver>>;
const idsAt = ({ requests }: Receiver) =>
  requests.map(({ headers }) => headers['hookline-event-id']);

const waitingOf = async (subscriptionId: string) =>
  (
    await world.database.kysely
      .selectFrom('hookline.schedule')
      .select('delivery_id')
      .where('subscription_id', '=', subscriptionId)
      .execute()
  ).length;

test('while paused deliveries are made and wait; resumed, they all go on, with what is published then', async () => {
  const receiver = await startReceiver();
  const target = await world.subscribe({ url: receiver.url, type: 'state.paused' });
  await world.store.pause(target);
  const held = [await world.publish('state.paused'), await world.publish('state.paused')];
  await eventually(async () => assert.equal(await waitingOf(target.subscriptionId), 2));
  // The backlog is held, not claimed and given back in every round.
  await eventually(async () => {
    const { rows } = await world.database.pool.query(
      `SELECT FROM hookline.backlog WHERE subscription_id = $1 AND blocked_until = 'infinity'`,
      [target.subscriptionId],
    );
    assert.equal(rows.length, 1);
  });
  assert.deepEqual(receiver.requests, []);
  await world.store.resume(target);
  world.wake();
  const later = await world.publish('state.paused');
  await receiver.waitFor(3, 10_000);
  const expected = [...held, later].map(({ event }) => event.id);
  assert.deepEqual(new Set(idsAt(receiver)), new Set(expected));
  await eventually(async () => assert.equal(await waitingOf(target.subscriptionId), 0));
  await receiver.stop();
});

test('a backlog is never held once its subscription was resumed, however late a dispatcher hears of it', async () => {
  const { database, store } = world;
  const target = await world.subscribe({ url: 'http://127.0.0.1:9/', type: 'state.raced' });
  await database.pool.query(
    'INSERT INTO hookline.backlog (subscription_id, waiting) VALUES ($1, 0)',
    [target.subscriptionId],
  );
  await store.pause(target);
  await Promise.all([
    store.resume(target),
    ...Array.from({ length: 5 }, () => blockBacklog(database.pool, target.subscriptionId)),
  ]);
  await blockBacklog(database.pool, target.subscriptionId);
  const { rows } = await database.pool.query<{ blocked_until: unknown }>(
    'SELECT blocked_until FROM hookline.backlog WHERE subscription_id = $1',
    [target.subscriptionId],
  );
  assert.deepEqual(rows, [{ blocked_until: null }]);
});

test('while disabled no deliveries are made; re-enabled, only events accepted from then on are', async () => {
  const receiver = await startReceiver();
  const target = await world.subscribe({ url: receiver.url, type: 'state.disabled' });
  await world.store.disable({ ...target, reason: 'test' });
  const missed = await world.publish('state.disabled');
  await world.store.resume(target);
  const later = await world.publish('state.disabled');
  await receiver.waitFor(1, 10_000);
  await eventually(async () => {
    const { rows } = await world.database.pool.query('SELECT FROM hookline.outbox');
    assert.equal(rows.length, 0);
  });
  assert.deepEqual(idsAt(receiver), [later.event.id]);
  const { rows: made } = await listDeliveries(world.database.pool, {
    tenant: 'default',
    eventId: missed.event.id,
    limit: 10,
  });
  assert.deepEqual(made, []);
  await receiver.stop();
});

test('P3: what waits when a subscription is deleted is cancelled on record, tried before or not', async () => {
  const receiver = await startReceiver({ respond: 500 });
  const target = await world.subscribe({
    url: receiver.url,
    type: 'state.deleted',
    retryPolicy: { delaysMs: [60 * 60_000] },
  });
  const tried = await world.publish('state.deleted');
  await receiver.waitFor(1, 5_000);
  await eventually(async () => assert.equal(await waitingOf(target.subscriptionId), 1));
  await world.store.pause(target);
  const untried = await world.publish('state.deleted');
  await eventually(async () => assert.equal(await waitingOf(target.subscriptionId), 2));
  await world.store.delete(target);
  world.wake();
  await eventually(async () => assert.equal(await waitingOf(target.subscriptionId), 0));
  const { rows: listed } = await listDeliveries(world.database.pool, {
    tenant: 'default',
    subscriptionId: target.subscriptionId,
    limit: 10,
  });
  assert.deepEqual(
    listed.map(({ delivery_id, state, attempts_count }) => [delivery_id, state, attempts_count]),
    [untried, tried]
      .map(({ event }) => [
        deliveryId(event.id, target.subscriptionId),
        'cancelled',
        event.id === tried.event.id ? 1 : 0,
      ])
      .toSorted()
      .reverse(),
  );
  await eventually(async () => {
    const { rows } = await world.database.pool.query(
      'SELECT waiting, cancelling FROM hookline.backlog WHERE subscription_id = $1',
      [target.subscriptionId],
    );
    assert.deepEqual(rows, [{ waiting: 0n, cancelling: false }]);
  });
  await receiver.stop();
});

test('attempts are signed with every live secret and key, the newest first; one that has ended signs no more', async () => {
  const receiver = await startReceiver();
  const target = await world.subscribe({
    url: receiver.url,
    type: 'state.rotated',
    options: { signing: 'ed25519' },
  });
  const firstKey = (await world.store.get(target)).publicKey ?? '';
  const second = await world.store.rotateSecret(target, { overlapMs: 60_000 });
  await world.publish('state.rotated');
  await receiver.waitFor(1, 5_000);
  const verify = (index: number, secrets: string[], publicKeys: string[] = []) => {
    const request = receiver.requests[index];
    assert.ok(request);
    const nowSeconds = Date.now() / 1_000;
    const { headers, body } = request;
    return verifyStandardWebhook({ headers, body, secrets, publicKeys, nowSeconds }).kind;
  };
  const entries = (index: number) =>
    String(receiver.requests[index]?.headers['webhook-signature']).split(' ');
  assert.deepEqual(
    entries(0).map((entry) => entry.split(',')[0]),
    ['v1', 'v1', 'v1a', 'v1a'],
  );
  for (const secret of [target.secret, second.secret])
    assert.equal(verify(0, [secret]), 'verified');
  for (const key of [firstKey, second.subscription.publicKey ?? '']) {
    assert.equal(verify(0, [], [key]), 'verified');
  }
  const third = await world.store.rotateSecret(target, { overlapMs: 0 });
  await world.publish('state.rotated');
  await receiver.waitFor(2, 5_000);
  assert.equal(entries(1).length, 2);
  assert.equal(verify(1, [third.secret]), 'verified');
  assert.equal(verify(1, [target.secret, second.secret]), 'refused');
  await receiver.stop();
});
