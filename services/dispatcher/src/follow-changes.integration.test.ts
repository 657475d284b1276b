import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createSealer } from '@hookline/credentials';
import { createSubscriptionIndex, type SubscriptionIndex } from '@hookline/subscriptions';
import { createLogger } from '@hookline/telemetry';
import { eventually } from '@hookline/testing';
import { followChanges } from './follow-changes.ts';
import { startTestDispatchers, type TestDispatchers } from './test-dispatcher.ts';

const logger = createLogger({ service: 'dispatcher', level: 'silent' });
const NEVER_MS = 3_600_000;

let world: TestDispatchers;
const stops = new AsyncDisposableStack();
before(async () => {
  world = await startTestDispatchers();
});
after(async () => {
  await stops.disposeAsync();
  await world[Symbol.asyncDispose]();
});

async function openIndex(reconcileMs: number): Promise<SubscriptionIndex> {
  const sealer = createSealer(Buffer.alloc(32, 7).toString('base64'));
  const index = createSubscriptionIndex(world.database, { sealer, logger, reconcileMs });
  stops.defer(() => index.stop());
  await index.start();
  return index;
}

test('a change is known to every one of two dispatchers within 200 ms of its wake-up', async (t) => {
  const indexes = await Promise.all([openIndex(NEVER_MS), openIndex(NEVER_MS)]);
  let changed = () => {};
  for (const index of indexes) {
    const following = followChanges(world.nats, index, { logger, onChanged: () => changed() });
    stops.defer(() => following.stop());
  }
  await world.nats.connection.flush();
  const durations: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    const target = await world.subscribe({ url: 'http://127.0.0.1:9/', type: 'change.known' });
    const answeredAt = performance.now();
    await new Promise<void>((resolve) => {
      changed = () => {
        if (indexes.every((index) => index.get(target.subscriptionId) !== undefined)) resolve();
      };
      world.wake();
    });
    durations.push(performance.now() - answeredAt);
  }
  durations.sort((a, b) => a - b);
  const median = durations[7] ?? Number.POSITIVE_INFINITY;
  const worst = durations.at(-1) ?? Number.POSITIVE_INFINITY;
  t.diagnostic(`median ${median.toFixed(1)} ms, worst of 15 ${worst.toFixed(1)} ms`);
  assert.ok(median < 200, `${median.toFixed(0)} ms`);
});

test('a change whose wake-up was lost is found by looking now and then', async () => {
  const indexes = await Promise.all([openIndex(50), openIndex(50)]);
  const target = await world.subscribe({ url: 'http://127.0.0.1:9/', type: 'change.healed' });
  await world.store.pause(target);
  await eventually(() => {
    for (const index of indexes) assert.equal(index.get(target.subscriptionId)?.state, 'paused');
  });
});
