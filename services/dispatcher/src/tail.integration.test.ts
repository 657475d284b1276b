import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  deliveryId,
  newId,
  type Outcome,
  type TailAttemptsRequest,
  type TailAttemptsResponse,
} from '@hookline/contracts';
import { hashApiKey, newApiKey } from '@hookline/credentials';
import { startReceiver } from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

let world: TestDispatchers;
before(async () => {
  world = await startTestDispatchers();
  await Promise.all([world.startDispatcher(), world.startDispatcher()]);
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

/** A tail that is listening: its first message, a heartbeat, has come. */
async function tail(given: Partial<TailAttemptsRequest> = {}, as = world.asAdmin) {
  const ending = new AbortController();
  const request = { subscriptionIds: [], eventTypes: [], outcomes: [], ...given };
  const stream = world.client().tailAttempts(request, { ...as, signal: ending.signal });
  const responses = stream[Symbol.asyncIterator]();
  const next = async (): Promise<TailAttemptsResponse['item']> =>
    (await responses.next()).value?.item;
  assert.equal((await next())?.$case, 'heartbeat');
  return { next, end: () => ending.abort() };
}

test('P3: a tail sees the attempts of its tenant as they end, whichever dispatcher makes them', async () => {
  const receiver = await startReceiver();
  const { subscriptionId } = await world.subscribe({ url: receiver.url, type: 'tail.seen' });
  const { next, end } = await tail({ subscriptionIds: [subscriptionId] });
  const ids = [];
  for (let round = 0; round < 10; round += 1) {
    const { event } = await world.publish('tail.seen');
    ids.push(deliveryId(event.id, subscriptionId));
  }
  const seen = [];
  while (seen.length < ids.length) {
    const item = await next();
    assert.ok(item?.$case === 'attempt');
    seen.push(item.value.deliveryId);
  }
  assert.deepEqual(seen.toSorted(), ids.toSorted());
  end();
  await receiver.stop();
});

test('P5: a tail shows what it was asked for, and another tenant’s key cannot tail the subscription', async () => {
  const receiver = await startReceiver({
    respond: ({ body }) => (body.includes('srv_bad') ? 500 : 200),
  });
  const { subscriptionId } = await world.subscribe({ url: receiver.url, type: 'tail.filtered.*' });
  const { next, end } = await tail({
    eventTypes: ['tail.filtered.*'],
    outcomes: [2 as Outcome],
  });
  await world.publish('tail.filtered.one', 'srv_good');
  const { event } = await world.publish('tail.filtered.two', 'srv_bad');
  const item = await next();
  assert.ok(item?.$case === 'attempt');
  assert.equal(item.value.deliveryId, deliveryId(event.id, subscriptionId));
  assert.deepEqual([item.value.httpStatus, item.value.number], [500, 1]);
  end();
  const stranger = await strangersKey();
  await assert.rejects(tail({ subscriptionIds: [subscriptionId] }, stranger), /NOT_FOUND/);
  const unknown = { subscriptionIds: [`sub_${'0'.repeat(26)}`] };
  await assert.rejects(tail(unknown), /NOT_FOUND/);
  await assert.rejects(tail({ eventTypes: ['a.>'] }), /INVALID_ARGUMENT/);
  await receiver.stop();
});

async function strangersKey() {
  const apiKey = newApiKey();
  const { pool } = world.database;
  await pool.query(`INSERT INTO hookline.tenant (name, tenant_id) VALUES ('stranger', $1)`, [
    newId('ten'),
  ]);
  await pool.query(
    `INSERT INTO hookline.api_key (key_id, tenant, role, name, key_hash) VALUES ($1, 'stranger', 'admin', 'test', $2)`,
    [newId('key'), hashApiKey(apiKey)],
  );
  return { apiKey };
}
