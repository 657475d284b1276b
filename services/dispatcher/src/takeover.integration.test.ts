import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateReplayRequest,
  DeliveryServiceService,
  deliveryId,
  ReplayState,
} from '@hookline/contracts';
import { createGrpcClient } from '@hookline/service-runtime';
import { eventually, findFreePortOffset, startReceiver } from '@hookline/testing';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';
import { startDispatcherProcess } from './test-dispatcher-process.ts';

let world: TestDispatchers;
before(async () => {
  world = await startTestDispatchers();
});
after(async () => {
  await world[Symbol.asyncDispose]();
});

/** gRPC of deliveries without an offset. */
const GRPC_PORT = 50_053;
/** A dispatcher is dead after 15 s, and the others look every 5 s. */
const TAKEN_OVER_WITHIN_MS = 30_000;

test('P1, P3: 30 s after a kill -9 what may have been sent is on record as unknown and sent again, and a replay goes on where it was', async () => {
  const offset = await findFreePortOffset();
  const killed = startDispatcherProcess({
    ...world.env,
    HOOKLINE_PORT_OFFSET: String(offset),
  });
  const counts = new Map<string, number>();
  let hanging = 0;
  const receiver = await startReceiver({
    respond: ({ headers, body }) => {
      const id = String(headers['webhook-id']);
      counts.set(id, (counts.get(id) ?? 0) + 1);
      if (!body.includes('srv_hangs') || counts.get(id) !== 1) return 200;
      hanging += 1;
      return { kind: 'hang' };
    },
  });
  const hung = await world.subscribe({ url: receiver.url, type: 'kill.hung', timeoutMs: 30_000 });
  const { event } = await world.publish('kill.hung', 'srv_hangs');
  const past = await world.subscribe({ url: receiver.url, type: 'kill.past' });
  const events = await world.accept(
    'kill.past',
    Array.from({ length: 60 }, (_, index) => `srv_${index % 7}`),
  );
  await world.send(events);
  await eventually(() => assert.equal(counts.size, 61), { timeoutMs: 30_000 });
  await eventually(async () => {
    const { rows } = await world.database.pool.query('SELECT FROM hookline.outbox');
    assert.equal(rows.length, 0);
  });
  assert.equal(hanging, 1);
  const client = createGrpcClient(DeliveryServiceService, {
    address: `127.0.0.1:${GRPC_PORT + offset}`,
  });
  const { replay } = await client.createReplay(
    CreateReplayRequest.fromPartial({
      replay: {
        source: {
          $case: 'events',
          value: { subscriptionId: past.subscriptionId, startTime: new Date(Date.now() - 600_000) },
        },
        deliveriesPerSecond: 40,
      },
    }),
    world.asAdmin,
  );
  client.close();
  const replayed = () => [...counts.values()].filter((count) => count > 1).length;
  await eventually(() => assert.ok(replayed() >= 10), { timeoutMs: 15_000 });
  await killed.kill();
  const killedAt = performance.now();
  await world.startDispatcher();
  const pastIds = events.map((entry) => deliveryId(entry.event.id, past.subscriptionId));
  await eventually(
    async () => {
      assert.ok(pastIds.every((id) => (counts.get(id) ?? 0) >= 2));
      const { delivery, attempts } = await world
        .client()
        .getDelivery({ id: deliveryId(event.id, hung.subscriptionId) }, world.asAdmin);
      assert.deepEqual(
        attempts.map(({ number, error, httpStatus }) => [number, error !== '', httpStatus]),
        [
          [1, true, 0],
          [2, false, 200],
        ],
      );
      assert.equal(delivery?.attemptsCount, 2);
    },
    { timeoutMs: TAKEN_OVER_WITHIN_MS },
  );
  assert.ok(performance.now() - killedAt < TAKEN_OVER_WITHIN_MS);
  const found = await world.client().getReplay({ id: replay?.id ?? '' }, world.asAdmin);
  assert.equal(found.replay?.state, ReplayState.REPLAY_STATE_COMPLETED);
  // None was handed over twice, though it was begun by one dispatcher and ended by another.
  assert.equal(found.replay?.progress?.enqueuedCount, 60n);
  await receiver.stop();
});

test('P1, P2: dispatchers are replaced one after the other while events flow: each is sent, and none twice', async () => {
  const counts = new Map<string, number>();
  const receiver = await startReceiver({
    requestsMax: 1,
    respond: ({ headers }) => {
      const id = String(headers['hookline-event-id']);
      counts.set(id, (counts.get(id) ?? 0) + 1);
      return { kind: 'respond', status: 200, afterMs: 20 };
    },
  });
  await world.subscribe({ url: receiver.url, type: 'rolling.event' });
  const ids: string[] = [];
  let flowing = true;
  const flow = (async () => {
    while (flowing) ids.push((await world.publish('rolling.event', 'srv_1')).event.id);
  })();
  let old = await world.startDispatcher();
  for (let round = 0; round < 2; round += 1) {
    const successor = await world.startDispatcher();
    const sent = counts.size;
    await eventually(() => assert.ok(counts.size > sent + 10), { timeoutMs: 10_000 });
    await old.stop();
    old = successor;
  }
  flowing = false;
  await flow;
  await eventually(() => assert.equal(counts.size, ids.length), { timeoutMs: 15_000 });
  assert.deepEqual(
    ids.filter((id) => counts.get(id) !== 1),
    [],
  );
  await receiver.stop();
});
