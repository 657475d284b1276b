import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DeliveryState, deliveryId, Outcome } from '@hookline/contracts';
import { eventually, startReceiver } from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

let world: TestDispatchers;
before(async () => {
  world = await startTestDispatchers();
  await world.startDispatcher();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

const retry = (id: string) => world.client().retryDelivery({ id }, world.asAdmin);
const get = (id: string) => world.client().getDelivery({ id }, world.asAdmin);

async function attempted(id: string, count: number, state: DeliveryState) {
  await eventually(async () => {
    const { delivery } = await get(id);
    assert.deepEqual([delivery?.attemptsCount, delivery?.state], [count, state]);
  });
}

/** The acts on a delivery, each with who did it and why. */
async function acts(id: string) {
  const found = await world.audited(id);
  for (const { tenant, actor } of found) {
    assert.deepEqual([tenant, actor], ['default', world.adminKeyId]);
  }
  return found.map(({ action, reason }) => [action, reason]);
}

async function deadLetterState(id: string) {
  const { rows } = await world.database.pool.query<{ readonly state: string }>(
    'SELECT state FROM hookline.dead_letter WHERE delivery_id = $1',
    [id],
  );
  return rows.map(({ state }) => state);
}

test('P2: a retry of a scheduled delivery brings it forward and does not double it', async () => {
  let answer = 500;
  const bothAnswered = Promise.withResolvers<void>();
  const receiver = await startReceiver({
    async respond() {
      if (answer === 200) await bothAnswered.promise;
      return answer;
    },
  });
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'retry.scheduled',
    retryPolicy: { delaysMs: [60 * 60_000, 60 * 60_000] },
  });
  const { event } = await world.publish('retry.scheduled');
  const id = deliveryId(event.id, subscriptionId);
  await attempted(id, 1, DeliveryState.DELIVERY_STATE_SCHEDULED);
  answer = 200;
  const answers = await Promise.all([retry(id), retry(id)]);
  assert.ok(answers.every(({ delivery }) => delivery?.id === id));
  bothAnswered.resolve();
  // The second one found it due already, or being attempted: then it moved nothing.
  assert.deepEqual((await acts(id))[0], ['delivery.retried', null]);
  await attempted(id, 2, DeliveryState.DELIVERY_STATE_SUCCEEDED);
  await world.publish('retry.scheduled');
  await receiver.waitFor(3, 5_000);
  assert.equal(receiver.requests.length, 3);
  await receiver.stop();
});

test('a dead delivery is attempted once more: dead again when that fails, delivered after all when it succeeds', async () => {
  let answer = 500;
  const receiver = await startReceiver({ respond: () => answer });
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'retry.dead',
    retryPolicy: { delaysMs: [100] },
  });
  const { event } = await world.publish('retry.dead');
  const id = deliveryId(event.id, subscriptionId);
  await attempted(id, 2, DeliveryState.DELIVERY_STATE_DEAD);
  await retry(id);
  await attempted(id, 3, DeliveryState.DELIVERY_STATE_DEAD);
  assert.deepEqual(await deadLetterState(id), ['open']);
  answer = 200;
  await retry(id);
  await attempted(id, 4, DeliveryState.DELIVERY_STATE_SUCCEEDED);
  assert.deepEqual(await deadLetterState(id), ['delivered']);
  // One that succeeded is sent again under the same id.
  await retry(id);
  await attempted(id, 5, DeliveryState.DELIVERY_STATE_SUCCEEDED);
  assert.deepEqual(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size, 1);
  await world.store.disable({ tenant: 'default', actor: 'test', subscriptionId, reason: 'test' });
  await assert.rejects(retry(id), /FAILED_PRECONDITION.*disabled/);
  await assert.rejects(retry(`dlv_${'0'.repeat(26)}`), /NOT_FOUND/);
  const retried = ['delivery.retried', null];
  assert.deepEqual(await acts(id), [retried, retried, retried]);
  await receiver.stop();
});

test('P7: a blocked head can be retried by hand, or skipped: a dead letter then, and the next one goes out', async () => {
  let answer = 500;
  const receiver = await startReceiver({ respond: () => answer });
  const { subscriptionId } = await world.subscribe({
    url: receiver.url,
    type: 'retry.blocked',
    options: { on_exhausted: 'block' },
    ordering: 'per_server',
  });
  const entries = await world.accept('retry.blocked', ['srv_x', 'srv_x', 'srv_x']);
  await world.send(entries);
  const [first, second, third] = entries.map(({ event }) => deliveryId(event.id, subscriptionId));
  assert.ok(first && second && third);
  await attempted(first, 1, DeliveryState.DELIVERY_STATE_SCHEDULED);
  const skip = (deliveryId: string) =>
    world
      .client()
      .skipOrderedHead({ subscriptionId, deliveryId, reason: 'a poisoned event' }, world.asAdmin);
  await assert.rejects(skip(second), /FAILED_PRECONDITION.*not at the head/);
  await retry(first);
  await attempted(first, 2, DeliveryState.DELIVERY_STATE_SCHEDULED);
  answer = 200;
  await eventually(async () => {
    const { skipped, head } = await skip(first);
    assert.equal(skipped?.state, DeliveryState.DELIVERY_STATE_CANCELLED);
    assert.equal(head?.id, second);
  });
  await attempted(third, 1, DeliveryState.DELIVERY_STATE_SUCCEEDED);
  assert.deepEqual(await deadLetterState(first), ['open']);
  assert.deepEqual(await acts(first), [
    ['delivery.retried', null],
    ['delivery.skipped', 'a poisoned event'],
  ]);
  assert.deepEqual(await acts(second), [], 'what is refused is not on record');
  const sequences = receiver.requests.map(({ headers }) => Number(headers['hookline-sequence']));
  assert.deepEqual(sequences, [1, 1, 2, 3]);
  await receiver.stop();
});

test('deliveries are listed by every filter, page by page, those not tried yet included', async () => {
  const receiver = await startReceiver({
    respond: ({ body }) => (body.includes('srv_bad') ? 404 : 200),
  });
  const target = await world.subscribe({ url: receiver.url, type: 'list.*' });
  const { subscriptionId } = target;
  const tried = await world.accept('list.good', ['srv_good', 'srv_bad', 'srv_good']);
  await world.send(tried);
  await receiver.waitFor(3, 5_000);
  await world.store.pause(target);
  const waiting = await world.publish('list.waiting', 'srv_good');
  const all = [...tried, waiting].map(({ event }) => deliveryId(event.id, subscriptionId));
  const list = async (given: Partial<Parameters<typeof request>[0]> = {}) => {
    const { deliveries, nextPageToken } = await world
      .client()
      .listDeliveries(request({ subscriptionId, ...given }), world.asAdmin);
    return { ids: deliveries.map(({ id }) => id), nextPageToken };
  };
  const idsOf = (...indexes: number[]) =>
    indexes
      .map((index) => all[index])
      .toSorted()
      .reverse();
  await eventually(async () => assert.deepEqual((await list()).ids, idsOf(0, 1, 2, 3)));
  assert.deepEqual((await list({ subject: 'srv_bad' })).ids, idsOf(1));
  assert.deepEqual((await list({ eventTypes: ['list.waiting'] })).ids, idsOf(3));
  assert.deepEqual((await list({ eventId: tried[2]?.event.id ?? '' })).ids, idsOf(2));
  assert.deepEqual((await list({ outcomes: [Outcome.OUTCOME_HTTP_ERROR] })).ids, idsOf(1));
  assert.deepEqual((await list({ outcomes: [Outcome.OUTCOME_SUCCEEDED] })).ids, idsOf(0, 2));
  const byState = async (state: DeliveryState) => (await list({ states: [state] })).ids;
  assert.deepEqual(await byState(DeliveryState.DELIVERY_STATE_SCHEDULED), idsOf(3));
  assert.deepEqual(await byState(DeliveryState.DELIVERY_STATE_DEAD), idsOf(1));
  assert.deepEqual(await byState(DeliveryState.DELIVERY_STATE_SUCCEEDED), idsOf(0, 2));
  assert.deepEqual(await byState(DeliveryState.DELIVERY_STATE_CANCELLED), []);
  const startTime = new Date(waiting.event.recordedAt.getTime() + 60_000);
  assert.deepEqual((await list({ startTime })).ids, []);
  const { delivery } = await get(all[3] ?? '');
  assert.deepEqual([delivery?.attemptsCount, delivery?.nextAttemptTime], [0, undefined]);
  const pages: string[] = [];
  let pageToken = '';
  do {
    const page = await list({ pageSize: 1, pageToken });
    pages.push(...page.ids);
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  assert.deepEqual(pages, idsOf(0, 1, 2, 3));
  await receiver.stop();
});

function request(given: Partial<Parameters<ReturnType<typeof world.client>['listDeliveries']>[0]>) {
  return {
    ...{ pageSize: 50, pageToken: '', subscriptionId: '', eventId: '', states: [] },
    ...{ eventTypes: [], subject: '', outcomes: [], startTime: undefined, endTime: undefined },
    ...given,
  };
}
